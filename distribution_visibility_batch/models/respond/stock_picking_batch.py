from odoo import models

OPEN_BATCHES = ("draft", "in_progress")


class StockPickingBatch(models.Model):
    _inherit = "stock.picking.batch"

    def _get_load(self):
        """How many transfers and lines it holds."""
        return len(self.picking_ids), len(self.picking_ids.move_ids)

    def _get_batch_key(self):
        return self.picking_ids[:1]._get_batch_key(self.user_id)

    def _undo_creation(self):
        self._cancel_if_empty()

    def _cancel_if_empty(self):
        """Take back a batch that was made for transfers which have left it."""
        self.filtered(lambda batch: batch.state in OPEN_BATCHES and not batch.picking_ids).action_cancel()

    def _start_picking(self):
        """As Odoo's own automatic batches: confirmed at once, where the operation type wants that."""
        if self.state == "draft" and self.picking_type_id.batch_auto_confirm:
            self.action_confirm()
