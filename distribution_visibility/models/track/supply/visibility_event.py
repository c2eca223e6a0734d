from odoo import models


class VisibilityEvent(models.Model):
    """Suppliers' answers become proposals, before anybody looks at what is wrong with them."""

    _inherit = "visibility.event"

    def _take_effect(self):
        answers = self.filtered(lambda event: event._is_answer() and not event.is_withdrawn)
        if answers:
            self.env["visibility.proposal"].sudo()._propose(answers.sudo())
        return super()._take_effect()

    def action_confirm(self):
        unproven = self.filtered(lambda event: event._is_answer() and not event.is_trusted).sudo()
        result = super().action_confirm()
        if unproven:
            proposals = self.env["visibility.proposal"].sudo()
            proposals.search([("event_id", "in", unproven.ids)])._follow_proof()
            proposals._propose(unproven)
        return result

    def _undo_effect(self):
        answers = self.filtered(lambda event: event._is_answer())
        if answers:
            proposals = self.env["visibility.proposal"].sudo()
            proposals.search([("event_id", "in", answers.ids)])._follow_withdrawal()
        return super()._undo_effect()

    def _is_answer(self):
        return self.kind == "order_response" and self.purchase_order_id

    def _acknowledge_orders(self):
        """The supplier has answered: Odoo's own mark that it has seen the order."""
        self.purchase_order_id.filtered(lambda order: not order.acknowledged).acknowledged = True
