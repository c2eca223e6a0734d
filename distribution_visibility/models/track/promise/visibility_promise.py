from odoo import api, fields, models


class VisibilityPromise(models.Model):
    """One date that was promised for an order or a line: when, by whom, and why it moved. Never changed.

    Odoo moves its own deadlines along with a supplier's dates, so lateness is measured against these.
    """

    _name = "visibility.promise"
    _description = "Promise"
    _inherit = ["visibility.evidence.mixin"]
    _order = "id desc"
    _rec_name = "promised_at"

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    sale_order_id = fields.Many2one("sale.order", index="btree_not_null", readonly=True, ondelete="cascade")
    sale_line_id = fields.Many2one("sale.order.line", index="btree_not_null", readonly=True, ondelete="cascade")
    purchase_order_id = fields.Many2one("purchase.order", index="btree_not_null", readonly=True, ondelete="cascade")
    purchase_line_id = fields.Many2one("purchase.order.line", index="btree_not_null", readonly=True, ondelete="cascade")
    promised_at = fields.Datetime("Promised for", required=True, readonly=True)
    previous_at = fields.Datetime("Before", readonly=True)
    days_moved = fields.Float(
        "Moved by (days)", compute="_compute_days_moved", store=True, help="Later is more than zero."
    )
    is_first = fields.Boolean("First", readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, default=lambda self: self.env.uid)
    reason = fields.Char("Why", readonly=True)
    create_date = fields.Datetime("When", readonly=True)

    @api.depends("promised_at", "previous_at")
    def _compute_days_moved(self):
        for promise in self:
            moved = promise.previous_at and promise.promised_at - promise.previous_at
            promise.days_moved = moved.total_seconds() / 86400 if moved else 0
