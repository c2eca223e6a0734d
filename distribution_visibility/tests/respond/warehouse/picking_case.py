from odoo.tests import tagged

from ...detect.expectation.expectation_case import ExpectationCase


@tagged("post_install", "-at_install")
class PickingCase(ExpectationCase):
    """A warehouse in Berlin with open deliveries, a lead and a picker."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what others have in the database is not on this list
        cls.env["stock.picking"].search([("visibility_is_listed", "=", True)]).action_cancel()
        cls.lead = cls._create_user("visibility-lead", "stock.group_stock_manager")
        cls.picker = cls._create_user("visibility-picker", "stock.group_stock_user")
        cls.changes = cls.env["visibility.priority.change"]

    def _deliver(self, promise="2026-02-05 11:00:00", **values):
        """The open delivery of an order that was promised by a time (UTC)."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "carrier_id": self.carrier.id,
                "commitment_date": promise,
                "order_line": [
                    (0, 0, {"product_id": self.pump.id, "product_uom_qty": 2, "price_unit": 100, "tax_ids": False})
                ],
                **values,
            }
        )
        order.action_confirm()
        self._follow()
        return order.picking_ids

    def _list(self, user=None):
        """The picking list as its view asks for it."""
        action = self.env.ref("distribution_visibility.visibility_picking_list_action")
        pickings = self.env["stock.picking"].with_user(user or self.lead)
        return pickings.search(self._eval(action.domain), order=pickings._get_list_order())

    @staticmethod
    def _eval(domain):
        from ast import literal_eval

        return literal_eval(domain)

    def _move(self, pickings, what, reason="The customer's line stands still", user=None, **values):
        values.update(picking_ids=[(6, 0, pickings.ids)], what=what, reason=reason)
        self.env["visibility.priority.wizard"].with_user(user or self.lead).create(values).action_confirm()
        self._follow()

    def _validate(self, picking, quantity=None):
        if quantity:
            picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self._follow()
