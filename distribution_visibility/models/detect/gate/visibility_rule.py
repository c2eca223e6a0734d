from odoo import fields, models


class VisibilityRule(models.Model):
    _inherit = "visibility.rule"

    gate_ids = fields.Many2many(
        "visibility.gate",
        "visibility_rule_gate_rel",
        "rule_id",
        "gate_id",
        string="Stops, too",
        help="What the exceptions of this rule stop besides what their category stops, while they are Blocking. Who "
        "may override is up to the category.",
    )
