from odoo import api, models


class TierValidation(models.AbstractModel):
    """Trouble does not wait for an approval: documents under review can still be marked as at risk."""

    _inherit = "tier.validation"

    @api.model
    def _get_visibility_fields(self):
        """The at-risk fields of this model, if it is a document that carries any."""
        mixin = self.env["visibility.document.mixin"]
        return [name for name in mixin._fields if name.startswith("visibility_") and name in self._fields]

    @api.model
    def _get_under_validation_exceptions(self):
        return [*super()._get_under_validation_exceptions(), *self._get_visibility_fields()]

    @api.model
    def _get_after_validation_exceptions(self):
        return [*super()._get_after_validation_exceptions(), *self._get_visibility_fields()]
