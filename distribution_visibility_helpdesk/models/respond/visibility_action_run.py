from odoo import api, models


class VisibilityActionRun(models.Model):
    """What was done to a ticket is shown on its exception; a ticket that nobody worked on can be taken back."""

    _inherit = "visibility.action.run"

    @api.model
    def _prepare_run(self, record, **values):
        if record._name == "helpdesk.ticket":
            values.setdefault("exception", record.sudo().visibility_exception_id)
        return super()._prepare_run(record, **values)

    def _find_conflicts(self):
        made = self.change_ids.filtered(lambda row: (row.kind, row.res_model) == ("created", "helpdesk.ticket"))
        tickets = self.env["helpdesk.ticket"].sudo().browse(made.mapped("res_id")).exists()
        worked_on = tickets.filtered(lambda ticket: ticket._is_worked_on())
        return super()._find_conflicts() + [
            self.env._("Ticket %s has been worked on since: it is left as it is now.", ticket.number)
            for ticket in worked_on
        ]
