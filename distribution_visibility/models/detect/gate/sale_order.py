from odoo import models


class SaleOrder(models.Model):
    """What stops the confirmation of an order."""

    _inherit = "sale.order"

    def _check_steps(self, vals):
        """Asked before a change is written, and not in ``action_confirm``: every way to confirm comes to that."""
        if vals.get("state") == "sale":
            self._check_gate("sale_confirm")

    def _get_gate_subjects(self):
        return {"res.partner": self.partner_id.commercial_partner_id}
