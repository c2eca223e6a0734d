from odoo import models

from ....lib.respond.outbox.catalogue import when

# What a change of is told, and how bodies call it.
WATCHED = {"severity": "severity", "user_id": "owner_id"}


class VisibilityException(models.Model):
    """Tells subscribers what becomes of exceptions."""

    _inherit = "visibility.exception"

    def _get_watched(self, vals):
        """What subscribers are told changes of, by id, where somebody wants to know."""
        is_watched = vals.keys() & {*WATCHED, "state"}
        if not is_watched or not self.env["visibility.outbox.message"]._is_wanted(*self._get_change_types()):
            return {}
        return {one.id: (one.is_open, one._prepare_watched()) for one in self.sudo()}

    def _follow_watched(self, before):
        if before:
            self._emit_changes(before)

    def _get_change_types(self):
        return "exception.updated", "exception.resolved"

    def _prepare_watched(self):
        """What is watched, as bodies show it."""
        return {"severity": self.severity, "owner_id": self.user_id.id or None}

    def _emit_changes(self, before):
        exceptions = self.sudo()
        closed = exceptions.filtered(lambda one: before[one.id][0] and not one.is_open)
        closed._emit_event("exception.resolved")
        changes = {one.id: one._get_changes(before[one.id][1]) for one in exceptions - closed if one.is_open}
        exceptions.browse([one for one, some in changes.items() if some])._emit_event("exception.updated", changes)

    def _get_changes(self, before):
        now = self._prepare_watched()
        return {name: value for name, value in before.items() if now[name] != value}

    def _emit_event(self, event_type, changes=None, **more):
        """Tell of these exceptions. Seam for whatever else happens to them, such as an escalation.

        :param dict changes: ids to what was different before
        :param more: further properties of the body, such as ``level``
        """
        self.env["visibility.outbox.message"]._emit(
            event_type, self, lambda one: {**one._prepare_event(), "changes": (changes or {}).get(one.id, {}), **more}
        )

    def _prepare_event(self):
        """The data of an event about this exception (see the catalogue)."""
        outbox = self.env["visibility.outbox.message"]
        orders = (self.sale_order_ids, self.purchase_order_ids, self.picking_ids, self.invoice_ids)
        return {
            "number": self.name,
            "category": self.category_id.code,
            "process_area": self.process_area,
            "severity": self.severity,
            "state": self.state,
            "is_unproven": self.is_unproven,
            "subject": outbox._prepare_document(self._get_document()),
            "documents": outbox._prepare_documents(*orders),
            "tracking_number": self.shipment_id.number or "",
            "carrier": self._get_event_carrier(),
            "reason_code": self.reason_code or "",
            "reason": self.reason or "",
            "resolution": self.resolution or "",
            "responsible_party": self.responsible_party or "",
            "owner_id": self.user_id.id or None,
            "deadline": when(self.deadline),
            "opened_at": when(self.first_seen_at),
            "closed_at": when(self.closed_at),
            "seen_count": self.seen_count,
            "value_at_risk": self._prepare_event_value(),
            "url": outbox._get_link(self),
        }

    def _get_event_carrier(self):
        shipment = self.shipment_id
        return shipment.carrier_code or shipment.carrier_id.visibility_carrier_code or ""

    def _prepare_event_value(self):
        if not self.value_at_risk:
            return None
        return {"amount": self.value_at_risk, "currency": self.currency_id.name}
