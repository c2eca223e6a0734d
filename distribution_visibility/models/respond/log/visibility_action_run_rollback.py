import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import groupby

from ....lib.base.grant import ROLLS_BACK
from ....lib.respond.automation.scope import Scope


class VisibilityActionRun(models.Model):
    """The way back: put the recorded values back, unless somebody has changed them since.

    What a response created says itself how it is taken back: a model with a method ``_undo_creation`` can be, one
    without stays. ``_visibility_watched`` names the fields that show that somebody works with it, and
    ``_get_newer_worker`` gives who did (a user or contact), where values alone do not tell.
    """

    _inherit = "visibility.action.run"

    can_roll_back = fields.Boolean(compute="_compute_can_roll_back")

    @api.depends("result", "is_reversible", "status")
    def _compute_can_roll_back(self):
        for run in self:
            run.can_roll_back = run._is_open_to_rollback()

    def _is_open_to_rollback(self):
        return (
            self.result == "done"
            and self.is_reversible
            and self.origin != "rollback"
            and self.status != "rolled_back"
            and not any(self.change_ids.mapped("is_erased"))
            and (bool(self.change_ids) or bool(self._get_further_undoing()))
        )

    # ------------------------------------------------------------------ the button
    def action_roll_back(self):
        """Undo what this response changed; says who changed it since where that is not possible any more.

        :raises UserError: when there is nothing to roll back
        :raises AccessError: when the user may not change the records concerned
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("distribution_visibility.group_coordinator"):
            raise AccessError(self.env._("Only a coordinator may roll back a response."))
        rollback = self._roll_back()
        if rollback.result == "done":
            return self._say(self.env._("Rolled back: %s", self.name), after="reload")
        return self._say(rollback.detail, "danger", after="reload", sticky=True)

    def _roll_back(self):
        """Undo this response and give the run that did, or that says why it could not."""
        self.ensure_one()
        run = self.sudo()
        # Two people who click at once do not undo it twice
        run.lock_for_update()
        if not run._is_open_to_rollback():
            raise UserError(
                run.irreversible_reason or self.env._("There is nothing to roll back here, or it was done already.")
            )
        self._check_may_change_records()
        conflicts = run._find_conflicts()
        if conflicts:
            return self._record([self._prepare_rollback(result="failed", detail="\n".join(conflicts))])
        return self._record([self._prepare_rollback(result="done", change_ids=run._undo())])

    def _check_may_change_records(self):
        for record in self._get_changed_records():
            record.with_env(self.env).check_access("write")
        self._check_may_release()

    def _check_may_release(self):
        """Undoing a hold lets a document pass, so it takes the same right as releasing it."""
        if self.env.su:
            return
        exceptions = self.env["visibility.exception"]
        for change in self.sudo().change_ids.filtered(lambda change: change.res_model == exceptions._name):
            exception = exceptions.browse(change.res_id).exists()
            is_made = change.kind == "created"
            if is_made or exceptions._is_releasing({change.field_name: json.loads(change.before)}):
                exception._check_release()

    def _get_changed_records(self):
        keys = dict.fromkeys((change.res_model, change.res_id) for change in self.sudo().change_ids)
        return [record for model, record_id in keys if (record := self.env[model].sudo().browse(record_id).exists())]

    def _prepare_rollback(self, **values):
        record = self._get_record()
        return {
            **self._prepare_run(
                record, company=self.company_id, exception=self.exception_id, automation=self.automation_id
            ),
            "name": self.env._("Roll back: %s", self.name),
            "origin": "rollback",
            "reason": self.env._("Asked for by %s", self.env.user.name),
            "run_id": self.id,
            "res_model": self.res_model,
            "res_id": self.res_id,
            "record_name": self.record_name,
            **values,
        }

    # ------------------------------------------------------------------ has somebody changed it since?
    def _find_conflicts(self):
        """One sentence for each value that is not as this response left it, else for each piece of newer work."""
        recorder = self.env["visibility.action.recorder"]
        conflicts = []
        for change in self.change_ids.filtered(lambda change: change.kind == "changed"):
            record = self.env[change.res_model].sudo().browse(change.res_id).exists()
            if not record:
                conflicts.append(self.env._("%s does not exist any more.", change.record_label))
                continue
            now = recorder._to_json(record._fields[change.field_name], record[change.field_name])
            if now != json.loads(change.after):
                conflicts.append(self._get_conflict_sentence(change, record, change.field_name))
        return conflicts + self._find_conflicts_of_creations() or self._find_newer_work()

    def _get_creations(self):
        """Give what this response created, one by one: the change and the record, empty if it is gone by then."""
        for change in self.change_ids.filtered(lambda change: change.kind == "created"):
            yield change, self.env[change.res_model].sudo().browse(change.res_id).exists()

    def _find_conflicts_of_creations(self):
        """The same for what this response created: whoever works with it since does not lose it."""
        recorder = self.env["visibility.action.recorder"]
        conflicts = []
        for change, record in self._get_creations():
            if not change.after:
                continue
            if not record:
                conflicts.append(self.env._("%s does not exist any more.", change.record_label))
                continue
            if record._name == "visibility.exception" and not record.is_open:
                continue  # it is over: nothing is left to take back
            now, then = recorder._read_watched(record), json.loads(change.after)
            conflicts += [
                self._get_conflict_sentence(change, record, name) for name in now if now[name] != then.get(name)
            ]
        return conflicts

    def _find_newer_work(self):
        """One sentence for each record that this response created and that somebody worked on since."""
        conflicts = []
        for _change, record in self._get_creations():
            person = record._get_newer_worker() if record and hasattr(record, "_get_newer_worker") else None
            if person:
                conflicts.append(
                    self.env._(
                        "%(person)s has worked on %(record)s since; it is left as it is now.",
                        person=person.name,
                        record=record.display_name,
                    )
                )
        return conflicts

    def _get_conflict_sentence(self, change, record, name):
        person, moment = self._find_last_change(change, record, name)
        return self.env._(
            "%(field)s of %(record)s was changed since by %(person)s on %(moment)s; it is left as it is now.",
            field=record._fields[name]._description_string(self.env),
            record=change.record_label,
            person=person.name,
            moment=f"{fields.Datetime.context_timestamp(self, moment):%Y-%m-%d %H:%M}",
        )

    def _find_last_change(self, change, record, name):
        """Who wrote a field last, and when: from the chatter's tracking, else whoever wrote the record last."""
        tracked = self.env["mail.tracking.value"].sudo()
        tracked = tracked.search(
            [
                ("mail_message_id.model", "=", change.res_model),
                ("mail_message_id.res_id", "=", change.res_id),
                ("field_id.name", "=", name),
                ("create_date", ">=", self.occurred_at),
            ],
            order="id desc",
            limit=1,
        )
        if tracked:
            return tracked.create_uid, tracked.create_date
        return record.write_uid, record.write_date

    # ------------------------------------------------------------------ undoing
    def _undo(self):
        """Put everything back; gives the change rows of the run that did it."""
        recorder = self.env["visibility.action.recorder"]
        records = self._get_changed_records()
        before = {}
        for record in records:
            before.update(recorder._snapshot(record))
        self._undo_changes()
        self._undo_creations()
        if further := self._get_further_undoing():
            further()
        self.env.flush_all()
        key = (self.res_model, self.res_id)
        scope = Scope()
        scope.relate(key, [other for other in before if other != key])
        return recorder._prepare_changes(key, scope, recorder._compare(before))

    def _get_further_undoing(self):
        """Seam: what takes this response back beside its values: a function, or False where there is nothing."""
        return False

    def _undo_changes(self):
        changes = self.change_ids.filtered(lambda change: change.kind == "changed")
        for (model, record_id), rows in groupby(changes, lambda change: (change.res_model, change.res_id)):
            record = self.env[model].sudo().browse(record_id)
            record = record.with_context(**self._get_undo_context())
            record.write({row.field_name: self._get_write_value(record, row) for row in rows})

    def _get_undo_context(self):
        return {
            **ROLLS_BACK.context,
            "visibility_move_reason": self.env._("Rolled back: %s", self.name),
            "mail_notify_force_send": False,
        }

    @api.model
    def _get_write_value(self, record, change):
        value = json.loads(change.before)
        if record._fields[change.field_name].type == "many2many":
            return [fields.Command.set(value)]
        return value

    def _undo_creations(self):
        for _change, record in self._get_creations():
            if record and hasattr(record, "_undo_creation"):
                record.with_context(**ROLLS_BACK.context)._undo_creation()
