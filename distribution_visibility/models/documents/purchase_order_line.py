from datetime import timedelta

from odoo import api, fields, models

#: What moves the arrival of a line, because it is the arrival or because Odoo works the arrival out of it.
MOVES_THE_DATE = frozenset({"date_planned", "product_qty", "product_uom_id", "product_id", "order_id"})


class PurchaseOrderLine(models.Model):
    """Lines of orders to suppliers: what was promised of each, and who waits for it."""

    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "visibility.promise.mixin", "visibility.expectation.mixin"]
    _visibility_promise_field = "purchase_line_id"
    _visibility_moved_by = "supplier"
    _visibility_excused_by = ("customer", "us")

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
        """Of what is in nothing is promised any more: the date in an order's header goes to such lines, too."""
        if self.order_id.state != "purchase" or self.display_type or self.is_downpayment:
            return False
        is_over = self.visibility_promise_at and not self._is_awaited()
        return False if is_over else self.date_planned

    def _get_visibility_zone(self):
        return self.order_id._get_visibility_zone()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._keep_supplier_promises()
        return lines

    def write(self, vals):
        left = self.order_id if "order_id" in vals else self.order_id.browse()
        result = super().write(vals)
        if vals.keys() & MOVES_THE_DATE:
            self.order_id._keep_supplier_promises()
        if left:
            self._follow_move_from(left)
        self._note_expected_changes(vals)
        return result

    def _follow_move_from(self, orders):
        """These were moved here from other orders: what is expected of them, and their risk, goes with them."""
        (orders | self.order_id)._note_expectations()
        confirmed = self.filtered(lambda line: line.order_id.state == "purchase")
        self.env["visibility.exception"].sudo()._detect_moved_promises(confirmed.sudo())

    # ------------------------------------------------------------------ what is still to come
    def _get_incoming_moves(self):
        """The moves that bring these goods, cancelled ones included; nothing that goes back or is exchanged."""
        return self.move_ids.filtered(
            lambda move: (
                move.location_dest_id.usage != "supplier"
                and not move.origin_returned_move_id
                and not move.picking_id.return_id
            )
        )

    def _is_awaited(self):
        """Whether any of it is still to come.

        By what is open, not by quantities: a receipt may be closed short. Where nothing was ever received of the order,
        and for what is not received in the warehouse, only the quantities tell.
        """
        self.ensure_one()
        if self.display_type or self.is_downpayment or self.order_id.state != "purchase":
            return False
        states = set(self._get_incoming_moves().mapped("state"))
        if states - {"done", "cancel"}:
            return True
        if "done" in states or (states and "done" in self.order_id.order_line._get_incoming_moves().mapped("state")):
            return False
        return self.product_uom_id.compare(self.qty_received, self.product_qty) < 0

    # ------------------------------------------------------------------ what waits for it
    def _get_waiting_deliveries(self):
        """The customers' deliveries that wait for these lines: by line, the sale moves at the end of the chain."""
        waiting = {}
        for line in self:
            moves = line.move_ids | line.move_dest_ids
            chain = self.env["stock.move"].browse(moves._rollup_move_dests())
            waiting[line] = chain.filtered(
                lambda move: (
                    move.sale_line_id and move.state not in ("done", "cancel") and not move._get_sent_again_at()
                )
            )
        return waiting

    def _get_expected_delivery(self, move, arrival=None):
        """When a waiting delivery can go: as planned, or when the goods are there and through our own steps.

        What lies between the two in the plan is slack, and no time that anything takes.

        :param arrival: the receipt (naive UTC) to reckon with, else what the supplier promises now
        """
        return max(move.date, (arrival or self.date_planned) + self._get_handling_time(move))

    def _get_handling_time(self, move):
        """The lead times of the transfers between the receipt and a delivery that waits for it."""
        before = self.env["stock.move"].browse(move._rollup_move_origs())
        after = self.env["stock.move"].browse((self.move_ids | self.move_dest_ids)._rollup_move_dests())
        steps = (before & after) - self.move_ids - move
        return timedelta(days=sum(steps.rule_id.mapped("delay")))
