from odoo import api, fields, models

from ...lib.base.neighbours import told


class SaleOrderLine(models.Model):
    """Lines of customers' orders: what was promised of each."""

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "visibility.promise.mixin"]
    _visibility_promise_field = "sale_line_id"
    _visibility_excused_by = ("customer",)

    visibility_promise_ids = fields.One2many("visibility.promise", "sale_line_id", "Promises", readonly=True)

    def _get_promised_date(self):
        if self.state != "sale" or self.display_type or self.is_downpayment:
            return False
        return self._get_own_date() or self.order_id.commitment_date or self._expected_date()

    def _get_own_date(self):
        """Seam: the day (naive UTC) that was agreed on for this line alone, where an add-on knows one."""
        return told(self, "commitment_date")

    @api.model
    def _get_promise_fields(self):
        """Seam: the fields that move a line's promise when they are written."""
        return {"customer_lead", "commitment_date", "product_id", "order_id"}

    def _get_earlier_promise(self):
        """A revision has lines of its own: those before it are known by their product."""
        before = self.order_id._get_revised().order_line.filtered(lambda line: line.product_id == self.product_id)
        return min(filter(None, before.mapped("visibility_first_promise_at")), default=False)

    def _get_visibility_zone(self):
        return self.order_id._get_visibility_zone()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        confirmed = lines.filtered(lambda line: line.state == "sale")
        confirmed._keep_promises()
        # A line without a day of its own does not move what was promised of the order
        confirmed.filtered(lambda line: line._get_own_date()).order_id._keep_promises()
        return lines

    def write(self, vals):
        left = self.order_id if "order_id" in vals else self.order_id.browse()
        result = super().write(vals)
        if vals.keys() & self._get_promise_fields():
            self.order_id.filtered(lambda order: order.state == "sale")._keep_customer_promises()
        if left:
            (left | self.order_id)._note_expectations()
        return result

    # ------------------------------------------------------------------ its goods
    def _get_moves_out(self):
        """Its moves on the way to the customer, the steps before the delivery among them."""
        return self.move_ids.filtered(lambda move: move.state != "cancel" and move._goes_to_customer())

    def _is_to_go(self):
        """Whether goods of it have still to go: they are on the way out, or nobody has begun with them.

        What replaces goods that came back goes a second time: the line itself was shipped.
        """
        if self.qty_delivered_method != "stock_move":
            return False
        if self.move_ids:
            return any(move.state != "done" and not move._get_sent_again_at() for move in self._get_moves_out())
        return self.product_uom_id.compare(self.qty_delivered, self.product_uom_qty) < 0

    def _get_component_weights(self):
        """Of a kit: by component how much of it the line needs, and its part of the line's value, by cost."""
        moves = self.move_ids.filtered(lambda move: move.state != "cancel" and move._is_last_to_customer())
        needed = {product: sum(some.mapped("product_qty")) for product, some in moves.grouped("product_id").items()}
        costs = {one: needed[one] * one.with_company(self.company_id).standard_price for one in needed}
        total = sum(costs.values())
        return {one: (needed[one], costs[one] / total if total else 1 / len(needed)) for one in needed}
