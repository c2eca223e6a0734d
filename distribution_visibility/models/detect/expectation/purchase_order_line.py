from odoo import fields, models

from ....lib.detect.expectation.expectation_plan import Reached


class PurchaseOrderLine(models.Model):
    """What is expected of one line: that all of it is received by its own promise."""

    _inherit = "purchase.order.line"

    # ------------------------------------------------------------------ what is true of it
    def _get_expected_triggers(self):
        approved = self.order_id._get_expected_triggers()
        holds = approved and self.product_qty and not self.display_type
        return {"purchase_line_approved": approved["purchase_approved"]} if holds else {}

    def _get_expected_dates(self):
        return {"first_promise": self.visibility_first_promise_at, "latest_promise": self.visibility_promise_at}

    def _get_expected_anew(self):
        return self.visibility_anew_at

    def _get_expected_end(self):
        return self.order_id._get_expected_end()

    def _get_expected_warehouse(self):
        return self.order_id._get_expected_warehouse()

    def _get_expectation_document(self):
        return self.order_id

    def _get_reached_fact(self, fact):
        if fact != "receipt_validated":
            return super()._get_reached_fact(fact)
        if self.product_id.type != "consu" or self.order_id.state != "purchase" or self._is_awaited():
            return None
        receipts = self._get_incoming_moves().filtered(lambda move: move.state == "done").picking_id
        received = max(filter(None, receipts.mapped("date_done")), default=fields.Datetime.now())
        return Reached(received, sentence=self._say_received())

    def _say_received(self):
        if self.product_uom_id.compare(self.qty_received, self.product_qty) >= 0:
            return self.env._("All of it received")
        return self.env._(
            "%(received)g of %(ordered)g received, and nothing more is to come",
            received=self.qty_received,
            ordered=self.product_qty,
        )

    def _get_reached_milestone(self, plan):
        return self.order_id._get_reached_milestone(plan)

    def _is_still_reached(self, plan):
        return super()._is_still_reached(plan) if plan.fact else self.order_id._is_still_reached(plan)

    def _get_overdue_words(self):
        return {
            **super()._get_overdue_words(),
            "product": self.product_id.display_name or self.name,
            "received": f"{self.qty_received:g}",
            "ordered": f"{self.product_qty:g}",
            "missing": f"{max(self.product_qty - self.qty_received, 0):g}",
        }

    # ------------------------------------------------------------------ what changes it
    def _note_expected_changes(self, vals):
        """Values were written: follow those that may move, end or fulfil an expectation."""
        if vals.keys() & {"qty_received_manual", "product_qty"}:
            self.order_id.filtered(lambda order: order.state == "purchase")._note_expectations()
