from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _follow_revision(self, vals):
        """What is known of an order that OCA's add-on has revised is about the revision from now on."""
        if vals.get("current_revision_id"):
            self.env["visibility.merge"]._take_along(self, self.browse(vals["current_revision_id"]))
