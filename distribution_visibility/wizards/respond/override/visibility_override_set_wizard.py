from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ....models.detect.exception.visibility_exception_category import SEVERITY
from ....models.respond.override.visibility_overridable_mixin import MANAGER

#: Aspect to the field of this form that says what it is set to.
VALUES = {
    "severity": "severity",
    "owner": "user_id",
    "deadline": "deadline",
    "priority": "priority_score",
    "party": "responsible_party",
    "at_risk": "at_risk",
    "warehouse_priority": "warehouse_priority",
    "eta": "eta",
    "direction": "direction",
    "late_risk": "late_risk",
}
NAMED = 5


class VisibilityOverrideSetWizard(models.TransientModel):
    """A person takes states of one or many records out of automation's hands: which, set to what, why, until when."""

    _name = "visibility.override.set.wizard"
    _description = "Override what goes by itself"
    _inherit = ["visibility.action.mixin"]

    res_model = fields.Char(required=True, readonly=True)
    record_ids = fields.Char(required=True, readonly=True, help="Ids with commas.")
    record_count = fields.Integer(compute="_compute_records")
    record_names = fields.Char("Of", compute="_compute_records")
    available_aspect_ids = fields.Many2many("visibility.aspect", compute="_compute_available_aspect_ids")
    aspect_ids = fields.Many2many(
        "visibility.aspect", string="What you decide", domain="[('id', 'in', available_aspect_ids)]", required=True
    )
    effect = fields.Text(compute="_compute_effect")
    codes = fields.Char(compute="_compute_effect")
    reason = fields.Char("Why", required=True, help="Kept for good, with your name.")
    until = fields.Datetime(default=lambda self: self._get_default_until(), help="Automation decides again then.")
    is_without_end = fields.Boolean("Without end", help="Until somebody gives it back.")
    is_manager = fields.Boolean(compute="_compute_is_manager")

    severity = fields.Selection(SEVERITY)
    user_id = fields.Many2one("res.users", "Person responsible", domain=[("share", "=", False)])
    deadline = fields.Datetime()
    priority_score = fields.Integer("Priority (0 to 100)")
    responsible_party = fields.Selection(
        selection=lambda self: self.env["visibility.exception"]._fields["responsible_party"].selection
    )
    at_risk = fields.Selection(
        [("none", "Not at risk"), ("information", "Information"), ("warning", "Warning: at risk")], default="none"
    )
    warehouse_priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], "Place in the warehouse", default="1")
    eta = fields.Datetime("Arrives")
    direction = fields.Selection(selection=lambda self: self.env["visibility.shipment"]._fields["direction"].selection)
    late_risk = fields.Selection([("time", "In time"), ("late", "At risk of being late")], default="time")

    # ------------------------------------------------------------------ what is shown
    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        ids = context.get("active_ids") or [context.get("active_id")]
        values.update(res_model=context.get("active_model"), record_ids=",".join(str(one) for one in ids if one))
        return {**values, **self._get_present_values(values["res_model"], ids)}

    @api.model
    def _get_present_values(self, model, ids):
        """Of a single record what it is now, so that only what is to change has to be typed."""
        record = self.env[model].browse(ids) if model in self.env and len(ids) == 1 else None
        if not record:
            return {}
        values = {}
        for aspect, name in VALUES.items():
            kept = next(iter(record._visibility_aspects.get(aspect, ())), None)
            if kept and aspect not in ("at_risk", "late_risk", "warehouse_priority"):
                value = record[kept]
                values[name] = value.id if isinstance(value, models.BaseModel) else value
        return values

    @api.model
    def _get_default_until(self):
        """So many days from now, by the setting of the company."""
        return fields.Datetime.now().replace(second=0) + timedelta(days=self.env.company.visibility_override_days)

    @api.depends("res_model", "record_ids")
    def _compute_records(self):
        for wizard in self:
            records = wizard._get_records()
            wizard.record_count = len(records)
            names = records[:NAMED].mapped("display_name")
            more = len(records) - NAMED
            wizard.record_names = ", ".join([*names, self.env._("%s more", more)] if more > 0 else names)

    @api.depends("res_model")
    def _compute_available_aspect_ids(self):
        for wizard in self:
            wizard.available_aspect_ids = self.env["visibility.aspect"]._get_of(wizard.res_model)

    @api.depends("aspect_ids")
    def _compute_effect(self):
        for wizard in self:
            aspects = wizard.aspect_ids._origin
            wizard.effect = "\n".join(aspects.filtered("effect").mapped("effect"))
            wizard.codes = f",{','.join(aspects.mapped('code'))},"

    @api.depends_context("uid")
    def _compute_is_manager(self):
        self.is_manager = self.env.user.has_group(MANAGER)

    def _get_records(self):
        model = self.env.get(self.res_model or "")
        if model is None or not isinstance(model, self.env.registry["visibility.overridable.mixin"]):
            raise UserError(self.env._("Nothing of these goes by itself that could be overridden."))
        return model.browse(int(number) for number in (self.record_ids or "").split(",") if number).exists()

    # ------------------------------------------------------------------ done
    def action_confirm(self):
        """Write down who decided what, and why; all records or, when one may not be overridden, none."""
        self.ensure_one()
        if not self.until and not self.is_without_end:
            raise UserError(self.env._("Say until when."))
        records, codes = self._get_records(), self.aspect_ids.sorted().mapped("code")
        values = {code: self._get_value(code) for code in codes if code in VALUES}
        records._override(codes, self.reason, False if self.is_without_end else self.until, values)
        if len(records) < 2:
            return {"type": "ir.actions.act_window_close"}
        return self._say(self.env._("%s records are in people's hands now.", len(records)), after="close")

    def _get_value(self, code):
        """What the form says, as a JSON value."""
        field = self._fields[VALUES[code]]
        value = self[field.name]
        if code == "late_risk":
            return value == "late"
        value = self.env["visibility.action.recorder"]._to_json(field, value)
        if value is False and code in ("severity", "deadline", "eta", "direction", "at_risk", "warehouse_priority"):
            raise UserError(self.env._("Say what “%s” is set to.", field._description_string(self.env)))
        if code == "priority" and not 0 <= value <= 100:
            raise UserError(self.env._("A priority is from 0 to 100."))
        return value
