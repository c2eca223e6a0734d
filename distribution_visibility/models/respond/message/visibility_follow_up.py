from odoo import api, models


class VisibilityFollowUp(models.Model):
    """Drafts that somebody should not wait for are made a moment later."""

    _inherit = "visibility.follow.up"

    @api.model
    def _follow_messages(self, ids_by_key):
        self.env["visibility.message"].sudo()._follow_guarded(ids_by_key)
