import logging

from odoo import models

from ...base.guard import guarded

_logger = logging.getLogger(__name__)

CAME_IN = ("incoming", "internal")


class StockPicking(models.Model):
    """Goods that arrive, and for which more deliveries wait than they can serve."""

    _inherit = "stock.picking"

    def _advise_allocations(self):
        """These were validated: work out the proposals, without ever standing in the way of the goods.

        What fails is left for later. Two receipts of one scarce product at the same moment both begin its proposal:
        one of them comes second.
        """
        came = self.filtered(lambda picking: picking.picking_type_code in CAME_IN and picking.state == "done")
        if not came:
            return
        with guarded(self.env) as attempt:
            came._propose_allocations()
        if attempt.error:
            _logger.warning("who gets what came with %s could not be worked out now", came, exc_info=attempt.error)
            self.env["visibility.follow.up"].sudo()._leave("allocations", {self._name: came.ids})

    def _propose_allocations(self):
        """Look whether somebody waits for what these brought into stock: one query when nobody does."""
        moves = self.move_ids.filtered(lambda move: move._is_put_on_stock())
        if not moves:
            return self.env["visibility.allocation"]
        allocations = self.env["visibility.allocation"].sudo()
        warehouses = self.picking_type_id.warehouse_id.sudo()
        return allocations._propose(moves.product_id, warehouses, self.sudo()).with_env(self.env)

    def action_open_visibility_allocations(self):
        """Who gets it? Worked out now, for everything that came with this receipt."""
        self.ensure_one()
        allocations = self.env["visibility.allocation"]
        allocations.check_access("read")
        return allocations._show(self._propose_allocations())
