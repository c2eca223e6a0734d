from odoo import models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    """Batches on the picking list."""

    _inherit = "stock.picking"

    def action_visibility_batch(self):
        """Put those that are selected into batches; says what became of them."""
        planned = self._put_into_batches(self.env._("Picked together from the picking list."))
        if not planned:
            raise UserError(
                self.env._("None of these can be put into a batch: they are in one, stopped, or not open any more.")
            )
        count = sum(len(pickings) for pickings in planned.values())
        return self._say_batched(count, ", ".join(batch.name for batch in planned))

    def _say_batched(self, count, names):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(count)s transfers are in %(batches)s.", count=count, batches=names),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_visibility_unbatch(self):
        """Take those that are selected out of their batches, and cancel what is empty then."""
        batches = self.batch_id
        self.filtered("batch_id")._move({"batch_id": False}, self.env._("Taken out on the picking list."))
        batches._cancel_if_empty()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
