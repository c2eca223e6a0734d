{
    "name": "Distribution Visibility: Maintenance",
    "summary": "A dock or a line that is down is an exception, with the transfers that wait for it",
    "version": "19.0.1.1.0",
    "category": "Supply Chain/Inventory",
    "license": "LGPL-3",
    "author": "Distribution Visibility contributors",
    "depends": [
        "distribution_visibility",
        "maintenance",
    ],
    "data": [
        "data/detect/visibility_rule.xml",
        "views/documents/maintenance_equipment_views.xml",
        "views/documents/maintenance_request_views.xml",
    ],
    "auto_install": True,
}
