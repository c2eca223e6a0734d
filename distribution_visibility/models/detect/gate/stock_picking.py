from odoo import models


class StockPicking(models.Model):
    """What stops the validation of a transfer."""

    _inherit = "stock.picking"

    def button_validate(self):
        # before Odoo asks about backorders what can be seen without a query; the door is the moves' _action_done
        self.filtered(lambda picking: picking.visibility_severity == "blocking")._check_validation()
        return super().button_validate()

    def _check_validation(self):
        """Stop here if something blocking is open on one of these transfers, or on its order or customer."""
        for code, pickings in self.grouped(lambda picking: picking._get_gate_code()).items():
            pickings._check_gate(code)

    def _get_gate_code(self):
        by_type = {"outgoing": "delivery_validate", "dropship": "delivery_validate", "incoming": "receipt_validate"}
        return by_type.get(self.picking_type_code, "internal_validate")

    def _get_gate_subjects(self):
        receipts = self.filtered(lambda picking: picking.picking_type_code == "incoming" or picking._is_dropship())
        sales = self._get_sale_orders()
        return {
            "sale.order": sales,
            "purchase.order": receipts._get_purchase_orders(),
            "res.partner": (sales.partner_id | self.partner_id).commercial_partner_id,
        }
