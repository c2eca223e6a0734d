{
    "name": "Distribution Visibility: Batches",
    "summary": "Put transfers of the picking list into batches, by hand or by an automation, and say so in the log",
    "version": "19.0.1.1.0",
    "category": "Supply Chain/Inventory",
    "license": "LGPL-3",
    "author": "Distribution Visibility contributors",
    "depends": [
        "distribution_visibility",
        "stock_picking_batch",
    ],
    "data": [
        "views/respond/ir_actions_server_views.xml",
        "views/respond/visibility_picking_list_views.xml",
    ],
    "auto_install": True,
}
