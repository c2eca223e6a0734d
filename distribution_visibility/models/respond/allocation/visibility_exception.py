from odoo import api, models


class VisibilityException(models.Model):
    _inherit = "visibility.exception"

    @api.model
    def _end_needless_allocations(self, documents):
        """Who should get the stock is asked anew where a delivery that was to get some has left or was cancelled."""
        pickings = documents.get("stock.picking", self.env["stock.picking"])
        over = pickings.filtered(lambda picking: picking.state in ("done", "cancel"))
        if not over:
            return
        open_lines = [("allocation_id.is_open", "=", True), ("picking_id", "in", over.ids)]
        allocations = self.env["visibility.allocation.line"].sudo().search(open_lines).allocation_id
        for allocation in allocations:
            allocation._work_out()
        allocations._drop_needless()
