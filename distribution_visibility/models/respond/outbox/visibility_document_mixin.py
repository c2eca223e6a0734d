from odoo import models


class VisibilityDocumentMixin(models.AbstractModel):
    """Tells subscribers when a document comes to be at risk, more or less so, or no more."""

    _inherit = "visibility.document.mixin"

    def _get_told_risks(self):
        """What subscribers know of these documents by now; None where nobody wants to know."""
        if not self.env["visibility.outbox.message"]._is_wanted("order.at_risk"):
            return None
        return {one.id: one._get_told_risk() for one in self}

    def _tell_risks(self, told):
        """Tell subscribers of those documents that stand otherwise than they were told."""
        if told is not None:
            changed = self.filtered(lambda one: one._get_told_risk() != told[one.id])
            self.env["visibility.outbox.message"]._emit(
                "order.at_risk", changed, lambda one: one._prepare_risk_event(told[one.id][1])
            )

    def _get_told_risk(self):
        return self.visibility_is_at_risk, self.visibility_severity

    def _prepare_risk_event(self, previous_severity):
        """The data of an event about this document (see the catalogue)."""
        open_exceptions = self.visibility_exception_ids.filtered("is_open")
        return {
            "document": self.env["visibility.outbox.message"]._prepare_document(self),
            "is_at_risk": self.visibility_is_at_risk,
            "severity": self.visibility_severity or None,
            "previous_severity": previous_severity or None,
            "open_exceptions": self.visibility_exception_count,
            "categories": sorted(set(open_exceptions.mapped("category_id.code"))),
        }
