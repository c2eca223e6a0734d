from odoo import api, models


class VisibilityFollowUp(models.Model):
    """Proposals that could not be worked out at once are worked out a moment later."""

    _inherit = "visibility.follow.up"

    @api.model
    def _follow_allocations(self, ids_by_key):
        for ids in ids_by_key.values():
            self.env["stock.picking"].browse(ids).exists()._propose_allocations()
