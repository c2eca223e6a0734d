from odoo import fields, models

STATE = "visibility_emit"


class IrActionsServer(models.Model):
    """An action that tells other systems of an exception."""

    _inherit = "ir.actions.server"

    state = fields.Selection(selection_add=[(STATE, "Emit Event")], ondelete={STATE: "cascade"})
    visibility_event_type_id = fields.Many2one(
        "visibility.outbox.type", "Event", domain=[("name", "=like", "exception.%")], ondelete="restrict"
    )

    def _get_problem_visibility_emit(self):
        if self._is_on_exceptions() and self.visibility_event_type_id:
            return False
        return self.env._("Choose an event; events are told of exceptions.")

    def _get_irreversible_visibility_emit(self):
        return self.env._("Who was told knows it.")

    def _run_action_visibility_emit_multi(self, eval_context=None):
        """One event about each exception for everybody who subscribed to its type, on the outbox."""
        records = self._get_active_records()
        records._emit_event(self.visibility_event_type_id.name)
        self._note(records, self.env._("Event: %s", self.visibility_event_type_id.name))
