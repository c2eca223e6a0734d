from odoo import api, models

# What a later, good answer of the supplier ends.
SUPPLIER_CATEGORIES = ("supplier_change_proposed", "supplier_reject_or_backorder")


class VisibilityException(models.Model):
    """Exceptions that end, or come back, because the facts behind them changed."""

    _inherit = "visibility.exception"

    @api.model
    def _clear_answered(self, events):
        """A supplier that accepts after all ends what its earlier answer had opened."""
        good = events.filtered(lambda event: event.kind == "order_response" and not event.category_id)
        for event in good.filtered("purchase_order_id"):
            exceptions = self.search(
                [
                    ("category_id.code", "in", SUPPLIER_CATEGORIES),
                    ("res_model", "=", "purchase.order"),
                    ("res_id", "=", event.purchase_order_id.id),
                    ("is_open", "=", True),
                    ("last_seen_at", "<=", event.occurred_at),
                ]
            )
            exceptions._clear(event)

    @api.model
    def _follow_withdrawal(self, events):
        """Facts were withdrawn: what rested on them alone is over, what they had ended is back."""
        self.search([("closed_by_event_id", "in", events.ids), ("state", "=", "resolved")])._reopen()
        for event in events.filtered("category_id"):
            subject = event._get_subject()
            known = subject and self._get_subject_facts(subject)
            facts = known and known.filtered(lambda fact, e=event: fact.category_id == e.category_id)
            if facts and all(facts.mapped("is_withdrawn")):
                self._find_open(event.category_id, subject)._clear(event)

    @api.model
    def _follow_correction(self, shipments):
        """A person set these shipments back: what a milestone had ended that they no longer have is back."""
        ended = self.search(
            [
                ("shipment_id", "in", shipments.ids),
                ("state", "=", "resolved"),
                ("closed_by_event_id", "!=", False),
                ("category_id.clearing_milestone_id", "!=", False),
            ]
        )
        back = ended.filtered(lambda one: not one.shipment_id._is_past(one.category_id, one.last_seen_at))
        back._reopen()

    @api.model
    def _follow_move(self, events, shipment, note):
        """A person said that these events are about another shipment: here they open and end nothing any more."""
        ended = self.search([("closed_by_event_id", "in", events.ids), ("state", "=", "resolved")])
        ended.filtered(lambda one: one.shipment_id == shipment)._reopen()
        left = shipment.event_ids.filtered("counts").category_id
        for category in events.category_id - left:
            self._find_open(category, shipment)._clear(note)
