from odoo import api, models


class VisibilityEvent(models.Model):
    """Corrections of what another person holds."""

    _inherit = "visibility.event"

    @api.model
    def _check_held(self, shipment, values):
        """A person who knows better than the one who holds the ETA has to say so there."""
        if values.get("eta") and shipment._get_override("eta"):
            shipment._refuse_change("eta")
