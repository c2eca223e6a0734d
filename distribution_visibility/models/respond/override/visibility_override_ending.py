import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...detect.gate.visibility_override import GATE

BATCH = 500


class VisibilityOverride(models.Model):
    """How an override ends: given back early, its time is over, or what it is about is gone.

    What automation would have set meanwhile comes back then, see ``_release_override`` of the records.
    """

    _inherit = "visibility.override"

    def _give_back(self, reason):
        """A person gives these back before their time is over: all of them or, when one may not be, none."""
        if not (reason or "").strip():
            raise UserError(self.env._("Say why."))
        standing = self.filtered("is_in_force")
        if not standing:
            raise UserError(self.env._("Nothing of this is in force any more."))
        for override in standing:
            if refusal := override._get_return_refusal():
                raise AccessError(refusal)
        standing._end("revoke", reason)

    def _end(self, kind, reason):
        states = self.filtered(lambda override: override.aspect != GATE)
        ends = super(VisibilityOverride, self - states)._end(kind, reason) if self - states else self.browse()
        for model, overrides in states.grouped("res_model").items():
            records = self.env[model].sudo().browse(set(overrides.mapped("res_id"))).exists()
            recorder = self.env["visibility.action.recorder"]
            before = recorder._snapshot(records)
            mine = super(VisibilityOverride, overrides)._end(kind, reason)
            overrides._release(records)
            mine._record_runs(before)
            ends |= mine
        return ends

    def _release(self, records):
        """Let automation have its way again, for all records of an aspect at once."""
        for aspect, overrides in self.grouped("aspect").items():
            by_id = {override.res_id: override for override in overrides.sorted("id")}
            records.filtered(lambda one, mine=by_id: one.id in mine)._release_override(aspect, by_id)

    # ------------------------------------------------------------------ the sealed log
    def _record_runs(self, before):
        """One run for each of these, with what it changed; ``before`` as the recorder's snapshot gave it."""
        self.env.flush_all()
        recorder, runs = self.env["visibility.action.recorder"], self.env["visibility.action.run"]
        compared = recorder._compare(before)
        vals_list, told = [], set()
        for override in self:
            key = (override.res_model, override.res_id)
            # Several aspects of one record change it together: the first row says what
            changed = {} if key in told else {key: compared.get(key, ())}
            told.add(key)
            vals_list.append(override._prepare_run(changed))
        return runs._record(vals_list)

    def _prepare_run(self, changed):
        key = (self.res_model, self.res_id)
        record = self.env[self.res_model].browse(self.res_id)
        changes = [
            fields.Command.create(self.env["visibility.action.recorder"]._prepare_change(*key, *row))
            for row in changed.get(key, ())
        ]
        return self.env["visibility.action.run"]._prepare_run(
            record,
            company=self.company_id,
            name=self._get_run_name(),
            origin="override",
            result="done",
            reason=self.reason,
            detail=self._get_sentence(),
            override_id=self.id,
            change_ids=changes,
            is_reversible=False,
            irreversible_reason=self.env._("An override is given back instead."),
            record_name=self.document_name,
        )

    def _get_run_name(self):
        kind = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        return f"{kind}: {self.aspect_id.name}"

    # ------------------------------------------------------------------ as time passes
    @api.model
    def _get_end_cron(self):
        return self.env.ref("distribution_visibility.ir_cron_end_overrides").sudo()

    @api.model
    def _cron_end(self):
        """Called by the scheduled action: end what is over, batch by batch, each committed."""
        while done := self._end_due():
            if not self.env["ir.cron"]._commit_progress(done):
                break

    @api.model
    def _end_due(self):
        """End a batch of what is over, and what names a person who is not there any more; gives how many."""
        due = self.sudo().search(
            [("is_open", "=", True), ("until", "<=", fields.Datetime.now())], order="until, id", limit=BATCH
        )
        if due:
            due._end("expire", self.env._("The time is over."))
        gone = self._find_archived()
        if gone:
            gone._end("expire", self.env._("Whoever it was given to is archived."))
        return len(due) + len(gone)

    @api.model
    def _find_archived(self):
        """Overrides that give records to users who were archived or deleted since."""
        given = self.sudo().search([("is_open", "=", True), ("aspect", "=", "owner")])
        people = self.env["res.users"].sudo().browse({json.loads(one.value or "0") or 0 for one in given} - {0})
        there = set(people.exists().filtered("active").ids)
        return given.filtered(lambda one: (json.loads(one.value or "0") or 0) not in {0, *there})

    @api.model
    def _forget(self, records):
        """The records are about to be deleted: what was decided about them stays in the log, and holds no more."""
        standing = self._get_standing({(records._name, record_id) for record_id in records.ids})
        for overrides in standing.values():
            overrides._end_quietly(self.env._("The record was deleted."))

    def _end_quietly(self, reason):
        """End these without letting automation have its way."""
        ends = self.sudo().create([override._prepare_end("expire", reason) for override in self])
        ends._record_runs({})

    # ------------------------------------------------------------------ buttons
    def action_give_back(self):
        """The dialog that asks why."""
        action = self.env["ir.actions.actions"]._for_xml_id("distribution_visibility.visibility_return_wizard_action")
        return {**action, "context": {"default_override_ids": [fields.Command.set(self.ids)]}}
