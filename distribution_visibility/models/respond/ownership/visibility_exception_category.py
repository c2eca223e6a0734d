from odoo import fields, models


class VisibilityExceptionCategory(models.Model):
    _inherit = "visibility.exception.category"

    fallback_user_id = fields.Many2one(
        "res.users",
        "If nobody is there",
        domain=[("share", "=", False)],
        help="Owns what no team and no person behind the document is there for.",
    )
