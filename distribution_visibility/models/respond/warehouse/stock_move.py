from odoo import models


class StockMove(models.Model):
    """What a move is worth, for the order of the picking list."""

    _inherit = "stock.move"

    def _get_goods_value(self):
        """What this move carries: at the price of its order line, else at cost."""
        if self.state == "cancel":
            return 0
        line = self.sale_line_id
        if line and line.product_uom_qty:
            return line.price_subtotal / (line.order_id.currency_rate or 1) * self._get_share_of_line()
        return self.product_qty * self.product_id.with_company(self.company_id).standard_price
