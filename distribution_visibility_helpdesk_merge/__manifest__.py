{
    "name": "Distribution Visibility: Merged tickets",
    "summary": "The exceptions of tickets that are merged go along to the ticket that stays",
    "version": "19.0.1.1.0",
    "category": "Supply Chain/Inventory",
    "license": "AGPL-3",
    "author": "Distribution Visibility contributors",
    "depends": [
        "distribution_visibility_helpdesk",
        "helpdesk_mgmt_merge",
    ],
    "auto_install": True,
}
