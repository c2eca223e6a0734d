from odoo import api, fields, models

from ....lib.base.days import days_between

WANTED_BY_WHOM = [
    ("customer", "The customer asked for it"),
    ("us", "We moved it"),
    ("supplier", "The supplier moved it"),
]


class VisibilityPromise(models.Model):
    """One date that was promised for an order or a line: when, by whom, and why it moved. Never changed.

    Odoo moves its own deadlines along with a supplier's dates, so lateness is measured against these.
    """

    _name = "visibility.promise"
    _description = "Promise"
    _inherit = ["visibility.evidence.mixin", "visibility.average.mixin"]
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
        "Moved by (days)",
        compute="_compute_days_moved",
        store=True,
        aggregator="avg",
        averaged_over="previous_at",
        help="In whole days where the goods are delivered; later is more than zero.",
    )
    is_first = fields.Boolean("First", readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, default=lambda self: self.env.uid)
    reason = fields.Char("Why", readonly=True)
    wanted_by = fields.Selection(
        WANTED_BY_WHOM,
        "Moved because",
        readonly=True,
        help="Whose wish it was. Who asks for another day is not let down: the new day is the one that counts then.",
    )
    create_date = fields.Datetime("When", readonly=True)

    @api.depends("promised_at", "previous_at")
    def _compute_days_moved(self):
        for promise in self:
            document = promise._get_promised_document()
            promise.days_moved = (
                days_between(promise.previous_at, promise.promised_at, document._get_visibility_zone())
                if promise.previous_at
                else 0
            )

    def _get_promised_document(self):
        """The line that it is a promise of, else the order."""
        return self.sale_line_id or self.purchase_line_id or self.sale_order_id or self.purchase_order_id
