from odoo import fields, models

from ....lib.detect.expectation.expectation_plan import Reached
from ....lib.track.milestones import RANK_DELIVERED, RANK_PICKED_UP, RANK_RETURN


class VisibilityShipment(models.Model):
    """What is expected of a shipment: the next scan, and proof once it is delivered."""

    _name = "visibility.shipment"
    _inherit = ["visibility.shipment", "visibility.expectation.mixin"]

    # ------------------------------------------------------------------ what is true of it
    def _get_expected_triggers(self):
        if self.is_test:
            return {}
        triggers = {}
        is_moving = RANK_PICKED_UP <= self.milestone_rank < RANK_DELIVERED or self.milestone_rank == RANK_RETURN
        if is_moving and not self.received_at:
            triggers["shipment_moving"] = self.last_event_at
        if self.delivered_at and self.milestone_rank < RANK_RETURN:
            triggers["shipment_delivered"] = self.delivered_at
        return triggers

    def _get_expected_end(self):
        return self.env._("Its number was taken off our transfers.") if self.is_let_go else self._get_matter_end()

    def _get_expected_dates(self):
        documents = [picking._get_expected_dates() for picking in self.picking_ids]
        names = ("first_promise", "latest_promise")
        return {name: min(filter(None, (dates[name] for dates in documents)), default=False) for name in names}

    def _get_matter_end(self):
        """It is over when all of its transfers are; what has none may still be somebody's."""
        ends = [picking._get_expected_end() for picking in self.picking_ids]
        return ends[0] if ends and all(ends) else ""

    def _get_expected_warehouse(self):
        return self.picking_ids[:1].picking_type_id.warehouse_id

    def _get_reached_fact(self, fact):
        if fact == "any_scan":
            return self._get_scan_fact()
        if fact == "proof_of_delivery":
            is_true, said = bool(self.proof_url or self.signed_by), self.env._("Proof received")
            return Reached(fields.Datetime.now(), sentence=said) if is_true else None
        if fact == "picking_done":
            return self._get_validated_fact()
        return super()._get_reached_fact(fact)

    def _get_scan_fact(self):
        if not self.last_event_at:
            return None
        return Reached(self.last_event_at, self.last_told_id.id, self.last_event_text or "")

    def _get_validated_fact(self):
        pickings = self.picking_ids.filtered(lambda picking: picking.state != "cancel")
        if not pickings or any(picking.state != "done" for picking in pickings):
            return None
        said = self.env._("%(transfers)s validated", transfers=", ".join(pickings.mapped("name")))
        return Reached(max(filter(None, pickings.mapped("date_done"))), sentence=said)

    def _get_reached_milestone(self, plan):
        if plan.is_milestone_main and self.milestone_rank < plan.milestone_rank:
            return None  # most shipments most of the time
        return self.landmark_ids._get_first_reached(plan)

    def _is_still_reached(self, plan):
        """Of what is known to be further on nobody reads the timeline again, however long it is."""
        if not plan.fact and plan.is_milestone_main:
            return self.milestone_rank >= plan.milestone_rank
        return super()._is_still_reached(plan)

    def _get_dependent_documents(self):
        return [self.picking_ids]

    # ------------------------------------------------------------------ what changes it
    def _follow_written(self, vals):
        if vals.keys() & {"picking_ids", "is_let_go", "signed_by", "proof_url"}:
            self._note_expectations()
