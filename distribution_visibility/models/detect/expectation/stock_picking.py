from odoo import api, fields, models

from ....lib.detect.expectation.expectation_plan import Reached


class StockPicking(models.Model):
    """What is expected of a transfer: reserved, started, validated; and then of the carrier."""

    _inherit = "stock.picking"

    # ------------------------------------------------------------------ what is true of it
    def _get_expected_triggers(self):
        triggers = {}
        if self.state in ("waiting", "confirmed", "assigned", "done"):
            triggers["picking_confirmed"] = None
        if self.state in ("assigned", "done"):
            triggers["picking_ready"] = None
        if self.state == "done":
            triggers["picking_done"] = self.date_done or None
        return triggers

    def _get_expected_dates(self):
        return {
            "first_promise": self._get_promised("visibility_first_promise_at"),
            "latest_promise": self._get_promised("visibility_promise_at"),
            "scheduled": self.visibility_planned_at,
            "deadline": self.date_deadline,
        }

    def _get_expected_end(self):
        return self.env._("The transfer was cancelled.") if self.state == "cancel" else ""

    def _get_expected_warehouse(self):
        return self.picking_type_id.warehouse_id

    def _get_reached_fact(self, fact):
        if fact == "invoiced":
            return self.sale_id._get_invoiced_fact() if self.sale_id else None
        if fact == "picking_done":
            is_true, at, said = self.state == "done", self.date_done, self.env._("Validated")
        elif fact == "picking_started":
            is_true, at, said = self._is_started(), False, self.env._("Picking started")
        elif fact == "reserved":
            is_true, at, said = self.state in ("assigned", "done"), False, self.env._("Reserved")
        else:
            return super()._get_reached_fact(fact)
        return Reached(at or fields.Datetime.now(), sentence=said) if is_true else None

    @api.model
    def _get_excused(self, parts, fact):
        """Where goods are reserved by hand, or not before their day, it is enough that they are there."""
        if fact != "reserved":
            return super()._get_excused(parts, fact)
        pickings = self.union(*parts).with_prefetch()
        there = pickings.filtered(lambda one: one.products_availability_state == "available")
        return {one: Reached(fields.Datetime.now(), sentence=self.env._("Available")) for one in there}

    def _is_started(self):
        """Whether anybody works on it: its papers are printed, or something of it is picked."""
        return self.state == "done" or self.printed or any(move.picked for move in self.move_ids)

    def _get_reached_milestone(self, plan):
        """Reached when the last of the parcels reached it."""
        shipments = self.visibility_shipment_ids.filtered(lambda shipment: not shipment.is_test)
        reached = [shipment._get_reached_milestone(plan) for shipment in shipments]
        return max(reached, key=lambda one: one.at) if reached and all(reached) else None

    def _get_dependent_documents(self):
        return [self.sale_id, self.purchase_id, self.visibility_shipment_ids]

    # ------------------------------------------------------------------ what changes it
    def _compute_state(self):
        # All ways of confirming, reserving, validating and cancelling end here, in batches
        result = super()._compute_state()
        self._note_expectations()
        return result

    def _compute_scheduled_date(self):
        result = super()._compute_scheduled_date()
        self._note_expectations()
        return result

    def _note_promises(self):
        """What was promised of their goods has moved: follow those that are not done."""
        self.filtered(lambda picking: picking.state not in ("done", "cancel"))._note_expectations()

    def _note_expected_changes(self, vals):
        """Values were written: follow those that may move, end or fulfil an expectation."""
        if vals.keys() & {"printed", "scheduled_date", "date_deadline", "carrier_tracking_ref", "return_id"}:
            self._note_expectations()
