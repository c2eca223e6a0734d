{
    "name": "Distribution Visibility: Carrier states",
    "summary": "What carriers' add-ons write on deliveries becomes facts: delivered, incidents, and the rest",
    "version": "19.0.1.1.0",
    "category": "Supply Chain/Inventory",
    "license": "AGPL-3",
    "author": "Distribution Visibility contributors",
    "depends": [
        "distribution_visibility",
        "delivery_state",
    ],
    "data": [
        "data/track/visibility_source.xml",
    ],
    "auto_install": True,
}
