import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ....lib.base.permit import take
from ....lib.respond.automation.scope import Scopes
from ...detect.exception.visibility_exception import CLOSED_STATES
from .visibility_overridable_mixin import ALL

#: What is held together, by aspect; the first is the one that says that something is about to change.
HELD = {
    "severity": ("severity",),
    "owner": ("user_id", "owner_source", "team_id"),
    "deadline": ("deadline",),
    "party": ("responsible_party",),
    "state": ("state", "resolution", "root_cause_id", "closed_at", "closed_by_id", "closed_by_event_id"),
}


class VisibilityException(models.Model):
    """Exceptions whose severity, owner, deadline, ... a person holds: what sets them by itself leaves them.

    What it would have set is kept and comes into force at the end, see
    :mod:`visibility_exception_override_release`.
    """

    _name = "visibility.exception"
    _inherit = ["visibility.exception", "visibility.overridable.mixin"]
    _visibility_aspects = {
        "severity": ["severity"],
        "owner": ["user_id"],
        "deadline": ["deadline"],
        "party": ["responsible_party"],
        "priority": ["priority_score"],
        "state": [],
        "escalation": [],
    }

    override_wanted = fields.Json(
        readonly=True, copy=False, help="What would have been set by itself while a person held it, by field."
    )
    came_back_at = fields.Datetime(
        "Came back meanwhile", readonly=True, copy=False, help="The cause was seen again while a person held it closed."
    )

    override_log_ids = fields.Many2many(
        "visibility.override",
        string="All overrides",
        compute="_compute_override_log_ids",
        help="Steps that were let pass, and what people took out of automation's hands, ended ones included.",
    )

    @api.depends("override_ids", "visibility_override_ids")
    def _compute_override_log_ids(self):
        own = ["&", ("res_model", "=", self._name), ("res_id", "in", self.ids)]
        rows = self.env["visibility.override"].search(["|", ("exception_id", "in", self.ids), *own])
        for exception in self:
            exception.override_log_ids = rows.filtered(
                lambda row, one=exception: row.exception_id == one or (row.res_model, row.res_id) == (one._name, one.id)
            )

    @api.model
    def _get_fields_of_detect(self):
        return super()._get_fields_of_detect() | {"override_wanted", "came_back_at"}

    def _get_held_fields(self, override):
        if override.aspect == ALL:
            return None
        return HELD.get(override.aspect) or super()._get_held_fields(override)

    # ------------------------------------------------------------------ nothing but a person changes it
    def write(self, vals):
        aspects = [aspect for aspect, names in HELD.items() if names[0] in vals]
        if not aspects:
            return super().write(vals)
        if take(self.env.context, "visibility_overrides"):
            return super().write(vals)
        held = self._get_held_aspects(aspects)
        if not self.env.su:
            self._check_held(held, vals)
            for aspects, exceptions in held.items():
                exceptions._overrule(aspects)
            return super().write(vals)
        held = {aspects: records for aspects, found in held.items() if (records := found - found._get_compared())}
        for mine, records in held.items():
            if left := records._keep_wanted(mine, vals):
                super(VisibilityException, records).write(left)
        rest = self.browse().union(*held.values())
        return super(VisibilityException, self - rest).write(vals)

    def _get_held_aspects(self, aspects):
        """Those of these that a person holds, by which of the aspects."""
        groups = {}
        for exception in self:
            codes = set(exception._get_overrides().mapped("aspect"))
            mine = tuple(aspect for aspect in aspects if aspect in codes or ALL in codes)
            if mine:
                groups[mine] = groups.get(mine, self.browse()) | exception
        return groups

    def _get_compared(self):
        """Records that a governed automation runs on: what it changes is looked at afterwards, and undone."""
        keys = {key for automation, one in Scopes.of(self.env.context) if automation for key in one.before}
        return self.filtered(lambda one: (one._name, one.id) in keys) if keys else self.browse()

    def _keep_wanted(self, aspects, vals):
        """Keep for later what would change something that a person holds; gives the other values."""
        held = {name for aspect in aspects for name in HELD[aspect]}
        if "state" in aspects:
            self._note_wanted_state(vals)
        kept = {name: vals[name] for name in held - set(HELD["state"]) if name in vals}
        self._remember_wanted(kept)
        return {name: value for name, value in vals.items() if name not in held}

    def _remember_wanted(self, values):
        for exception in self if values else ():
            texts = {name: self._to_wanted(name, value) for name, value in values.items()}
            exception.override_wanted = {**(exception.override_wanted or {}), **texts}

    @api.model
    def _to_wanted(self, name, value):
        value = value.id if isinstance(value, models.BaseModel) else value
        return fields.Datetime.to_string(value) if value and self._fields[name].type == "datetime" else value

    def _note_wanted_state(self, vals):
        """It is over, or back: that counts when the person's time is over."""
        if vals["state"] in CLOSED_STATES:
            self.filtered(lambda one: one.is_open and not one.cause_ended_at)._note_cause_ended(vals)
        else:
            back = self.filtered(lambda one: not one.is_open and not one.came_back_at)
            back.write({"came_back_at": fields.Datetime.now()})

    # ------------------------------------------------------------------ a person by hand
    def _check_held(self, held, vals):
        """What one person has set with a reason, another one does not change in passing."""
        for aspects, exceptions in held.items():
            for exception in exceptions:
                for override in exception._get_overrides():
                    if override.aspect in aspects and override.aspect != "state":
                        exception._refuse_change(override, vals)

    def _refuse_change(self, override, vals):
        name = HELD[override.aspect][0]
        value = self.env["visibility.action.recorder"]._to_json(self._fields[name], self[name])
        if self._to_wanted(name, vals[name]) != value:
            raise UserError(
                self.env._(
                    "%(exception)s: %(line)s. Override it anew, or give it back first.",
                    exception=self.name,
                    line=override._get_banner_line().rstrip("."),
                )
            )

    def _overrule(self, aspects):
        """Everything automatic is held, and a person sets something by hand: that is what counts from now on."""
        for exception in self:
            own = set(exception._get_overrides().mapped("aspect"))
            exception._forget_wanted([aspect for aspect in aspects if aspect not in own])

    def _forget_wanted(self, aspects):
        names = {name for aspect in aspects for name in HELD[aspect]}
        for exception in self.sudo().filtered("override_wanted"):
            left = {name: value for name, value in exception.override_wanted.items() if name not in names}
            if left != exception.override_wanted:
                exception.override_wanted = left or False

    # ------------------------------------------------------------------ priority and escalation
    def _compute_priority_score(self):
        held = self._filter_overridden("priority")
        result = super(VisibilityException, self - held)._compute_priority_score()
        for exception in held:
            override = exception._get_override("priority")
            score = exception._origin.priority_score if override.aspect == ALL else json.loads(override.value)
            exception.priority_score = score
        return result

    def _escalate_one(self, desk, told, cache):
        override = self._get_override("escalation")
        if not override:
            return super()._escalate_one(desk, told, cache)
        # As with a snooze: who said so has seen it
        soon = fields.Datetime.add(fields.Datetime.now(), minutes=1)
        self.escalation_due_at = max(override.until or fields.Datetime.add(soon, days=1), soon)
        return None

    def _reassign(self):
        return super(VisibilityException, self - self._filter_overridden("owner"))._reassign()

    # ------------------------------------------------------------------ who may
    def _get_override_refusal(self, aspect, value):
        refusal = super()._get_override_refusal(aspect, value) or self._get_release_refusal(aspect, value)
        if refusal:
            return refusal
        try:
            self.sudo(False)._check_may_work()
        except AccessError as error:
            return str(error)
        return ""

    def _get_release_refusal(self, aspect, value):
        """What keeps a blocking exception from stopping its steps takes the same right as letting a step pass."""
        exception = self.sudo()
        severities = (exception.severity, exception.category_id.severity, exception.rule_id.severity)
        if not exception.gate_ids or "blocking" not in severities:
            return ""
        lowers = aspect == "severity" and value != "blocking"
        holds = aspect in ("state", ALL) and not (exception.is_open and exception.severity == "blocking")
        if not (lowers or holds):
            return ""
        return exception.category_id._get_refusal(self.env.user, exception, exception._get_document().exists())
