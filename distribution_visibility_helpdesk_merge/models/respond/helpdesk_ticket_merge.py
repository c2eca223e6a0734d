from odoo import models


class HelpdeskTicketMerge(models.TransientModel):
    _inherit = "helpdesk.ticket.merge"

    def merge_tickets(self):
        """The exceptions of those that go are told by the one that stays."""
        tickets = self.ticket_ids  # afterwards those that go are archived, and not among them any more
        result = super().merge_tickets()
        (tickets - self.dst_ticket_id)._join_ticket(self.dst_ticket_id)
        return result
