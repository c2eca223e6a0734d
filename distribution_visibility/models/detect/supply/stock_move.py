from odoo import models


class StockMove(models.Model):
    """What a customer's delivery that waits is worth."""

    _inherit = "stock.move"

    def _get_visibility_value(self):
        """Of the order's line so much as still waits here: untaxed, in company currency."""
        self.ensure_one()
        line = self.sale_line_id
        return line.price_subtotal * self._get_share_of_line() / (line.order_id.currency_rate or 1)
