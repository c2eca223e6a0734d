import json

from odoo import fields, models

from ....lib.respond.log.hash_chain import canonical_json
from .visibility_exception import HELD
from .visibility_overridable_mixin import ALL

VALUES = ("severity", "owner", "deadline", "party")


class VisibilityException(models.Model):
    """An override of an exception ends: what would have happened meanwhile happens now."""

    _inherit = "visibility.exception"

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
        rested = self.filtered(
            lambda one: one.escalation_due_at and one.escalation_due_at == overrides[one.id].until
        )
        rested.write({"escalation_due_at": fields.Datetime.now()})

    # ------------------------------------------------------------------ open or closed
    def _release_state(self, _aspect, _overrides):
        """What ended meanwhile clears itself now, what came back is open again."""
        over = self.filtered(lambda one: one.is_open and one.cause_ended_at)
        still = over._filter_still_caused()
        still.write({"cause_ended_at": False, "cause_ended_event_id": False})
        for event, exceptions in (over - still).grouped("cause_ended_event_id").items():
            sentence = self.env._("Its cause was over while a person kept it open.")
            exceptions._end({"state": "resolved", "resolution": sentence, "closed_by_event_id": event.id})
        back = self.filtered(lambda one: not one.is_open and one.came_back_at)
        back.write({"came_back_at": False})
        back.filtered(lambda one: one._is_cause_there() and not one.merged_into_id)._reopen()

    def _filter_still_caused(self):
        """Those of these whose cause is there again, or another one."""
        caused = self.filtered("rule_ids")
        for (category, model), exceptions in self.grouped(lambda one: (one.category_id, one.res_model)).items():
            if model in self.env:
                subjects = self._get_overdue(category, self.env[model].browse(set(exceptions.mapped("res_id"))))
                caused |= exceptions.filtered(lambda one, ids=set(subjects.ids): one.res_id in ids)
        return caused

    def _is_cause_there(self):
        if self.rule_id.kind == "condition":
            return bool(self.rule_ids)
        return not (self.shipment_id and self.shipment_id._is_past(self.category_id, self.last_seen_at))

    # ------------------------------------------------------------------ merged, and gone
    def _merge(self, others, reason=None):
        """What a person had decided counts for the target as it stands; the override itself ends with the merge."""
        standing = (others - self)._get_overrides()
        if standing:
            # Without letting automation have its way: a part that would close or come back cannot be merged
            standing._end_quietly(self.env._("Merged into %s.", self.name))
        result = super()._merge(others, reason)
        for aspect, overrides in standing.filtered(lambda one: one.aspect in VALUES).grouped("aspect").items():
            by_id = {override.res_id: override for override in overrides}
            self.sudo().browse(by_id)._release_override(aspect, by_id)
        return result


class VisibilitySubjectMixin(models.AbstractModel):
    _inherit = "visibility.subject.mixin"

    def unlink(self):
        """Exceptions of what is deleted end, whoever held them open."""
        about = [("res_model", "=", self._name), ("res_id", "in", self.ids), ("is_open", "=", True)]
        self.env["visibility.override"]._forget(self.env["visibility.exception"].sudo().search(about))
        return super().unlink()
