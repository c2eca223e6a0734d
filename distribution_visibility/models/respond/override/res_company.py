from odoo import fields, models


class ResCompany(models.Model):
    """How long people hold what goes by itself, unless they say otherwise."""

    _inherit = "res.company"

    visibility_override_days = fields.Integer(
        "Overrides last (days)", default=7, help="What the dialog suggests; whoever overrides may say otherwise."
    )

    _visibility_override_days = models.Constraint(
        "CHECK (visibility_override_days > 0)", "An override lasts a day at least."
    )
