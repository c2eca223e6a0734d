from odoo import fields, models


class PurchaseOrder(models.Model):
    """What the supplier was told of an order."""

    _inherit = "purchase.order"

    visibility_message_count = fields.Integer(
        compute="_compute_visibility_message_count", groups="distribution_visibility.group_user"
    )

    def _compute_visibility_message_count(self):
        self.env["visibility.message"]._count_for(self, "purchase_order_id")

    def action_open_visibility_messages(self):
        """The smart button: what was told about this order."""
        self.ensure_one()
        domain = [("purchase_order_id", "=", self.id)]
        return self._open_action("distribution_visibility.visibility_message_action", domain=domain)
