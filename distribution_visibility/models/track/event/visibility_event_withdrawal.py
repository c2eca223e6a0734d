from odoo import api, models

from ....lib.ingest.canonical import RetractionEvent


class VisibilityEvent(models.Model):
    """Facts that are taken back: marked, never deleted, and everything they did is undone.

    A retraction is kept as an event of its own, so that it also reaches a fact that arrives later.
    """

    _inherit = "visibility.event"

    @api.model
    def _prepare_fact_values(self, message, fact, orders):
        if not isinstance(fact, RetractionEvent):
            return super()._prepare_fact_values(message, fact, orders)
        return {
            "kind": "retraction",
            "reference": fact.data.event_id,
            "reason": fact.data.reason or False,
            "description": fact.data.reason or False,
        }

    @api.model
    def _withdraw_retracted(self, events):
        """Withdraw what new retractions name, and new facts that were retracted before they came."""
        retractions = self._find_retractions(events)
        if not retractions:
            return
        named = {(retraction.source_id, retraction.reference): retraction for retraction in retractions}
        targets = self.search(
            [
                ("source_id", "in", retractions.source_id.ids),
                ("sender_id", "in", retractions.mapped("reference")),
                ("kind", "!=", "retraction"),
                ("is_withdrawn", "=", False),
            ]
        )
        for target in targets:
            retraction = named.get((target.source_id, target.sender_id))
            if retraction and (retraction.is_trusted or not target.is_trusted):
                target._withdraw(retraction.reason)
        (targets - events).filtered("is_withdrawn")._undo_effect()

    @api.model
    def _find_retractions(self, events):
        new = events.filtered(lambda event: event.kind == "retraction")
        candidates = (events - new).filtered("sender_id")
        if not candidates:
            return new
        return new | self.search(
            [
                ("kind", "=", "retraction"),
                ("source_id", "in", candidates.source_id.ids),
                ("reference", "in", candidates.mapped("sender_id")),
            ]
        )

    def _withdraw(self, reason):
        self.write({"is_withdrawn": True, "withdrawn_reason": reason or self.env._("Withdrawn by its sender")})

    def _undo_effect(self):
        """Start the shipments again from what still stands, and clear what rested on these facts only."""
        self.shipment_id._recompute_from_timeline()
        self.env["visibility.exception"]._follow_withdrawal(self)

    def _is_unmatched(self):
        return self.kind != "retraction" and super()._is_unmatched()
