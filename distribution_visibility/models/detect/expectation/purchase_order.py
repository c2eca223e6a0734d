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
        if self.receipt_status != "full":
            return None
        return Reached(self._get_received_at(), sentence=self.env._("Everything received"))

    def _get_received_at(self):
        return max(filter(None, self.picking_ids.mapped("date_done")), default=fields.Datetime.now())

    def _get_reached_milestone(self, plan):
        """The first fact that tells it: of the supplier, of a carrier, or Odoo's own."""
        facts = self.visibility_landmark_ids | self.picking_ids.visibility_shipment_ids.landmark_ids
        return facts._get_first_reached(plan) or self._get_own_milestone(plan)

    def _get_own_milestone(self, plan):
        if self.receipt_status in ("partial", "full") and plan.is_reached_by(RANK_RECEIPT, True, 0):
            return Reached(self._get_received_at(), sentence=self.env._("Goods received"))
        # an answer sets Odoo's mark, too: once that is withdrawn the mark says nothing any more
        is_marked = self.acknowledged and not self.visibility_has_withdrawn
        if is_marked and plan.is_reached_by(RANK_ACKNOWLEDGED, True, 0):
            return Reached(fields.Datetime.now(), sentence=self.env._("Marked as acknowledged"))
        return None

    # ------------------------------------------------------------------ what changes it
    def _note_expected_changes(self, vals):
        """Values were written: follow those that may move, end or fulfil an expectation."""
        if vals.keys() & {"state", "acknowledged", "visibility_first_promise_at", "visibility_promise_at"}:
            self.filtered(lambda order: order.state in ("purchase", "done", "cancel"))._note_expectations()
