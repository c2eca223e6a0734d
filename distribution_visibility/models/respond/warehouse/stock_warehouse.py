from odoo import api, models
from odoo.fields import Domain


class StockWarehouse(models.Model):
    """Whose transfers a picker works on: those of the warehouses that name them, or all."""

    _inherit = "stock.warehouse"

    @api.model
    def _get_picked_by(self, user):
        """The warehouses that name this person; none: they are no matter."""
        return self.sudo().search([("visibility_picker_ids", "in", user.ids)])

    @api.model
    def _get_reach_domain(self, user):
        """The transfers that this person sees on the picking list and may take."""
        own = self._get_picked_by(user)
        return Domain("picking_type_id.warehouse_id", "in", own.ids) if own else Domain.TRUE
