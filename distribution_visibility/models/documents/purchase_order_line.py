from odoo import api, fields, models

#: What moves the arrival of a line, because it is the arrival or because Odoo works the arrival out of it.
MOVES_THE_DATE = frozenset({"date_planned", "product_qty", "product_uom_id"})


class PurchaseOrderLine(models.Model):
    """Lines of orders to suppliers: what was promised of each, and who waits for it."""

    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "visibility.promise.mixin", "visibility.expectation.mixin"]
    _visibility_promise_field = "purchase_line_id"

    visibility_promise_ids = fields.One2many("visibility.promise", "purchase_line_id", "Promises", readonly=True)
    visibility_split_from_id = fields.Many2one(
        "purchase.order.line",
        "Split off",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The line of which this is a part: the supplier delivers it on several dates, and knows one line.",
    )
    visibility_part_ids = fields.One2many("purchase.order.line", "visibility_split_from_id", "Parts", readonly=True)

    def _get_promised_date(self):
        if self.order_id.state != "purchase" or self.display_type:
            return False
        return self.date_planned

    def _get_visibility_zone(self):
        return self.order_id._get_visibility_zone()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._keep_supplier_promises()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & MOVES_THE_DATE:
            self.order_id._keep_supplier_promises()
        self._note_expected_changes(vals)
        return result

    # ------------------------------------------------------------------ what waits for it
    def _get_waiting_deliveries(self):
        """The customers' deliveries that wait for these lines: by line, the sale moves at the end of the chain."""
        waiting = {}
        for line in self:
            moves = line.move_ids | line.move_dest_ids
            chain = self.env["stock.move"].browse(moves._rollup_move_dests())
            waiting[line] = chain.filtered(lambda move: move.sale_line_id and move.state not in ("done", "cancel"))
        return waiting

    def _get_expected_delivery(self, move, arrival=None):
        """When a waiting delivery can happen: as long after the receipt as it was planned to be.

        :param arrival: the receipt (naive UTC) to reckon with, else what the supplier promises now
        """
        receipt = self.move_ids.filtered(lambda one: one.state != "cancel")[:1]
        planned = receipt.date or self.visibility_first_promise_at or self.date_planned
        return (arrival or self.date_planned) + max(move.date - planned, move.date - move.date)
