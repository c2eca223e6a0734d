from odoo import api, models
from odoo.addons.distribution_visibility.models.detect.exception.visibility_exception import SEVERITY_RANK

from .visibility_exception import PRIORITY

#: How severe a ticket is that no exception stands behind.
SEVERITY_OF_PRIORITY = {priority: severity for severity, priority in PRIORITY.items()}


class BaseAutomation(models.Model):
    """Governed automations act on tickets, too: what is at stake is that of the ticket's exception."""

    _inherit = "base.automation"

    @api.model
    def _get_governed_models(self):
        return [*super()._get_governed_models(), "helpdesk.ticket"]

    def _get_stake(self, record):
        if record._name == "helpdesk.ticket":
            return super()._get_stake(record.sudo().visibility_exception_id)
        return super()._get_stake(record)

    def _get_severity_rank(self, record):
        if record._name != "helpdesk.ticket":
            return super()._get_severity_rank(record)
        ticket = record.sudo()
        severity = ticket.visibility_exception_id.severity or SEVERITY_OF_PRIORITY.get(ticket.priority)
        return SEVERITY_RANK.get(severity, -1)
