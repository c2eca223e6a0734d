from odoo import api, fields, models

from ...base.words.told import AS_KEPT, Told


class VisibilityException(models.Model):
    """Why there is an exception, in words: each reader's language, date format and clock."""

    _inherit = "visibility.exception"  # pylint: disable=consider-merging-classes-inherited

    _visibility_is_reported = True

    reason = Told(help="What is wrong, or what is missing; of what others reported in their own words.")
    reason_terms = fields.Json("Reason in each language", readonly=True, written_by="detect")

    @api.model
    def _prepare_reason(self, finding):
        return {
            "reason": finding.reason,
            "reason_terms": getattr(finding.reason, "terms", None) or False,
            "reason_code": finding.reason_code,
            "responsible_party": finding.responsible_party,
            "event_id": finding.event_id,
        }

    def _complete_reason(self, vals):
        """Who writes another reason has written it in one language only."""
        return {**vals, "reason_terms": False} if "reason" in vals and "reason_terms" not in vals else vals

    def _prepare_same_reason(self):
        """The reason as it is kept, for another exception."""
        kept = self.with_context(**AS_KEPT)
        return {name: kept[name] for name in ("reason", "reason_terms", "reason_code")}
