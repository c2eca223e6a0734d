from odoo import models

from ....lib.base.grant import BY_HAND


class StockPicking(models.Model):
    """Transfers whose place in the warehouse or picker a person holds."""

    _inherit = "stock.picking"
    _visibility_aspects = {
        "at_risk": ["visibility_severity"],
        "owner": ["user_id"],
        "warehouse_priority": ["priority", "visibility_place", "visibility_due_hand_at"],
    }

    def _write_by_hand(self, values):
        """Who moved a transfer or gave it to somebody, and why, stands in the log as with any other move."""
        aspect = "warehouse_priority" if "priority" in values else "owner"
        for reason, some in self.grouped(lambda picking: picking._get_moved_reason(aspect)).items():
            explained = some.with_context(visibility_move_reason=reason, **BY_HAND.context)
            super(StockPicking, explained)._write_by_hand(values)
        return True

    def _get_moved_reason(self, aspect):
        override = self._get_overrides().filtered(lambda one: one.aspect == aspect)
        return override[:1].reason or self.env._("Automation decides again.")
