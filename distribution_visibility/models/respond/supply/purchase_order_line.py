from odoo import models

from ....lib.base.grant import KEEPS_MOVES


class PurchaseOrderLine(models.Model):
    """Less of what was ordered, and nobody's delivery cancelled by it.

    When the quantity of a line goes down to nothing, or the line was made to order, Odoo leaves the receipt as it is
    and plans a return of goods that never came (pinned by a test of supplier proposals). So the receipt itself is
    lowered.
    """

    _inherit = "purchase.order.line"

    def _prepare_stock_moves(self, picking):
        return [] if KEEPS_MOVES.says(self.env.context) else super()._prepare_stock_moves(picking)

    def _lower_receipts(self):
        """Take off the open receipts what the line does not order any more; nobody's delivery is cancelled by it."""
        cancelled = self.env["stock.move"]
        for line in self:
            surplus = line._get_surplus()
            for move in line._get_open_receipts():
                quantity = move.product_uom._compute_quantity(move.product_uom_qty, line.product_uom_id, round=False)
                less = min(surplus, quantity)
                if line.product_uom_id.compare(less, quantity) == 0:
                    cancelled |= move
                elif less > 0:
                    move.product_uom_qty -= line.product_uom_id._compute_quantity(less, move.product_uom, round=False)
                surplus -= less
        cancelled.propagate_cancel = False
        cancelled._action_cancel()

    def _get_open_receipts(self):
        """Open moves that bring the goods, the latest first."""
        return self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel") and move.location_dest_id.usage != "supplier"
        ).sorted("id", reverse=True)

    def _get_surplus(self):
        """How much more the open receipts bring than the line still orders, in the line's unit."""
        coming = sum(
            move.product_uom._compute_quantity(move.product_uom_qty, self.product_uom_id, round=False)
            for move in self._get_open_receipts()
        )
        return max(coming - max(self.product_qty - self.qty_received, 0), 0)
