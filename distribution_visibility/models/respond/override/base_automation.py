from odoo import api, fields, models
from odoo.exceptions import UserError

from ..automation.base_automation import STATISTICS_DAYS
from ..automation.base_automation_running import Overridden
from .visibility_overridable_mixin import ALL


class BaseAutomation(models.Model):
    """Governed automations leave alone what people took out of their hands, and say so once."""

    _name = "base.automation"
    _inherit = ["base.automation", "visibility.overridable.mixin"]
    _visibility_aspects = {"runs": []}

    overridden_count = fields.Integer(
        "Overridden (30 days)",
        compute="_compute_overridden",
        help="What people decided against what it had set, or what kept it from acting.",
    )
    overridden_rate = fields.Float(
        "Overridden share (30 days)",
        compute="_compute_overridden",
        help="Of the records that it acted on or would have: on how many people decided otherwise.",
    )

    # ------------------------------------------------------------------ before it acts
    def _leave_to_people(self, records):
        """Leave out what people hold: nothing is left while it rests until a person's date."""
        if override := self._get_override("runs"):
            self._record_resting(records, override)
            return records.browse()
        return self._leave_overridden(records)

    def _record_resting(self, records, override):
        """It rests until a person's date: the first record stands for all, once."""
        self._record_overridden(records[:1], {record.id: override for record in records[:1]}, by_record=False)

    def _leave_overridden(self, records):
        """Leave out the records whose automatic states are all held by a person: one query."""
        if "visibility_override_ids" not in records._fields:
            return records
        held = {record.id: override for record in records if (override := record._get_override(ALL))}
        self._record_overridden(records, held)
        return records.filtered(lambda record: record.id not in held)

    def _check_left_to_people(self, record):
        """Raise UserError when all of a record is left to people since it was asked about."""
        is_overridable = "visibility_override_ids" in record._fields
        if record and is_overridable and (override := record._get_override(ALL)):
            raise UserError(self._get_overridden_sentence(override))

    # ------------------------------------------------------------------ after it acted
    def _check_overrides(self, scope, records, compared):
        """Refuse to change what a person holds, on the records themselves and on those that go with them.

        :raises Overridden: nothing that was done to these records stays then
        """
        standing = self.env["visibility.override"]._get_standing(set(compared))
        found = {}
        for record in records if standing else ():
            key = (record._name, record.id)
            for other in dict.fromkeys([key, *scope.related.get(key, ())]):
                names = {name for name, _before, _after in compared.get(other, ())}
                if override := self._find_held(other, names, standing):
                    found[record.id] = override
        if found:
            raise Overridden(found)

    @api.model
    def _find_held(self, key, names, standing):
        """Of the overrides of a record the first that holds one of these fields."""
        overrides = standing.get(key)
        for override in overrides if names and overrides else ():
            held = self.env[key[0]].browse(key[1])._get_held_fields(override)
            if held is None or names & set(held):
                return override
        return None

    def _let_alone(self, records, found):
        """Nothing was done to these, and that is what the log says; whoever has just said yes is told."""
        if self._get_answered():
            raise UserError(self._get_overridden_sentence(next(iter(found.values()))))
        self._record_overridden(records, found)

    @api.model
    def _get_overridden_sentence(self, override):
        return self.env._("%s. Give it back to automation first.", override._get_banner_line().rstrip("."))

    def _record_overridden(self, records, found, by_record=True):
        """One run for a record and override (or for an override), however often the automation comes."""
        runs = self.env["visibility.action.run"]
        overrides = self.env["visibility.override"].union(*found.values())
        known = runs.sudo().search_fetch(
            [("automation_id", "=", self.id), ("result", "=", "overridden"), ("override_id", "in", overrides.ids)],
            ["res_id", "override_id"],
        ) if found else runs  # fmt: skip
        told = {(run.res_id if by_record else records.id, run.override_id.id) for run in known}
        runs._record(
            [
                self._prepare_governed_run(
                    record, "overridden", detail=override._get_reminder(), override_id=override.id
                )
                for record in records
                if (override := found.get(record.id)) and (record.id, override.id) not in told
            ]
        )

    def _get_override_refusal(self, aspect, value):
        if not self.sudo().is_governed:
            return self.env._("Only governed automations can rest: switch “%s” off instead.", self.sudo().name)
        return super()._get_override_refusal(aspect, value)

    # ------------------------------------------------------------------ how often people know better
    def _compute_overridden(self):
        runs = self.env["visibility.action.run"].sudo()
        recent = [("automation_id", "in", self.ids), ("occurred_at", ">=", runs._since(days=STATISTICS_DAYS))]
        counted = ("done", "failed", "overridden")
        totals = dict(runs._read_group([*recent, ("result", "in", counted)], ["automation_id"], ["__count"]))
        overrides = self._get_recent_overrides(recent)
        for automation in self:
            count = len(overrides.get(automation, ()))
            automation.overridden_count = count
            automation.overridden_rate = min(count / totals[automation], 1) if totals.get(automation) else 0

    def _get_recent_overrides(self, recent):
        """What people decided against these lately, by automation: both counted and shown."""
        runs = self.env["visibility.action.run"].sudo()
        stopped = runs._read_group(
            [*recent, ("result", "=", "overridden")], ["automation_id"], ["override_id:recordset"]
        )
        against = self.env["visibility.override"].sudo()._read_group(
            [
                ("automation_id", "in", self.ids),
                ("kind", "=", "grant"),
                ("create_date", ">=", runs._since(days=STATISTICS_DAYS)),
            ],
            ["automation_id"],
            ["id:recordset"],
        )
        overrides = {}
        for automation, some in (*stopped, *against):
            overrides[automation] = overrides.get(automation, some.browse()) | some
        return overrides

    def action_open_overrides(self):
        """What people decided against this automation lately."""
        self.ensure_one()
        since = self.env["visibility.action.run"]._since(days=STATISTICS_DAYS)
        recent = [("automation_id", "=", self.id), ("occurred_at", ">=", since)]
        found = self._get_recent_overrides(recent).get(self.sudo(), self.env["visibility.override"])
        domain = [("id", "in", found.ids)]
        return self._open_action("distribution_visibility.visibility_override_action", domain=domain)
