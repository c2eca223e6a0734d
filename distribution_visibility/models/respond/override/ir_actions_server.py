from odoo import models

from ....lib.respond.automation.scope import Scopes
from .visibility_overridable_mixin import ALL


class IrActionsServer(models.Model):
    """Kinds of actions that leave alone what a person holds, also outside of governed automations.

    In a governed automation they do not look: it compares what they changed, undoes it and says so.
    """

    _inherit = "ir.actions.server"

    def _is_governed(self):
        return any(automation for automation, _scope in Scopes.of(self.env.context))

    def _leave_held(self, records, aspect, about=None):
        """Leave out what a person holds, and note why on the record that this runs on.

        :param about: the record that this runs on, where it is another one
        """
        if not records or self._is_governed() or "visibility_override_ids" not in records._fields:
            return records
        held = records._filter_overridden(aspect)
        for record in held:
            self._note_held(record if about is None else about, record._get_override(aspect))
        return records - held

    def _note_held(self, record, override):
        """Say it on the record that this runs on, where what is held only goes with it."""
        scope, key = self._get_scope(), (record._name, record.id)
        if scope:
            for about in [one for one, others in scope.related.items() if key in others] or [key]:
                scope.note(about, override._get_reminder())
                scope.held[about] = override

    def _get_active_records(self):
        return self._leave_held(super()._get_active_records(), ALL)

    def _get_documents_of(self, records):
        """Of an exception's document that is left to people nothing is held, released or raised."""
        documents = super()._get_documents_of(records)
        return {
            record: self._leave_held(document, ALL, about=record) if document and document != record else document
            for record, document in documents.items()
        }

    def _close(self, records, exceptions):
        free = {
            record: exception
            for record, exception in exceptions.items()
            if self._leave_held(exception, "state", about=record)
        }
        return super()._close(records, free)

    def _assign_from_team(self, records):
        return super()._assign_from_team(self._leave_held(records, "owner"))

    def _move_ahead(self, pickings):
        return super()._move_ahead(self._leave_held(pickings, "warehouse_priority"))

    def _assign_pickers(self, pickings):
        return super()._assign_pickers(self._leave_held(pickings, "owner"))

    # ------------------------------------------------------------------ what is recorded of it
    def _record_own(self, records, scope, started):
        """Once a record and override: an action that comes every hour says it no second time."""
        records -= self._get_told(records, scope)
        return super()._record_own(records, scope, started) if records else None

    def _get_told(self, records, scope):
        overrides = self.env["visibility.override"].union(*scope.held.values())
        if not overrides:
            return records.browse()
        runs = self.env["visibility.action.run"].sudo()
        told = runs.search([("override_id", "in", overrides.ids), ("name", "=", self.name)])
        keys = {(run.res_model, run.res_id, run.override_id) for run in told}
        return records.filtered(lambda one: (one._name, one.id, scope.held.get((one._name, one.id))) in keys)

    def _prepare_own_run(self, record, scope, compared, duration):
        values = super()._prepare_own_run(record, scope, compared, duration)
        override = scope.held.get((record._name, record.id))
        if override and not values["change_ids"]:
            values.update(result="overridden", override_id=override.id)
        return values
