from datetime import timedelta

from odoo import fields

from ...common import VisibilityCase


class SupplyCase(VisibilityCase):
    """A distributor who buys pumps, some of them to order, and a supplier who answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Datetime.now().replace(hour=12, minute=0, second=0, microsecond=0)
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.warehouse.mto_pull_id.route_id.active = True
        cls.pump.write({"default_code": "PUMP-1", "barcode": "4006381333931"})
        cls.buyer = cls._create_user("visibility-buyer", "purchase.group_purchase_user")

    def _day(self, days):
        return self.today + timedelta(days=days)

    def _make_to_order(self):
        self.pump.write(
            {
                "route_ids": [
                    (4, self.env.ref("purchase_stock.route_warehouse0_buy").id),
                    (4, self.env.ref("stock.route_warehouse0_mto").id),
                ],
                "seller_ids": [(0, 0, {"partner_id": self.supplier.id, "price": 40, "delay": 3})],
            }
        )

    def _sell(self, days, quantity=2, customer=None, price=100, product=None, **values):
        """A customer's confirmed order, promised in so many days."""
        line = {
            "product_id": (product or self.pump).id,
            "product_uom_qty": quantity,
            "price_unit": price,
            "tax_ids": False,
        }
        order = self.env["sale.order"].create(
            {
                "partner_id": (customer or self.customer).id,
                "commitment_date": self._day(days),
                "order_line": [(0, 0, line)],
                **values,
            }
        )
        order.action_confirm()
        return order

    def _sell_to_order(self, days, **values):
        """A made-to-order sale, and the purchase order that brings it a day before."""
        order = self._sell(days, **values)
        purchase = order.stock_reference_ids.purchase_ids
        purchase.order_line.date_planned = self._day(days - 1)
        purchase.button_confirm()
        return order, purchase

    def _buy(self, days, quantity=10, product=None, price=40, **values):
        """A purchase order for stock that was promised in so many days."""
        line = {
            "product_id": (product or self.pump).id,
            "product_qty": quantity,
            "price_unit": price,
            "date_planned": self._day(days),
            "tax_ids": False,
        }
        order = self.env["purchase.order"].create(
            {"partner_id": self.supplier.id, "user_id": self.buyer.id, "order_line": [(0, 0, line)], **values}
        )
        order.button_confirm()
        return order

    def _answer(self, order, *lines, status="accepted_with_changes", event_id=None, source=None, **data):
        """The supplier answers; gives the proposal that is open then."""
        data = {"order": order.name, "status": status, "lines": list(lines), **data}
        self._tell(source or self.canonical, self._canonical("supplier.order_response", data, event_id))
        return order.visibility_proposal_ids.filtered("is_open")

    def _iso(self, days, **replaced):
        return f"{self._day(days).replace(**replaced):%Y-%m-%dT%H:%M:%SZ}"

    def _put_on_stock(self, quantity, product=None):
        self.env["stock.quant"]._update_available_quantity(product or self.pump, self.warehouse.lot_stock_id, quantity)
