from odoo import fields, models


class MailActivityPlan(models.Model):
    """Odoo's activity plan is our playbook: the usual steps for exceptions of some categories."""

    _inherit = "mail.activity.plan"

    visibility_category_ids = fields.One2many(
        "visibility.exception.category",
        "playbook_id",
        "Exception categories",
        help="Exceptions of these categories offer this plan as their playbook.",
    )
