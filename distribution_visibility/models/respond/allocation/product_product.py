from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def action_open_visibility_allocations(self):
        """Who gets it? Worked out now, in all warehouses of one's companies."""
        warehouses = self.env["stock.warehouse"].search([("company_id", "in", self.env.companies.ids)])
        allocations = self.env["visibility.allocation"]
        allocations.check_access("read")
        return allocations._show(allocations.sudo()._propose(self, warehouses).with_env(self.env))
