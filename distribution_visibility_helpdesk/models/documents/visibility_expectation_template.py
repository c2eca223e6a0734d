from odoo import api, fields, models


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
