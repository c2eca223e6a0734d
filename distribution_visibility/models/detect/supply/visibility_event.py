from odoo import fields, models


class VisibilityEvent(models.Model):
    """What a supplier says of an order that we do not know is a matter of its own: there is no order to open it on."""

    _name = "visibility.event"
    _inherit = ["visibility.event", "visibility.subject.mixin"]

    def _prepare_exception_links(self):
        orders = self._get_orders()
        return {
            "purchase_order_ids": [fields.Command.set(orders.ids)],
            "partner_id": (self.source_id.partner_id or orders[:1].partner_id).id,
        }

    def _get_exception_owners(self, role):
        return self.source_id.owner_id

    def _get_facts(self):
        return self
