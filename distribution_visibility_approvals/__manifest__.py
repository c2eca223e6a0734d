{
    "name": "Distribution Visibility: Approvals",
    "summary": "What costs money or goods is decided by a second person, and the decision is kept",
    "version": "19.0.1.1.0",
    "category": "Supply Chain/Inventory",
    "license": "AGPL-3",
    "author": "Distribution Visibility contributors",
    "depends": [
        "base_tier_validation",
        "distribution_visibility",
    ],
    "data": [
        "security/ir.model.access.csv",
        "security/visibility_decision_rules.xml",
        "data/respond/ir_sequence.xml",
        "data/respond/tier_definition.xml",
        "data/respond/base_automation.xml",
        "data/detect/visibility_expectation_template.xml",
        "views/respond/visibility_decision_views.xml",
        "views/respond/base_automation_views.xml",
        "views/detect/visibility_exception_views.xml",
    ],
    "demo": [
        "demo/respond.xml",
    ],
    "uninstall_hook": "uninstall_hook",
}
