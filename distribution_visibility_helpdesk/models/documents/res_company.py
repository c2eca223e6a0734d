from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    visibility_helpdesk_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        "Helpdesk team for exceptions",
        domain="[('company_id', 'in', [False, id])]",
        help="Gets the tickets of exceptions whose category names no team.",
    )
