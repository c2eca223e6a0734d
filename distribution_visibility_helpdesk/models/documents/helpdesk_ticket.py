from odoo import api, fields, models
from odoo.addons.distribution_visibility.lib.detect.expectation.expectation_plan import Reached


class HelpdeskTicket(models.Model):
    """A ticket that was opened for an exception knows it, and tells it when it is closed.

    It is expected to be taken up, and to be closed: what waits too long is an exception of its own.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "visibility.expectation.mixin", "visibility.action.mixin"]

    visibility_exception_id = fields.Many2one(
        "visibility.exception", "Exception", readonly=True, copy=False, ondelete="set null"
    )
    visibility_exception_state = fields.Selection(related="visibility_exception_id.state", string="Exception state")
    visibility_category_id = fields.Many2one(
        related="visibility_exception_id.category_id", string="Exception category", store=True
    )

    visibility_merged_into_id = fields.Many2one(
        "helpdesk.ticket",
        "Continued in",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The ticket that this one was merged into: its exception is told there.",
    )
    visibility_merged_ids = fields.One2many(
        "helpdesk.ticket", "visibility_merged_into_id", "Continues", context={"active_test": False}
    )

    _visibility_one_per_exception = models.UniqueIndex(
        "(visibility_exception_id) WHERE visibility_exception_id IS NOT NULL", "This exception has a ticket already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        tickets._note_expectations()
        return tickets

    def write(self, vals):
        were_open = self.filtered(lambda ticket: not ticket.closed)
        result = super().write(vals)
        if vals.keys() & {"stage_id", "team_id"}:
            were_open.filtered(lambda ticket: ticket.closed)._tell_exceptions()
        if vals.keys() & {"stage_id", "team_id", "active"}:
            self._note_expectations()
        return result

    def _log_reasons(self):
        """What was said to us, as an internal note: the ticket's own text is for the customer."""
        bodies = {}
        for ticket in self:
            exception = ticket.visibility_exception_id
            bodies[ticket.id] = self.env._(
                "%(exception)s: %(reason)s",
                exception=exception._get_html_link(title=exception.display_name),
                reason=exception.reason or exception.category_id.description or "",
            )
        self._message_log_batch(bodies)

    def _tell_exceptions(self):
        """A closed ticket is news for whoever answers for the exception; what follows from it they decide."""
        bodies = {
            exception.id: self.env._(
                "Ticket %(ticket)s was closed: %(stage)s.",
                ticket=ticket._get_html_link(title=ticket.number),
                stage=ticket.stage_id.name,
            )
            for ticket in self
            for exception in ticket._get_continued().visibility_exception_id
        }
        self.env["visibility.exception"].sudo().browse(bodies)._message_log_batch(bodies)

    # ------------------------------------------------------------------ merged into another one
    def _join_ticket(self, ticket):
        """These were merged into another ticket: their exceptions are told by that one from now on."""
        self.visibility_merged_into_id = ticket
        exceptions = self._get_continued().visibility_exception_id
        self.env.add_to_compute(exceptions._fields["helpdesk_ticket_id"], exceptions)
        self._note_expectations()

    def _get_continued(self):
        """These, and all that were merged into them."""
        level = found = self.sudo().with_context(active_test=False)
        while level := level.visibility_merged_ids - found:
            found |= level
        return found

    def _get_last(self):
        """The ticket that this one goes on in, itself where it was not merged."""
        seen = last = self.sudo()
        while last.visibility_merged_into_id and last.visibility_merged_into_id not in seen:
            last = last.visibility_merged_into_id
            seen |= last
        return last

    def action_open_visibility_exception(self):
        """Straight to the form of the exception that this ticket was opened for."""
        self.ensure_one()
        return self._open_action("distribution_visibility.visibility_exception_action", self.visibility_exception_id)

    # ------------------------------------------------------------------ when a response opened it
    def _undo_creation(self):
        """Archived and let go, without a word to the customer: closing it would send them a mail."""
        self._message_log(body=self.env._("The response that opened this ticket was rolled back."))
        self.write({"active": False, "visibility_exception_id": False})

    def _is_worked_on(self):
        """Whether it was moved on, closed, or talked about with anybody."""
        self.ensure_one()
        said = self.message_ids.filtered(lambda message: message.message_type in ("comment", "email"))
        return bool(self.closed or not self.unattended or said)

    # ------------------------------------------------------------------ what is expected of it
    def _get_expected_triggers(self):
        return {"ticket_opened": self.create_date} if self.active else {}

    def _get_reached_fact(self, fact):
        if fact not in ("ticket_attended", "ticket_closed"):
            return super()._get_reached_fact(fact)
        if not self.closed and (fact == "ticket_closed" or self.unattended):
            return None
        reached = self.closed_date if self.closed else self.last_stage_update
        return Reached(reached or fields.Datetime.now(), sentence=self.stage_id.name or "")
