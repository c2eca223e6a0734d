import json

from odoo import models

from ...detect.exception.visibility_exception import SEVERITY_RANK
from ...detect.risk.visibility_document_mixin import AT_RISK_FROM

#: What is not at risk at all, where severities are chosen.
NONE = "none"


class VisibilityDocumentMixin(models.AbstractModel):
    """Documents whose at-risk mark, person or place in the warehouse a person holds."""

    _name = "visibility.document.mixin"
    _inherit = ["visibility.document.mixin", "visibility.overridable.mixin"]

    def _hold_risk(self, values):
        """What a person said goes before what the exceptions say, but for what is blocking: it stops steps."""
        override = self._get_overrides().filtered(lambda one: one.aspect == "at_risk")
        if not override or values["visibility_severity"] == "blocking":
            return values
        severity = json.loads(override.value)
        held = False if severity in (NONE, False, None) else severity
        return {
            **values,
            "visibility_severity": held,
            "visibility_is_at_risk": SEVERITY_RANK.get(held, -1) >= AT_RISK_FROM,
            "visibility_tag_ids": values["visibility_tag_ids"] if held else [],
        }

    def _get_override_refusal(self, aspect, value):
        refusal = super()._get_override_refusal(aspect, value)
        if not refusal and aspect == "at_risk" and value not in (NONE, "information", "warning", False, None):
            return self.env._("Whether something is blocking is not for an override to say: hold the document instead.")
        return refusal

    def _apply_override(self, aspect, value):
        if aspect == "at_risk":
            return self._refresh_risk()
        return super()._apply_override(aspect, value)

    def _release_override(self, aspect, overrides):
        """The mark is worked out anew from what is open now."""
        if aspect == "at_risk":
            return self._refresh_risk()
        return super()._release_override(aspect, overrides)

    def _get_state_label(self, aspect, value):
        if aspect == "at_risk" and value in (NONE, False, None):
            return self.env._("Not at risk")
        return super()._get_state_label(aspect, value)

    def _get_held_fields(self, override):
        """The at-risk mark follows by itself, so no automation is to blame when it moves."""
        return () if override.aspect == "at_risk" else super()._get_held_fields(override)
