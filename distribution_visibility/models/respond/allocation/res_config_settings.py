from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    visibility_allocation_promise = fields.Float(related="company_id.visibility_allocation_promise", readonly=False)
    visibility_allocation_tier = fields.Float(related="company_id.visibility_allocation_tier", readonly=False)
    visibility_allocation_value = fields.Float(related="company_id.visibility_allocation_value", readonly=False)
    visibility_allocation_age = fields.Float(related="company_id.visibility_allocation_age", readonly=False)
