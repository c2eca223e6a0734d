from odoo import api, models
from odoo.addons.distribution_visibility.lib.respond.outbox.catalogue import when

TOLD = {
    "requested": "decision.requested",
    "approved": "decision.decided",
    "rejected": "decision.decided",
    "cancelled": "decision.decided",
}


class VisibilityDecision(models.Model):
    """Tells subscribers that somebody has to decide, and what was decided."""

    _inherit = "visibility.decision"

    def write(self, vals):
        event_type = TOLD.get(vals.get("state"))
        before = {decision.id: decision.state for decision in self} if event_type else {}
        result = super().write(vals)
        if event_type:
            self.filtered(lambda decision: decision._is_news(before[decision.id]))._emit_event(event_type)
        return result

    def _is_news(self, before):
        """Of a draft that is cancelled nobody ever heard."""
        return self.state != before and (before, self.state) != ("draft", "cancelled")

    def _emit_event(self, event_type):
        self.env["visibility.outbox.message"]._emit(event_type, self, lambda decision: decision._prepare_event())

    def _prepare_event(self):
        """The data of an event about this decision (see the catalogue): no name, no justification."""
        outbox, exception = self.env["visibility.outbox.message"], self.exception_id
        orders = (exception.sale_order_ids, exception.purchase_order_ids, exception.picking_ids, exception.invoice_ids)
        value = {"amount": self.amount, "currency": self.currency_id.name} if self.amount else None
        return {
            "number": self.name,
            "kind": self.kind,
            "state": self.state,
            "documents": outbox._prepare_documents(*orders),
            "exception": exception.name,
            "deadline": when(exception.deadline),
            "value": value,
            "url": outbox._get_link(self),
        }


class VisibilitySubscriptionFilter(models.Model):
    _inherit = "visibility.subscription.filter"

    @api.model
    def _selection_model(self):
        return [*super()._selection_model(), ("visibility.decision", self.env._("Decisions"))]
