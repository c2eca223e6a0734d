from odoo import api, models

from ....lib.track.milestones import RANK_DELIVERED, RANK_PICKED_UP, Correction, Position, stands_at, still_counts


class VisibilityShipment(models.Model):
    """Where a shipment is: what its facts make of it."""

    _inherit = "visibility.shipment"

    def _apply_events(self, events):
        """Let new, proven facts move their shipments; the order they come in makes no difference.

        :return: what their late risk was before, for ``_detect_late_risk``: it is looked at after what the facts
            themselves mean, because that may be why something is late
        """
        corrected = events.filtered(lambda fact: fact._is_position_correction()).shipment_id
        corrected._recompute_from_timeline()
        for shipment, facts in events.grouped("shipment_id").items():
            if shipment not in corrected:
                shipment._write_changed(shipment._prepare_position_values(facts) | shipment._prepare_news_values(facts))
        return (events.shipment_id - corrected)._work_out_outlook()

    def _recompute_from_timeline(self):
        """Start again from what is on the timeline: after a fact was withdrawn, read anew, proven or corrected."""
        cleared = {name: False for name in self._get_fields_from_facts()}
        for shipment in self:
            shipment.write(cleared | {"milestone_rank": 0})
            facts = shipment.event_ids.filtered("counts")
            shipment._write_changed(shipment._prepare_position_values(facts) | shipment._prepare_news_values(facts))
        self._refresh_outlook()

    @api.model
    def _get_fields_from_facts(self):
        return [
            "milestone_id", "milestone_at", "corrected_at", "eta", "eta_reported_at", "eta_source", "delivered_at",
            "picked_up_at", "signed_by", "proof_url", "first_event_at", "last_event_at", "last_event_text",
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
        corrections = moving.filtered(lambda fact: fact.kind == "correction")
        reported = (moving - corrections).filtered(lambda fact: still_counts(fact.occurred_at, self.corrected_at))
        best = stands_at(
            [self._get_position(), *(fact._get_position() for fact in reported)],
            [Correction(fact.received_at, fact._get_position()) for fact in corrections],
        )
        values = {}
        if best:
            values = {"milestone_id": best.key, "milestone_rank": best.rank, "milestone_at": best.at}
        on_the_way = moving.filtered(lambda fact: RANK_PICKED_UP <= fact.milestone_id.rank < RANK_DELIVERED)
        if on_the_way:
            values["picked_up_at"] = min(filter(None, [self.picked_up_at, *on_the_way.mapped("occurred_at")]))
        if corrections:
            values["corrected_at"] = max(corrections.mapped("received_at"))
        if any(facts.mapped("is_return")) and self.direction != "return":
            values["direction"] = "return"
        return values | self._prepare_delivery_values(reported, corrections)

    def _prepare_delivery_values(self, reported, corrections):
        """When it was delivered and to whom: by the scans, or by what a person said last."""
        last = corrections.filtered(lambda fact: fact.received_at == max(corrections.mapped("received_at")))
        if last and max(last.mapped("milestone_id.rank")) <= RANK_DELIVERED:
            reported = reported.filtered(lambda fact: still_counts(fact.occurred_at, last[0].received_at))
        delivered = (last | reported).filtered(lambda fact: fact.milestone_id.rank == RANK_DELIVERED)
        if not delivered:
            return {}
        return {
            "delivered_at": min(filter(None, [self.delivered_at, *delivered.mapped("occurred_at")])),
            "proof_url": self.proof_url or next(filter(None, delivered.mapped("proof_url")), False),
            "signed_by": self.signed_by or next(filter(None, delivered.mapped("signed_by")), False),
        }

    def _prepare_news_values(self, facts):
        facts = facts.filtered(lambda fact: fact._is_news())
        if not facts:
            return {}
        values = {"first_event_at": min(filter(None, [self.first_event_at, *facts.mapped("occurred_at")]))}
        # Carriers send a new estimate along with the scan that explains it: the scan is the news.
        latest = max(facts, key=lambda fact: (fact.occurred_at, bool(fact.milestone_id or fact.category_id), fact.id))
        if not self.last_event_at or latest.occurred_at >= self.last_event_at:
            values.update(last_event_at=latest.occurred_at, last_event_text=latest._get_headline())
        return values | self._prepare_eta_values(facts.filtered("eta"))

    def _prepare_eta_values(self, facts):
        if not facts:
            return {}
        # Of estimates of the same time the one that arrived last replaces the others.
        newest = max(facts, key=lambda fact: (fact.occurred_at, fact.id))
        if self.eta_reported_at and newest.occurred_at < self.eta_reported_at:
            return {}
        source = "person" if newest.kind == "correction" else "carrier"
        return {"eta": newest.eta, "eta_reported_at": newest.occurred_at, "eta_source": source}

    def _write_changed(self, values):
        """Write only what differs: most re-sent histories change nothing."""
        changed = {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        if changed:
            self.write(changed)
