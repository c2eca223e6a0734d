import json

from odoo import api, fields, models
from odoo.tools import SQL

from ...detect.gate.visibility_override import GATE

MANAGER = "distribution_visibility.group_manager"


class VisibilityOverride(models.Model):
    """A state that a person took out of automation's hands: which, what it is now, and what it was before.

    What respects it, and what happens at the end, say the records: ``visibility.overridable.mixin``.
    """

    _inherit = "visibility.override"

    value = fields.Text("Set to (JSON)", readonly=True)
    before = fields.Text("Before (JSON)", readonly=True, help="What automation had set, before the first override.")
    value_label = fields.Char("Set to", readonly=True)
    before_label = fields.Char("Instead of", readonly=True)
    rule_id = fields.Many2one(
        "visibility.rule",
        "Against the rule",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="It had found the exception that this is about, or the worst one on the document.",
    )
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
    def _prepare_subject(self, vals, record):
        if vals["aspect"] == GATE:
            exception = self.env["visibility.exception"].sudo().browse(vals["exception_id"])
            return {**super()._prepare_subject(vals, record), "rule_id": exception.rule_id.id}
        if vals["kind"] != "grant":
            return {}
        exception = record if record._name == "visibility.exception" else record._get_worst_exception()
        return {
            "company_id": record._get_override_company().id,
            "category_id": exception.category_id.id,
            "rule_id": record.id if record._name == "visibility.rule" else exception.rule_id.id,
            "automation_id": record._get_overridden_automation(vals["aspect"]).id,
        }

    @api.model_create_multi
    def create(self, vals_list):
        overrides = super().create(vals_list)
        overrides._refresh_records()
        return overrides

    def _prepare_end(self, kind, reason):
        values = super()._prepare_end(kind, reason)
        if self.aspect != GATE:
            kept = ("value", "before", "value_label", "before_label")
            links = ("category_id", "company_id", "rule_id", "automation_id")
            values.update({name: self[name] for name in kept}, **{name: self[name].id for name in links})
        return values

    def _refresh_records(self):
        """The records know what holds: they have to look again."""
        for model, overrides in self.grouped("res_model").items():
            records = self.env[model].browse(overrides.mapped("res_id"))
            if "visibility_override_ids" in records._fields:
                records.invalidate_recordset(["visibility_override_ids"])

    # ------------------------------------------------------------------ who may
    def _get_refusal(self):
        if self.aspect == GATE:
            return super()._get_refusal()
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
