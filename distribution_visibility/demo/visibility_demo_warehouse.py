from odoo import api, models

from ..lib.detect.exception.finding import Finding
from . import story


class VisibilityDemo(models.AbstractModel):
    """What is open in the warehouse, and who moved what ahead, with a reason and without."""

    _inherit = "visibility.demo"

    @api.model
    def _tell_warehouse(self):
        self._bring_list_in_line()
        for one in story.MOVES:
            self._tell_move(one)
        self._tell_hold()
        self._bring_list_in_line()

    def _bring_list_in_line(self):
        """What a moment does in a real database."""
        self.env.flush_all()
        self.env["stock.picking"]._refresh_queue_of([("company_id", "=", self._ref("company").id)])
        self.env.flush_all()

    def _tell_move(self, move):
        env = self.with_user(self._ref(f"user_{move.role}")).with_company(self._ref("company")).env
        picking = self._get_open_transfer(move.order).with_env(env)
        values = {"picking_ids": [(6, 0, picking.ids)], "what": move.what, "reason": move.reason}
        if move.what == "star" and not move.reason:
            picking.priority = "1"
        elif move.what == "take":
            picking._take()
        else:
            moment = self._in(minutes=move.minutes) if move.minutes else False
            picker = move.picker and self._ref(f"user_{move.picker}").id
            wizard = env["visibility.priority.wizard"].create({**values, "moment": moment, "user_id": picker})
            wizard.action_confirm()

    def _get_open_transfer(self, name):
        order = self.env["sale.order"].search([("name", "=", name), ("company_id", "=", self._ref("company").id)])
        return order.picking_ids.filtered(lambda one: one.state in ("assigned", "confirmed"))[:1]

    def _tell_hold(self):
        """Goods that the lead found wet, and holds until somebody looked at them."""
        exceptions = self._as("warehouse")["visibility.exception"]
        picking, category = self._get_open_transfer(story.HELD.order), exceptions._get_category("quality_hold")
        exceptions._open_findings({(category, picking): [Finding(self._in(hours=-1), story.HELD.reason)]})
