from odoo import api, models


class VisibilityFollowUp(models.Model):
    """Expectations are brought in line with the documents that people touched."""

    _inherit = "visibility.follow.up"

    @api.model
    def _follow_expectations(self, ids_by_key):
        self.env["visibility.expectation"]._follow_noted(ids_by_key)
