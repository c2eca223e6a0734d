import json

from odoo import models
from odoo.tools import format_datetime

from ...detect.gate.visibility_override import GATE


class VisibilityOverride(models.Model):
    """Overrides in words: in the chatter, on the form, in the log."""

    _inherit = "visibility.override"

    def _get_told(self):
        if self.aspect == GATE:
            return super()._get_told()
        return [self._get_document()]

    def _get_until_label(self):
        """The moment where the reader is."""
        zone = self.env.context.get("tz") or self.env.user.tz
        return self.until and format_datetime(self.env, self.until, tz=zone, dt_format="short")

    def _get_value_label(self):
        """What it was set to, in the reader's language and time; as it was written down where that is not known."""
        model = self.env.get(self.res_model)
        if model is None or not self.value_label:
            return self.value_label
        return model.sudo()._get_state_label(self.aspect, json.loads(self.value)) or self.value_label

    def _get_sentence(self):
        """*Severity set to Warning until 5 Dec 2026, 08:00. Why: the customer agreed*"""
        if self.aspect == GATE:
            return super()._get_sentence()
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
