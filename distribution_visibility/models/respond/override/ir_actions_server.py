from odoo import api, models

from ....lib.respond.automation.scope import Scopes
from .visibility_overridable_mixin import ALL


class IrActionsServer(models.Model):
    """Kinds of actions that leave alone what a person holds, also outside of governed automations.

    In a governed automation they do not look: it compares what they changed, undoes it and says so.
    """

    _inherit = "ir.actions.server"

    def _is_governed(self):
        return any(automation for automation, _scope in Scopes.of(self.env.context))

    def _leave_held(self, records, aspect=ALL, about=None):
        """Leave out what a person holds, and note why on the record that this runs on.

        :param aspect: what they hold; everything where it is not said
        :param about: the record that this runs on, where it is another one
        """
        if not records or self._is_governed() or "visibility_override_ids" not in records._fields:
            return records
        held = records._filter_overridden(aspect)
        for record in held:
            self._note_held(record if about is None else about, record._get_override(aspect))
        return records - held

    def _leave_held_states(self, exceptions):
        """Of exceptions by record, those whose state no person holds."""
        return {
            record: exception
            for record, exception in exceptions.items()
            if self._leave_held(exception, "state", about=record)
        }

    def _note_held(self, record, override):
        """Say it on the record that this runs on, where what is held only goes with it."""
        scope, key = self._get_scope(), (record._name, record.id)
        if scope:
            for about in [one for one, others in scope.related.items() if key in others] or [key]:
                scope.note(about, override._get_reminder())
                scope.held[about] = override

    # ------------------------------------------------------------------ what is recorded of it
    def _leave_told(self, records, scope):
        """Once a record and override: an action that comes every hour says it no second time."""
        return records - self._get_told(records, scope)

    def _get_told(self, records, scope):
        overrides = self.env["visibility.override"].union(*scope.held.values())
        if not overrides:
            return records.browse()
        runs = self.env["visibility.action.run"].sudo()
        told = runs.search([("override_id", "in", overrides.ids), ("name", "=", self.name)])
        keys = {(run.res_model, run.res_id, run.override_id) for run in told}
        return records.filtered(lambda one: (one._name, one.id, scope.held.get((one._name, one.id))) in keys)

    @api.model
    def _prepare_held(self, key, scope):
        """What a run says of a record that a person's override kept from it."""
        override = scope.held.get(key)
        return {"result": "overridden", "override_id": override.id} if override else {}
