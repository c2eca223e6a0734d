from odoo import api, models


class VisibilityErasure(models.Model):
    """Briefs name people, too."""

    _inherit = "visibility.erasure"

    @api.model
    def _get_person_fields(self):
        return {**super()._get_person_fields(), "visibility.brief": ["content", "draft", "text"]}
