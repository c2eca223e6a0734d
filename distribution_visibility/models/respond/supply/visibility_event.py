from odoo import models


class VisibilityEvent(models.Model):
    """Answers that propose something within the limits of a policy are accepted by themselves."""

    _inherit = "visibility.event"

    def _accept_answers(self):
        answers = self.filtered(lambda event: event._is_answer() and event.counts)
        if answers:
            proposals = self.env["visibility.proposal"].sudo()
            self.env["visibility.proposal.policy"].sudo()._apply_to(
                proposals.search([("event_id", "in", answers.ids), ("is_open", "=", True)])
            )
