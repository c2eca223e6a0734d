from datetime import datetime

from odoo import fields, models

from ....lib.detect.expectation.expectation_plan import Reached

# What Odoo's own facts are worth in milestones (see data/track/event/visibility.milestone.csv).
RANK_ACKNOWLEDGED, RANK_RECEIPT = 20, 95


class PurchaseOrder(models.Model):
    """What is expected of an approved order: acknowledged, announced, received."""

    _inherit = "purchase.order"

    # ------------------------------------------------------------------ what is true of it
    def _get_expected_triggers(self):
        return {"purchase_approved": self.date_approve or None} if self.state in ("purchase", "done") else {}

    def _get_expected_dates(self):
        return {"first_promise": self.visibility_first_promise_at, "latest_promise": self.visibility_promise_at}

    def _get_expected_anew(self):
        return self.visibility_anew_at

    def _get_expected_end(self):
        return self.env._("The order was cancelled.") if self.state == "cancel" else ""

    def _get_expected_warehouse(self):
        return self.picking_type_id.warehouse_id

    def _get_expected_parts(self, model):
        if model == "purchase.order.line":
            return self.order_line.filtered(lambda line: not line.display_type)
        return super()._get_expected_parts(model)

    def _get_reached_fact(self, fact):
        if fact != "receipt_validated":
            return super()._get_reached_fact(fact)
        if not self._get_done_receipts() or any(line._is_awaited() for line in self.order_line):
            return None
        return Reached(self._get_received_at(), sentence=self.env._("Everything received"))

    def _get_done_receipts(self):
        return self.picking_ids.filtered(lambda one: one.state == "done" and not one.return_id)

    def _get_progress_words(self, fact):
        is_part = fact == "receipt_validated" and self.receipt_status == "partial"
        return self.env._("part of it is received") if is_part else ""

    def _get_received_at(self):
        return max(filter(None, self._get_done_receipts().mapped("date_done")), default=fields.Datetime.now())

    def _get_reached_milestone(self, plan):
        """The first fact that tells it: of the supplier, of a carrier, or Odoo's own."""
        facts = self._get_own_landmarks() | self.picking_ids.visibility_shipment_ids.landmark_ids
        return facts._get_first_reached(plan, self.visibility_anew_at) or self._get_own_milestone(plan)

    def _get_own_landmarks(self):
        """What the supplier said; of an order confirmed anew all of it, as the first time may be before that."""
        return self.visibility_event_ids if self.visibility_anew_at else self.visibility_landmark_ids

    def _is_still_reached(self, plan):
        if plan.fact:
            return super()._is_still_reached(plan)
        own = self._get_own_landmarks()._get_first_reached(plan, self.visibility_anew_at)
        shipments = self.picking_ids.visibility_shipment_ids
        return bool(own or self._get_own_milestone(plan) or any(one._is_still_reached(plan) for one in shipments))

    def _get_own_milestone(self, plan):
        received = self._get_received_at() if self._get_done_receipts() else datetime.min
        if received > (self.visibility_anew_at or datetime.min) and plan.is_reached_by(RANK_RECEIPT, True, 0):
            return Reached(received, sentence=self.env._("Goods received"))
        # an answer sets Odoo's mark, too: once that is withdrawn the mark says nothing any more
        is_marked = self.acknowledged and not self.visibility_has_withdrawn
        if is_marked and plan.is_reached_by(RANK_ACKNOWLEDGED, True, 0):
            return Reached(fields.Datetime.now(), sentence=self.env._("Marked as acknowledged"))
        return None

    # ------------------------------------------------------------------ what changes it
    def _note_expected_changes(self, vals):
        """Values were written: follow those that may move, end or fulfil an expectation."""
        if vals.keys() & {"state", "acknowledged", "visibility_first_promise_at", "visibility_promise_at"}:
            orders = self if "state" in vals else self.filtered(lambda order: order.state in ("purchase", "cancel"))
            orders._note_expectations()
