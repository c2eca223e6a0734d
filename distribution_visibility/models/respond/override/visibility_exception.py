import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ....lib.base.grant import OVERRIDES
from ....lib.respond.automation.scope import Scopes
from ....lib.respond.log.hash_chain import canonical_json
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
VALUES = ("severity", "owner", "deadline", "party")


class VisibilityException(models.Model):
    """Exceptions whose severity, owner, deadline, ... a person holds: what sets them by itself leaves them.

    What it would have set is kept, and comes into force at the end.
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
        readonly=True,
        copy=False,
        help="What would have been set by itself while a person held it, by field.",
        written_by="detect",
    )
    came_back_at = fields.Datetime(
        "Came back meanwhile",
        readonly=True,
        copy=False,
        help="The cause was seen again while a person held it closed.",
        written_by="detect",
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

    def _get_held_fields(self, override):
        if override.aspect == ALL:
            return None
        return HELD.get(override.aspect) or super()._get_held_fields(override)

    # ------------------------------------------------------------------ nothing but a person changes it
    def _split_held(self, vals):
        """What is written on which of these: automation leaves what a person holds.

        :return: list of (exceptions, values)
        """
        aspects = self._get_aspects(vals)
        if not aspects or OVERRIDES.take(self.env.context) or not self.env.su:
            return [(self, vals)]
        held = {mine: found - found._get_compared() for mine, found in self._get_held_aspects(aspects).items()}
        rest = self - self.browse().union(*held.values())
        parts = [(records, self._leave_out(mine, vals)) for mine, records in held.items() if records]
        return [*parts, (rest, vals)]

    @api.model
    def _get_aspects(self, vals):
        return [aspect for aspect, names in HELD.items() if names[0] in vals]

    @api.model
    def _leave_out(self, aspects, vals):
        held = {name for aspect in aspects for name in HELD[aspect]}
        return {name: value for name, value in vals.items() if name not in held}

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

    def _keep_wanted(self, vals, written):
        """Keep for later what would have changed something that a person holds."""
        left_out = {name: value for name, value in vals.items() if name not in written}
        if "state" in left_out:
            self._note_wanted_state(left_out)
        self._remember_wanted({name: value for name, value in left_out.items() if name not in HELD["state"]})

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
    def _check_held(self, vals):
        """What one person has set with a reason, another one does not change in passing."""
        if self.env.su:
            return
        for aspects, exceptions in self._get_held_aspects(self._get_aspects(vals)).items():
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

    def _overrule(self, vals):
        """Everything automatic is held, and a person sets something by hand: that is what counts from now on."""
        if self.env.su:
            return
        for aspects, exceptions in self._get_held_aspects(self._get_aspects(vals)).items():
            for exception in exceptions:
                own = set(exception._get_overrides().mapped("aspect"))
                exception._forget_wanted([aspect for aspect in aspects if aspect not in own])

    def _forget_wanted(self, aspects):
        names = {name for aspect in aspects for name in HELD[aspect]}
        for exception in self.sudo().filtered("override_wanted"):
            left = {name: value for name, value in exception.override_wanted.items() if name not in names}
            if left != exception.override_wanted:
                exception.override_wanted = left or False

    # ------------------------------------------------------------------ priority and escalation
    def _compute_held_priority(self):
        """Those of these whose priority a person holds have it."""
        held = self._filter_overridden("priority")
        for exception in held:
            override = exception._get_override("priority")
            score = exception._origin.priority_score if override.aspect == ALL else json.loads(override.value)
            exception.priority_score = score
        return held

    def _rest_escalation(self):
        """Whether it rests. As with a snooze: who said so has seen it."""
        override = self._get_override("escalation")
        if override:
            soon = fields.Datetime.add(fields.Datetime.now(), minutes=1)
            self.escalation_due_at = max(override.until or fields.Datetime.add(soon, days=1), soon)
        return bool(override)

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

    # ------------------------------------------------------------------ an override ends
    def _apply_override(self, aspect, value):
        if aspect == "priority":
            return self._recompute_priorities()
        if aspect != "owner" or not value:
            return super()._apply_override(aspect, value)
        for exception in self:
            exception._remember_source()
        return self._write_by_hand({"user_id": value, "owner_source": "person"})

    def _remember_source(self):
        """How it had come to its owner before the first override."""
        known = self.override_wanted or {}
        names = [name for name in ("owner_source", "team_id") if name not in known]
        self._remember_wanted({name: self[name] for name in names})

    def _release_override(self, aspect, overrides):
        for one in (*VALUES, "priority", "escalation", "state") if aspect == ALL else (aspect,):
            # Something else may still hold it
            free = self - self._filter_overridden(one)
            if free:
                getattr(free, f"_release_{one}", free._release_value)(one, overrides)

    # ------------------------------------------------------------------ values
    def _release_value(self, aspect, overrides):
        """What was wanted last by itself, else what there was before."""
        groups = {}
        for exception in self:
            values = exception._get_released(aspect, overrides[exception.id])
            if values:
                groups.setdefault(canonical_json(values), (values, self.browse()))
                groups[canonical_json(values)] = (values, groups[canonical_json(values)][1] | exception)
            exception._forget_wanted([aspect])
        for values, exceptions in groups.values():
            exceptions._write_by_hand(values)

    def _get_released(self, aspect, override):
        name = HELD[aspect][0]
        wanted = {one: value for one, value in (self.override_wanted or {}).items() if one in HELD[aspect]}
        if name in wanted:
            return wanted
        is_as_set = override.aspect == aspect and canonical_json(self._read_state(aspect)) == override.value
        return {**wanted, name: json.loads(override.before)} if is_as_set else {}

    def _release_owner(self, aspect, overrides):
        self._release_value(aspect, overrides)
        away = self.filtered(lambda one: one.is_open and not self._is_still_there("user_id", one.user_id.id))
        away._reassign()

    def _release_priority(self, _aspect, _overrides):
        self._recompute_priorities()

    def _release_escalation(self, _aspect, overrides):
        """What rested until the end goes on now."""
        rested = self.filtered(lambda one: one.escalation_due_at and one.escalation_due_at == overrides[one.id].until)
        rested.write({"escalation_due_at": fields.Datetime.now()})

    # ------------------------------------------------------------------ open or closed
    def _release_state(self, _aspect, _overrides):
        """What ended meanwhile clears itself now, what came back is open again."""
        over = self.filtered(lambda one: one.is_open and one.cause_ended_at)
        # Its cause is there again, or another one
        still = over.filtered("rule_ids") | over._filter_overdue()
        still.write({"cause_ended_at": False, "cause_ended_event_id": False})
        for event, exceptions in (over - still).grouped("cause_ended_event_id").items():
            sentence = self.env._("Its cause was over while a person kept it open.")
            exceptions._end({"state": "resolved", "resolution": sentence, "closed_by_event_id": event.id})
        back = self.filtered(lambda one: not one.is_open and one.came_back_at)
        back.write({"came_back_at": False})
        back.filtered(lambda one: one._is_cause_there() and not one.merged_into_id)._reopen()

    def _is_cause_there(self):
        if self.rule_id.kind == "condition":
            return bool(self.rule_ids)
        return not (self.shipment_id and self.shipment_id._is_past(self.category_id, self._get_last_true()))

    # ------------------------------------------------------------------ merged, and gone
    def _end_overrides_of_merged(self, target):
        """The overrides of these end as they become part of a target; gives them."""
        standing = self._get_overrides()
        if standing:
            # Without letting automation have its way: a part that would close or come back cannot be merged
            standing._end_quietly(self.env._("Merged into %s.", target.name))
        return standing

    def _keep_decided(self, overrides):
        """What a person had decided about parts counts for this one as it stands."""
        for aspect, mine in overrides.filtered(lambda one: one.aspect in VALUES).grouped("aspect").items():
            by_id = {override.res_id: override for override in mine}
            self.sudo().browse(by_id)._release_override(aspect, by_id)

    def _forget_overrides(self):
        """What these are about is deleted: nobody holds them open any more."""
        self.env["visibility.override"]._forget(self.filtered("is_open"))
