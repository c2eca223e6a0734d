import json

from odoo import api, models

#: How events name what was moved; others by the name of the field.
NAMES = {
    "visibility_place": "place",
    "visibility_due_hand_at": "due",
    "user_id": "picker",
}


class VisibilityPriorityChange(models.Model):
    """Tells subscribers that a transfer was moved; once for each row of the log."""

    _inherit = "visibility.priority.change"

    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        outbox = self.env["visibility.outbox.message"]
        if outbox._is_wanted("transfer.moved"):
            outbox._emit(
                "transfer.moved",
                changes.filtered("picking_id"),
                lambda one: one._prepare_event(),
                lambda one: one.picking_id,
            )
        return changes

    def _prepare_event(self):
        return {
            "number": self.id,
            "document": self.env["visibility.outbox.message"]._prepare_document(self.picking_id),
            "what": self._get_event_name(self.what),
            "direction": self.direction,
            "before": self._get_event_value(self.before, self.before_ref),
            "after": self._get_event_value(self.after, self.after_ref),
            "origin": self.origin,
            "by_id": self.user_id.id or None,
            "automation": self.automation_ref or "",
            "has_reason": bool(self.reason),
            "reason": self.reason or "",
            "explains": self.explains_id.id or None,
        }

    @api.model
    def _get_event_name(self, what):
        """Seam: how events name a field."""
        return NAMES.get(what, what)

    def _get_event_value(self, text, reference):
        """No name of a person: its id. Times as the bodies write them."""
        value = json.loads(text or "false")
        field = self.env["stock.picking"]._fields[self.what]
        if value is False or value is None:
            return None
        if field.type == "datetime":
            return f"{value.replace(' ', 'T')}Z"
        if field.relational and field.comodel_name != "res.users":
            return reference
        return str(value)
