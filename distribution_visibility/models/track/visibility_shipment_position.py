from odoo import api, models

from ...lib.track.milestones import RANK_DELIVERED, Position, furthest


class VisibilityShipment(models.Model):
    """Where a shipment is: what its facts make of it."""

    _inherit = "visibility.shipment"

    def _apply_events(self, events):
        """Let new, proven facts move their shipments; the order they come in makes no difference."""
        for shipment, facts in events.grouped("shipment_id").items():
            shipment._write_changed(shipment._prepare_position_values(facts) | shipment._prepare_news_values(facts))

    def _recompute_from_timeline(self):
        """Start again from what is on the timeline: after a fact was withdrawn, read anew or proven."""
        cleared = {name: False for name in self._get_fields_from_facts()}
        for shipment in self:
            shipment.write(cleared | {"milestone_rank": 0})
            shipment._apply_events(shipment.event_ids.filtered("counts"))

    @api.model
    def _get_fields_from_facts(self):
        return [
            "milestone_id", "milestone_at", "eta", "eta_reported_at", "delivered_at", "signed_by", "proof_url",
            "first_event_at", "last_event_at", "last_event_text",
        ]  # fmt: skip

    def _get_position(self):
        if self.milestone_id:
            return Position(self.milestone_rank, self.milestone_at, self.milestone_id.id)
        return None

    def _get_clearing_event(self):
        """The fact that brought the shipment to its furthest milestone."""
        facts = self.event_ids.filtered(lambda fact: fact.counts and fact.milestone_id == self.milestone_id)
        return facts.sorted("occurred_at")[:1]

    def _prepare_position_values(self, facts):
        moving = facts.filtered(lambda fact: fact.milestone_id and fact.milestone_id.branch != "information")
        positions = [Position(fact.milestone_id.rank, fact.occurred_at, fact.milestone_id.id) for fact in moving]
        best = furthest([self._get_position(), *positions])
        values = {}
        if best:
            values = {"milestone_id": best.key, "milestone_rank": best.rank, "milestone_at": best.at}
        if any(facts.mapped("is_return")) and self.direction != "return":
            values["direction"] = "return"
        delivered = moving.filtered(lambda fact: fact.milestone_id.rank == RANK_DELIVERED)
        if delivered:
            values["delivered_at"] = min(filter(None, [self.delivered_at, *delivered.mapped("occurred_at")]))
            values["proof_url"] = self.proof_url or next(filter(None, delivered.mapped("proof_url")), False)
            values["signed_by"] = self.signed_by or next(filter(None, delivered.mapped("signed_by")), False)
        return values

    def _prepare_news_values(self, facts):
        values = {"first_event_at": min(filter(None, [self.first_event_at, *facts.mapped("occurred_at")]))}
        # Carriers send a new estimate along with the scan that explains it: the scan is the news.
        latest = max(facts, key=lambda fact: (fact.occurred_at, bool(fact.milestone_id or fact.category_id), fact.id))
        if not self.last_event_at or latest.occurred_at >= self.last_event_at:
            values.update(last_event_at=latest.occurred_at, last_event_text=latest._get_headline())
        with_eta = facts.filtered("eta")
        if with_eta:
            # Of estimates of the same time the one that arrived last replaces the others.
            newest = max(with_eta, key=lambda fact: (fact.occurred_at, fact.id))
            if not self.eta_reported_at or newest.occurred_at >= self.eta_reported_at:
                values.update(eta=newest.eta, eta_reported_at=newest.occurred_at)
        return values

    def _write_changed(self, values):
        """Write only what differs: most re-sent histories change nothing."""
        changed = {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        if changed:
            self.write(changed)
