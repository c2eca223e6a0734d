from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    visibility_helpdesk_team_id = fields.Many2one(
        related="company_id.visibility_helpdesk_team_id",
        readonly=False,
        domain="[('company_id', 'in', [False, company_id])]",
    )
