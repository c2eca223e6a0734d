from odoo import api, fields, models

TICKET = "visibility_ticket"
#: What stops documents, or moves goods: nothing that a ticket has.
NOT_FOR_TICKETS = ("visibility_hold", "visibility_release")


class IrActionsServer(models.Model):
    """An action that opens the ticket of an exception, with its brief for those who answer the customer."""

    _inherit = "ir.actions.server"

    state = fields.Selection(selection_add=[(TICKET, "Open Ticket")], ondelete={TICKET: "cascade"})
    visibility_with_brief = fields.Boolean(
        "With a brief", default=True, help="As an internal note, which the customer does not see."
    )

    def _get_problem_visibility_ticket(self):
        return False if self._is_on_exceptions() else self.env._("A ticket is opened for an exception.")

    def _get_visibility_problem(self):
        if self.state in NOT_FOR_TICKETS and self.model_id.model == "helpdesk.ticket":
            return self.env._("A ticket has no steps that could be stopped: hold the order or the transfer.")
        return super()._get_visibility_problem()

    def _get_irreversible_visibility_ticket(self):
        return self._is_customer_mailed() and self.env._("The customer may have had a mail about the ticket.")

    @api.model
    def _is_customer_mailed(self):
        stages = self.env["helpdesk.ticket.stage"].sudo()
        return bool(stages.search_count([("mail_template_id", "!=", False), ("closed", "=", False)], limit=1))

    # ------------------------------------------------------------------ opening
    def _run_action_visibility_ticket_multi(self, eval_context=None):
        records = self._get_active_records()
        self._open_tickets(records.filtered("is_open"))
        self._note(records.filtered(lambda one: not one.is_open), self.env._("Is closed."))

    def _open_tickets(self, exceptions):
        known = exceptions.helpdesk_ticket_id
        tickets = exceptions._open_tickets()
        for ticket in tickets & known:
            self._note([ticket.visibility_exception_id], self.env._("Has a ticket already: %s", ticket.number))
        for ticket in tickets - known:
            self._made(ticket.visibility_exception_id, ticket)
        if self.visibility_with_brief:
            noted = exceptions.filtered(lambda one: one.helpdesk_ticket_id in known).brief_id
            (self._ask_for_briefs(exceptions) - noted)._note_on_tickets()
