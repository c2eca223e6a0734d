from odoo import models

from ....lib.base.grant import HOLDS_EVENTS
from ....lib.respond.outbox.catalogue import when

TYPES = ("shipment.milestone_reached", "shipment.eta_changed")


class VisibilityShipment(models.Model):
    """Tells subscribers where shipments got to, and when they are now expected."""

    _inherit = "visibility.shipment"

    def _hold_events(self):
        """The same shipments, of which nothing is told until it is final."""
        return self.with_context(**HOLDS_EVENTS.context)

    def _get_told(self):
        """What subscribers know, by shipment; None when nobody wants to know or it is not yet final."""
        if HOLDS_EVENTS.says(self.env.context) or not self.env["visibility.outbox.message"]._is_wanted(*TYPES):
            return None
        return {one.id: (one.milestone_id, one.eta) for one in self}

    def _emit_moves(self, before):
        if before is None:
            return
        live = self.filtered(lambda one: not one.is_test)
        moved = live.filtered(lambda one: one.milestone_id and one.milestone_id != before[one.id][0])
        delayed = live.filtered(lambda one: one.eta and one.eta != before[one.id][1])
        emit = self.env["visibility.outbox.message"]._emit
        emit(TYPES[0], moved, lambda one: one._prepare_milestone_event(before[one.id][0]))
        emit(TYPES[1], delayed, lambda one: one._prepare_eta_event(before[one.id][1]))

    def _prepare_milestone_event(self, previous):
        return self._prepare_event(occurred_at=when(self.milestone_at), previous_milestone=previous.code or "")

    def _prepare_eta_event(self, previous):
        return self._prepare_event(occurred_at=when(self.eta_reported_at), previous_eta=when(previous))

    def _prepare_event(self, **more):
        """The data of an event about this shipment (see the catalogue)."""
        outbox = self.env["visibility.outbox.message"]
        purchases = self.purchase_order_ids
        orders = self.sale_order_ids or purchases
        return {
            "tracking_number": self.number,
            "carrier": self.carrier_code or self.carrier_id.visibility_carrier_code or "",
            "milestone": self.milestone_code or "",
            "eta": when(self.eta),
            "promised_at": when(self.promised_at),
            "delay_hours": round(self.delay_hours, 2),
            "direction": self.direction,
            "is_return": self.direction == "return",
            "order_reference": orders[:1].name or "",
            "documents": outbox._prepare_documents(self.sale_order_ids, purchases, self.picking_ids),
            "url": outbox._get_link(self),
            **more,
        }
