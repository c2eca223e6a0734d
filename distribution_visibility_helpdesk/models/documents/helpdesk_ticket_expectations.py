from odoo import api, fields, models
from odoo.addons.distribution_visibility.lib.detect.expectation.expectation_plan import Reached


class HelpdeskTicket(models.Model):
    """A ticket is expected to be taken up, and to be closed: what waits too long is an exception."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "visibility.expectation.mixin"]

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

    # ------------------------------------------------------------------ what changes it
    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        tickets._note_expectations()
        return tickets

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"stage_id", "team_id", "active"}:
            self._note_expectations()
        return result


class VisibilityExpectationTemplate(models.Model):
    _inherit = "visibility.expectation.template"

    trigger = fields.Selection(
        selection_add=[("ticket_opened", "Ticket opened")],
        ondelete={"ticket_opened": lambda templates: templates._remove_with_expectations()},
    )
    fact = fields.Selection(
        selection_add=[("ticket_attended", "Ticket taken up"), ("ticket_closed", "Ticket closed")],
        ondelete={
            "ticket_attended": lambda templates: templates._remove_with_expectations(),
            "ticket_closed": lambda templates: templates._remove_with_expectations(),
        },
    )

    @api.model
    def _get_trigger_models(self):
        return {**super()._get_trigger_models(), "ticket_opened": "helpdesk.ticket"}

    @api.model
    def _get_fact_models(self):
        tickets = {"ticket_attended": ("helpdesk.ticket",), "ticket_closed": ("helpdesk.ticket",)}
        return {**super()._get_fact_models(), **tickets}
