from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _is_put_on_stock(self):
        """Whether this brought goods to where deliveries are served from."""
        stock = self.picking_type_id.warehouse_id.lot_stock_id.parent_path
        return bool(
            self.state == "done"
            and self.quantity
            and self.product_id.is_storable
            and stock
            and self.location_dest_id.parent_path.startswith(stock)
        )
