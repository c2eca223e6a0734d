from odoo import models

from ....lib.base.grant import HOLDS_MESSAGES


class VisibilityShipment(models.Model):
    """Partners are told where shipments got to, and when they are now expected."""

    _inherit = "visibility.shipment"

    def _hold_notes(self):
        """The same shipments, of which nothing is noted until it is final."""
        return self.with_context(**HOLDS_MESSAGES.context)

    def _get_tellable(self):
        """Where these are, by id; None when no occasion waits for it, or it is not yet final."""
        is_wanted = self.env["visibility.message.occasion"]._is_wanted("milestone", "date", "opened")
        if HOLDS_MESSAGES.says(self.env.context) or not is_wanted:
            return None
        return {one.id: (one.milestone_id.id, one.eta) for one in self}

    def _note_moves(self, before):
        if before is None:
            return
        moved = self.filtered(lambda one: one.milestone_id and one.milestone_id.id != before[one.id][0])
        dated = self.filtered(lambda one: one.eta and one.eta != before[one.id][1])
        messages, occasions = self.env["visibility.message"], self.env["visibility.message.occasion"]
        if occasions._is_wanted("milestone", "date"):
            messages._note("moved", moved)
        messages._note("dated", dated)
