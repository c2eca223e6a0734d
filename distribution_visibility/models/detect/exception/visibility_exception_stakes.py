from odoo import api, fields, models


class VisibilityException(models.Model):
    """What is at stake: whose promise, and how much money.

    Of a purchase order or a receipt that is what waits for it. Where nothing waits, it is the document itself.
    """

    _inherit = "visibility.exception"

    value_at_risk = fields.Monetary(
        "Value at risk",
        compute="_compute_value_at_risk",
        store=True,
        help="Untaxed, in company currency: the customers' orders concerned; of a purchase order or receipt the order "
        "lines that wait for it, else the purchase order; of an invoice the invoice; of other transfers the goods "
        "at cost.",
    )
    promised_at = fields.Datetime(
        "Promise",
        compute="_compute_promised_at",
        store=True,
        help="The earliest promise at stake: of the shipment, of customers' orders, of the supplier, or the day an "
        "invoice is due.",
    )

    @api.depends(
        "res_model",
        "sale_order_ids.amount_untaxed",
        "sale_order_ids.currency_rate",
        "purchase_order_ids.amount_untaxed",
        "purchase_order_ids.currency_rate",
        "invoice_ids.amount_untaxed_signed",
        "picking_ids",
    )
    def _compute_value_at_risk(self):
        waiting = self._get_waiting_lines()
        for exception in self:
            values = (value for value in exception._get_values_at_risk(waiting.get(exception)) if value)
            exception.value_at_risk = next(values, 0)

    def _get_values_at_risk(self, waiting):
        """Candidates, best first; the first that is not zero counts."""
        if self.res_model == "account.move":
            yield self._sum_invoices()
        yield self._sum_orders(self.sale_order_ids)
        if waiting:
            yield sum(line.price_subtotal / (line.order_id.currency_rate or 1) for line in waiting)
        yield self._sum_orders(self.purchase_order_ids)
        yield self._sum_invoices()
        yield self._sum_goods()

    @api.model
    def _sum_orders(self, orders):
        """Untaxed amounts of orders in all currencies, in the currency of their company."""
        return sum(order.amount_untaxed / (order.currency_rate or 1) for order in orders)

    def _sum_invoices(self):
        return sum(abs(move.amount_untaxed_signed) for move in self.invoice_ids)

    def _sum_goods(self):
        moves = self.picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        products = moves.product_id.with_company(self.company_id)
        costs = {product.id: product.standard_price for product in products}
        return sum(move.product_qty * costs[move.product_id.id] for move in moves)

    @api.depends(
        "shipment_id.promised_at",
        "shipment_id.delivered_at",
        "sale_order_ids.visibility_promise_at",
        "purchase_order_ids.visibility_promise_at",
        "invoice_ids.invoice_date_due",
    )
    def _compute_promised_at(self):
        waiting = self._get_waiting_lines()
        for exception in self:
            exception.promised_at = next(filter(None, exception._get_promises(waiting.get(exception))), False)

    def _get_promises(self, waiting):
        """Candidates, best first; the first that there is counts."""
        if self.shipment_id:
            yield self.shipment_id.promised_at
        yield self._get_earliest(waiting.order_id if waiting else self.sale_order_ids)
        yield self._get_earliest(self.purchase_order_ids)
        yield min(filter(None, self.invoice_ids.mapped("invoice_date_due")), default=False)
        yield min(filter(None, self.picking_ids.mapped("date_deadline")), default=False)

    @api.model
    def _get_earliest(self, orders):
        """The earliest promise of orders that is not kept yet, or of all when all are."""
        pending = orders.filtered(lambda order: order._name != "sale.order" or order.delivery_status != "full")
        return min(filter(None, (pending or orders).mapped("visibility_promise_at")), default=False)

    # ------------------------------------------------------------------ what waits for it
    def _get_waiting_lines(self):
        """The customers' order lines that wait for purchase orders and receipts, by exception.

        Only of exceptions that name no customer's order. The queries follow the length of the longest chain of
        transfers, not the number of exceptions.
        """
        candidates = self.filtered(lambda one: not one.sale_order_ids and (one.purchase_order_ids or one.picking_ids))
        level = {
            one: (one.purchase_order_ids.order_line.move_ids | one.purchase_order_ids.order_line.move_dest_ids)
            | one.picking_ids.move_ids
            for one in candidates
        }
        found = dict.fromkeys(candidates, self.env["stock.move"])
        while any(level.values()):
            self.env["stock.move"].union(*level.values()).fetch(["move_dest_ids", "sale_line_id", "state"])
            found = {one: moves | level[one] for one, moves in found.items()}
            level = {one: moves.move_dest_ids - found[one] for one, moves in level.items()}
        return {one: lines for one, moves in found.items() if (lines := self._get_lines_of_moves(moves))}

    @api.model
    def _get_lines_of_moves(self, moves):
        return moves.filtered(lambda move: move.state not in ("done", "cancel")).sale_line_id
