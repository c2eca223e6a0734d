from odoo import fields, models


class StockPicking(models.Model):
    """Receipts beside the ship notices that announced them."""

    _inherit = "stock.picking"

    visibility_comparison_ids = fields.One2many(
        "visibility.receipt.comparison", "picking_id", "Announced and received", readonly=True
    )

    def _action_done(self):
        result = super()._action_done()
        done = self.filtered(lambda picking: picking._is_of_supplier() and picking.state == "done")
        if done:
            self.env["visibility.receipt.comparison"].sudo()._compare(done.sudo())
        return result

    def _is_of_supplier(self):
        """A receipt of a purchase, or what goes back of one."""
        receipt = self.return_id or self
        return receipt.picking_type_code == "incoming" and bool(receipt.purchase_id)
