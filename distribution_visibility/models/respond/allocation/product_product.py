from odoo import api, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def action_open_visibility_allocations(self):
        """Who gets it? Worked out now, in all warehouses of one's companies."""
        warehouses = self.env["stock.warehouse"].search([("company_id", "in", self.env.companies.ids)])
        allocations = self.env["visibility.allocation"]
        allocations.check_access("read")
        return allocations._open(allocations.sudo()._propose(self, warehouses).with_env(self.env))


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def action_open_visibility_allocations(self):
        return self.product_variant_ids.action_open_visibility_allocations()


class VisibilityAllocation(models.Model):
    _inherit = "visibility.allocation"

    @api.model
    def _open(self, allocations):
        """Show these proposals; when there are none, say that nobody has to wait for stock that is here."""
        action = self.env["ir.actions.actions"]._for_xml_id("distribution_visibility.visibility_allocation_action")
        if len(allocations) == 1:
            return {**action, "views": [(False, "form")], "res_id": allocations.id}
        if allocations:
            return {**action, "domain": [("id", "in", allocations.ids)], "context": {}}
        message = self.env._("Nothing to decide: there is enough for all, or nobody could be served better.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": message, "type": "info"},
        }
