from odoo import fields, models


class ResPartner(models.Model):
    """Customers and suppliers: how much they matter, what they send, and what follows when they change."""

    _inherit = "res.partner"

    visibility_tier = fields.Selection(
        [("strategic", "Strategic"), ("key", "Key"), ("standard", "Standard")],
        "Customer tier",
        tracking=True,
        help="How soon somebody must care when an order of this customer is at risk.",
    )
    visibility_source_ids = fields.One2many(
        "visibility.source", "partner_id", "Event sources", groups="distribution_visibility.group_user"
    )

    def write(self, vals):
        is_moved = bool(vals.keys() & {"parent_id", "is_company"})
        before = self.commercial_partner_id if is_moved else self.browse()
        result = super().write(vals)
        if "visibility_tier" in vals:
            self.env["stock.picking"]._refresh_queue_of([("visibility_customer_id", "in", self.ids)])
        if is_moved:
            self._refresh_moved_risk(before)
        return result
