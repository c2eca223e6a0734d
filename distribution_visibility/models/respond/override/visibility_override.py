import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...base.words.told import tell_moment
from ...detect.gate.visibility_override import GATE

MANAGER = "distribution_visibility.group_manager"
#: Overrides that are ended in one transaction.
ENDED_AT_ONCE = 500


class VisibilityOverride(models.Model):
    """A state that a person took out of automation's hands: which, what it is now, and what it was before.

    It ends when it is given back early, its time is over, or what it is about is gone. What respects it, and what
    happens at the end, say the records: ``visibility.overridable.mixin``.
    """

    _inherit = "visibility.override"

    value = fields.Text("Set to (JSON)", readonly=True)
    before = fields.Text("Before (JSON)", readonly=True, help="What automation had set, before the first override.")
    value_label = fields.Char("Set to", readonly=True)
    before_label = fields.Char("Instead of", readonly=True)
    automation_id = fields.Many2one(
        "base.automation",
        "Against the automation",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="It had set last what a person set otherwise.",
    )

    # ------------------------------------------------------------------ rows
    @api.model
    def _prepare_state(self, vals, record):
        """Whose category, company, rule and automation it is: of the record; the end has them from its beginning."""
        if vals["kind"] != "grant":
            return {}
        exception = record if record._name == "visibility.exception" else record._get_worst_exception()
        return {
            "company_id": record._get_override_company().id,
            "category_id": exception.category_id.id,
            "rule_id": record.id if record._name == "visibility.rule" else exception.rule_id.id,
            "automation_id": record._get_overridden_automation(vals["aspect"]).id,
        }

    def _prepare_state_end(self):
        kept = ("value", "before", "value_label", "before_label")
        links = ("category_id", "company_id", "rule_id", "automation_id")
        return {**{name: self[name] for name in kept}, **{name: self[name].id for name in links}}

    def _refresh_records(self):
        """The records know what holds: they have to look again."""
        for model, overrides in self.grouped("res_model").items():
            records = self.env[model].browse(overrides.mapped("res_id"))
            if "visibility_override_ids" in records._fields:
                records.invalidate_recordset(["visibility_override_ids"])

    # ------------------------------------------------------------------ who may
    def _get_state_refusal(self):
        record = self.env[self.res_model].sudo(False).browse(self.res_id)
        if not self.until and not self.env.user.has_group(MANAGER):
            return self.env._("Only a manager may override something without end: say until when.")
        return record._get_override_refusal(self.aspect, json.loads(self.value or "null"))

    def _get_return_refusal(self):
        """Why the user may not give this back: who made it may, and who may override it now."""
        if self.user_id == self.env.user:
            return ""
        if self.aspect == GATE:
            return self.category_id._get_refusal(self.env.user)
        return self.env[self.res_model].sudo(False).browse(self.res_id)._get_override_refusal(self.aspect, None)

    # ------------------------------------------------------------------ what holds
    @api.model
    def _get_standing(self, keys):
        """The overrides in force on records: by (model, id) a recordset; one query for any number of records.

        :param keys: pairs of the name of a model and an id
        """
        if not keys:
            return {}
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM visibility_override
                    WHERE is_open AND aspect != 'gate'
                      AND (res_model, res_id) IN (SELECT * FROM unnest(%s::text[], %s::int[])) ORDER BY id""",
                # as arrays: PostgreSQL's parser has no room for a list of ten thousand pairs
                [model for model, _id in keys],
                [res_id for _model, res_id in keys],
            )
        )
        overrides = self.sudo().browse(row[0] for row in rows)
        return overrides.grouped(lambda override: (override.res_model, override.res_id))

    # ------------------------------------------------------------------ how it ends
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

    def _end_states(self, kind, reason):
        """Add the rows that end these, and let automation have its way again."""
        ends = self.browse()
        for model, overrides in self.grouped("res_model").items():
            records = self.env[model].sudo().browse(set(overrides.mapped("res_id"))).exists()
            before = self.env["visibility.action.recorder"]._snapshot(records)
            mine = overrides._add_ends(kind, reason)
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
        return f"{self._label('kind')}: {self.aspect_id.name}"

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
            [("is_open", "=", True), ("until", "<=", fields.Datetime.now())], order="until, id", limit=ENDED_AT_ONCE
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
        self._add_ends("expire", reason)._record_runs({})

    # ------------------------------------------------------------------ in words
    def _get_until_label(self):
        """The moment where the reader is."""
        return self.until and tell_moment(self.env, self.until)

    def _get_value_label(self):
        """What it was set to, in the reader's language and time; as it was written down where that is not known."""
        model = self.env.get(self.res_model)
        if model is None or not self.value_label:
            return self.value_label
        return model.sudo()._get_state_label(self.aspect, json.loads(self.value)) or self.value_label

    def _get_state_sentence(self):
        """*Severity set to Warning until 5 Dec 2026, 08:00. Why: the customer agreed*"""
        if self.aspect == "runs":
            return self._get_rest_sentence()
        if self.kind != "grant":
            return self.env._(
                "%(aspect)s: automation decides again. %(reason)s", aspect=self.aspect_id.name, reason=self.reason
            )
        values = {
            "aspect": self.aspect_id.name,
            "value": self._get_value_label(),
            "until": self._get_until_label(),
            "reason": self.reason,
        }
        if values["value"] and self.until:
            return self.env._("%(aspect)s set to %(value)s until %(until)s. Why: %(reason)s", **values)
        if values["value"]:
            return self.env._("%(aspect)s set to %(value)s without end. Why: %(reason)s", **values)
        if self.until:
            return self.env._("%(aspect)s left to people until %(until)s. Why: %(reason)s", **values)
        return self.env._("%(aspect)s left to people without end. Why: %(reason)s", **values)

    def _get_rest_sentence(self):
        """Of rules and automations."""
        if self.kind != "grant":
            return self.env._("Works again. %(reason)s", reason=self.reason)
        values = {"until": self._get_until_label(), "reason": self.reason}
        if self.until:
            return self.env._("Rests until %(until)s. Why: %(reason)s", **values)
        return self.env._("Rests without end. Why: %(reason)s", **values)

    def _get_banner_line(self):
        """What the form says: *Severity set to Warning by Ann until 5 Dec 2026, 08:00: the customer agreed*"""
        values = {
            "aspect": self.aspect_id.name,
            "value": self._get_value_label(),
            "name": self.user_id.name,
            "until": self._get_until_label(),
            "reason": self.reason,
        }
        if self.aspect == "runs" and self.until:
            return self.env._("Put to rest by %(name)s until %(until)s: %(reason)s", **values)
        if self.aspect == "runs":
            return self.env._("Put to rest by %(name)s without end: %(reason)s", **values)
        if values["value"] and self.until:
            return self.env._("%(aspect)s set to %(value)s by %(name)s until %(until)s: %(reason)s", **values)
        if values["value"]:
            return self.env._("%(aspect)s set to %(value)s by %(name)s without end: %(reason)s", **values)
        if self.until:
            return self.env._("%(aspect)s left to people by %(name)s until %(until)s: %(reason)s", **values)
        return self.env._("%(aspect)s left to people by %(name)s without end: %(reason)s", **values)

    def _get_reminder(self):
        """Why something was left alone: one sentence for runs and notes."""
        return self.env._("Left alone: %s", self._get_banner_line())

    # ------------------------------------------------------------------ buttons
    def action_give_back(self):
        """The dialog that asks why."""
        context = {"default_override_ids": [fields.Command.set(self.ids)]}
        return self._open_action("distribution_visibility.visibility_override_end_wizard_action", context=context)
