from odoo import models


class PurchaseOrder(models.Model):
    """What stops the confirmation of an order."""

    _inherit = "purchase.order"

    def _check_steps(self, vals):
        """Asked before a change is written: every way to confirm comes to that."""
        if vals.get("state") in ("to approve", "purchase"):
            self._check_gate("purchase_confirm")

    def _get_gate_subjects(self):
        return {"res.partner": self.partner_id.commercial_partner_id}
