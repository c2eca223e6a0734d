from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    visibility_quiet_from = fields.Float(related="company_id.visibility_quiet_from", readonly=False)
    visibility_quiet_to = fields.Float(related="company_id.visibility_quiet_to", readonly=False)
    visibility_message_cap_day = fields.Integer(related="company_id.visibility_message_cap_day", readonly=False)
    visibility_message_cap_week = fields.Integer(related="company_id.visibility_message_cap_week", readonly=False)
