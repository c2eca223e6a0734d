from odoo import models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def action_open_visibility_allocations(self):
        return self.product_variant_ids.action_open_visibility_allocations()
