from odoo import fields, models
from odoo.tools import float_compare

from ....lib.detect.expectation.expectation_plan import Reached


class PurchaseOrderLine(models.Model):
    """What is expected of one line: that all of it is received by its own promise."""

    _inherit = "purchase.order.line"

    # ------------------------------------------------------------------ what is true of it
    def _get_expected_triggers(self):
        approved = self.order_id._get_expected_triggers()
        return {"purchase_line_approved": approved["purchase_approved"]} if approved and self.product_qty else {}

    def _get_expected_dates(self):
        return {"first_promise": self.visibility_first_promise_at, "latest_promise": self.visibility_promise_at}

    def _get_expected_end(self):
        return self.order_id._get_expected_end()

    def _get_expected_warehouse(self):
        return self.order_id._get_expected_warehouse()

    def _get_expectation_document(self):
        return self.order_id

    def _is_all_received(self):
        return float_compare(self.qty_received, self.product_qty, precision_rounding=self.product_uom_id.rounding) >= 0

    def _get_reached_fact(self, fact):
        if fact != "receipt_validated":
            return super()._get_reached_fact(fact)
        if self.product_id.type != "consu" or not self._is_all_received():
            return None
        received = max(filter(None, self.move_ids.picking_id.mapped("date_done")), default=fields.Datetime.now())
        return Reached(received, sentence=self.env._("All of it received"))

    def _get_reached_milestone(self, plan):
        return self.order_id._get_reached_milestone(plan)

    def _get_overdue_reason(self, expectation):
        if expectation.fact != "receipt_validated":
            return super()._get_overdue_reason(expectation)
        return self.env._(
            "%(product)s: %(received)g of %(ordered)g received, expected by %(due)s",
            product=self.product_id.display_name,
            received=self.qty_received,
            ordered=self.product_qty,
            due=expectation._format_due(self),
        )

    # ------------------------------------------------------------------ what changes it
    def _note_expected_changes(self, vals):
        """Values were written: follow those that may move, end or fulfil an expectation."""
        if vals.keys() & {"qty_received_manual", "product_qty"}:
            self.order_id.filtered(lambda order: order.state == "purchase")._note_expectations()
