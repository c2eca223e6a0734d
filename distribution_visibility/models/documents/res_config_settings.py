from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Estimates and late risk, for each company."""

    _inherit = "res.config.settings"

    visibility_lane_days = fields.Integer(related="company_id.visibility_lane_days", readonly=False)
    visibility_lane_least = fields.Integer(related="company_id.visibility_lane_least", readonly=False)
    visibility_late_risk_percent = fields.Integer(related="company_id.visibility_late_risk_percent", readonly=False)
