from odoo import api, models


class VisibilitySubscriptionFilter(models.Model):
    _inherit = "visibility.subscription.filter"

    @api.model
    def _selection_model(self):
        return [*super()._selection_model(), ("visibility.decision", self.env._("Decisions"))]
