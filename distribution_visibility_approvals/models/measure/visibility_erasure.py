from odoo import api, models
from odoo.addons.distribution_visibility.lib.base.grant import ERASES


class VisibilityErasure(models.Model):
    """Justifications and comments name people, too. What was decided, by whom and about what stays."""

    _inherit = "visibility.erasure"

    @api.model
    def _get_person_fields(self):
        own = {"visibility.decision": ["justification", "decision_note"]}
        return {**super()._get_person_fields(), **own}

    @api.model
    def _blank_fields(self, records, names, terms):
        return super()._blank_fields(records.with_context(**ERASES.context), names, terms)
