from odoo import models


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    def _merge_alternative_po(self, rfqs):
        """Requests for quotation that Odoo merged into this one."""
        result = super()._merge_alternative_po(rfqs)
        self.env["visibility.merge"]._take_along(rfqs, self)
        (self | rfqs)._note_expectations()
        return result
