import json

from odoo import api, fields, models

from ....lib.measure.person_search import ERASED
from ....lib.respond.log.hash_chain import canonical_json

#: How an erased value stands in a row.
ERASED_VALUE = canonical_json(ERASED)


class VisibilityActionChange(models.Model):
    """What one response changed: a value before and after, or a record that it created."""

    _name = "visibility.action.change"
    _description = "Change by a response"
    _inherit = ["visibility.evidence.mixin", "visibility.written.once.mixin"]
    _order = "id"
    _rec_name = "field_name"

    run_id = fields.Many2one("visibility.action.run", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="run_id.company_id")
    kind = fields.Selection([("changed", "Changed"), ("created", "Created")], required=True, readonly=True)
    res_model = fields.Char("Model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Record id", model_field="res_model", required=True, readonly=True)
    field_name = fields.Char("Technical name", readonly=True)
    before = fields.Text("Before (JSON)", readonly=True)
    after = fields.Text("After (JSON)", readonly=True)

    salts = fields.Json(readonly=True, help="What the values are sealed with; gone with what was erased.")
    is_erased = fields.Boolean("Personal data erased", compute="_compute_is_erased")

    record_label = fields.Char("Record", compute="_compute_labels")
    field_label = fields.Char("Field", compute="_compute_labels")
    before_label = fields.Char("Before", compute="_compute_labels")
    after_label = fields.Char("After", compute="_compute_labels")

    _by_record = models.Index("(res_model, res_id, field_name)")

    @api.depends("before", "after")
    def _compute_is_erased(self):
        for change in self:
            change.is_erased = ERASED_VALUE in (change.before, change.after)

    def _get_facts(self, vouched, place):
        """What is hashed of this change, the values as salted digests.

        :param dict vouched: what was sealed of values that were erased since, by place and name
        """
        seals = [self.run_id._seal_value(vouched, self, name, f"{place}.{name}") for name in ("before", "after")]
        return [self.kind, self.res_model, self.res_id, self.field_name or "", *seals]

    # ------------------------------------------------------------------ in words
    @api.depends("res_model", "res_id", "field_name", "before", "after")
    def _compute_labels(self):
        for change in self:
            model = self.env.get(change.res_model)
            field = model._fields.get(change.field_name) if model is not None else None
            record = model.sudo().browse(change.res_id).exists() if model is not None else None
            change.record_label = self._get_names(record) if record else f"{change.res_model} {change.res_id}"
            if change.kind == "created":
                change.field_label = self.env._("Created")
                change.before_label, change.after_label = False, change.record_label
            else:
                change.field_label = field._description_string(self.env) if field else change.field_name
                change.before_label = self._get_label(field, change.before)
                change.after_label = self._get_label(field, change.after)

    @api.model
    def _get_label(self, field, text):
        """A recorded value as a person reads it."""
        value = json.loads(text) if text else False
        if field is None or value is False or value is None:
            return self.env._("Yes") if value is True else ""
        if field.relational:
            ids = value if isinstance(value, list) else [value]
            return self._get_names(self.env[field.comodel_name].browse(ids).exists())
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, str(value))
        if field.type == "datetime":
            local = fields.Datetime.context_timestamp(self, fields.Datetime.to_datetime(value))
            return f"{local:%Y-%m-%d %H:%M}"
        return self.env._("Yes") if value is True else str(value)

    @api.model
    def _get_names(self, records):
        """Names of records that the reader may read; of others only how many there are."""
        mine = records.with_env(self.env)._filtered_access("read")
        names, hidden = mine.mapped("display_name"), len(records) - len(mine)
        if hidden:
            names.append(self.env._("%s not shown to you", hidden))
        return ", ".join(names)
