from odoo import models


class VisibilityEvent(models.Model):
    """Suppliers' answers become proposals."""

    _inherit = "visibility.event"

    def _propose_answers(self):
        answers = self.filtered(lambda event: event._is_answer() and not event.is_withdrawn)
        if answers:
            self.env["visibility.proposal"].sudo()._propose(answers.sudo())

    def _prove_answers(self):
        """A person vouched for these: what they propose counts, and is proposed where it was not yet."""
        answers = self.filtered(lambda event: event._is_answer())
        if answers:
            proposals = self.env["visibility.proposal"].sudo()
            proposals.search([("event_id", "in", answers.ids)])._follow_proof()
            proposals._propose(answers)

    def _withdraw_answers(self):
        answers = self.filtered(lambda event: event._is_answer())
        if answers:
            proposals = self.env["visibility.proposal"].sudo()
            proposals.search([("event_id", "in", answers.ids)])._follow_withdrawal()

    def _is_answer(self):
        return self.kind == "order_response" and self.purchase_order_id

    def _acknowledge_orders(self):
        """The supplier has answered: Odoo's own mark that it has seen the order."""
        self.purchase_order_id.filtered(lambda order: not order.acknowledged).acknowledged = True
