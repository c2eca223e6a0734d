from odoo import fields, models


class VisibilityExceptionCategory(models.Model):
    _inherit = "visibility.exception.category"

    helpdesk_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        "Helpdesk team",
        company_dependent=True,
        check_company=True,
        help="Gets the tickets of these exceptions, in this company. Empty: the team in the Helpdesk settings.",
    )
