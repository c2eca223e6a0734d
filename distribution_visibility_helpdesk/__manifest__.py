{
    "name": "Distribution Visibility: Helpdesk",
    "summary": "One ticket for one exception, with the customer, the orders and the deadline in it",
    "version": "19.0.1.1.0",
    "category": "Supply Chain/Inventory",
    "license": "AGPL-3",
    "author": "Distribution Visibility contributors",
    "depends": [
        "distribution_visibility",
        "helpdesk_mgmt",
    ],
    "data": [
        "data/detect/visibility_expectation_template.xml",
        "data/respond/base_automation.xml",
        "views/respond/helpdesk_ticket_description.xml",
        "views/respond/visibility_exception_views.xml",
        "views/respond/ir_actions_server_views.xml",
        "views/detect/visibility_exception_category_views.xml",
        "views/documents/helpdesk_ticket_views.xml",
        "views/documents/res_config_settings_views.xml",
    ],
    "demo": [
        "demo/users.xml",
        "demo/respond.xml",
    ],
}
