from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    visibility_override_days = fields.Integer(related="company_id.visibility_override_days", readonly=False)
