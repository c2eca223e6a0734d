{
    "name": "Distribution Visibility: Quality",
    "summary": "Goods that wait for an inspection, or failed it, are an exception of their transfer",
    "version": "19.0.1.1.0",
    "category": "Supply Chain/Inventory",
    "license": "AGPL-3",
    "author": "Distribution Visibility contributors",
    "depends": [
        "distribution_visibility",
        "quality_control_oca",
    ],
    "data": [
        "data/detect/visibility_rule.xml",
        "views/documents/qc_inspection_views.xml",
    ],
    "auto_install": True,
}
