from odoo import fields

from ..respond.supply.supply_case import SupplyCase


class DropShipCase(SupplyCase):
    """A supplier who sends straight to our customers: one purchase order serves two of their orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "buyer@hospital.example.com"
        cls.other_customer = cls.env["res.partner"].create(
            {"name": "City Clinic", "email": "buyer@clinic.example.com", "visibility_tier": "key"}
        )
        cls.seller = cls._create_user("visibility-seller", "sales_team.group_sale_salesman")
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.dropship = cls._get_dropship_type()
        # Goods that a supplier sends are none of ours: nothing is made in our warehouse for these orders
        route = cls.env["stock.route"].create(
            {"name": "From the supplier", "product_selectable": True, "rule_ids": [(0, 0, cls._prepare_rule())]}
        )
        cls.pump.route_ids = route
        cls.pump.seller_ids = [(0, 0, {"partner_id": cls.supplier.id, "price": 40, "delay": 3})]

    @classmethod
    def _get_dropship_type(cls):
        """Odoo's own operation type where its module is there, else one that goes the same way."""
        types = cls.env["stock.picking.type"]
        if "dropship" in dict(types._fields["code"]._description_selection(cls.env)):
            return types.search([("code", "=", "dropship"), ("company_id", "=", cls.company.id)], limit=1)
        orders = cls.env.registry["purchase.order"]
        original, place = orders._get_final_location_record, cls.customers

        def get_final(order):
            return place.with_env(order.env) if order.picking_type_id == cls.dropship else original(order)

        orders._get_final_location_record = get_final
        cls.addClassCleanup(setattr, orders, "_get_final_location_record", original)
        return cls.warehouse.in_type_id.copy({"default_location_dest_id": place.id, "sequence_code": "DS"})

    @classmethod
    def _prepare_rule(cls):
        return {
            "name": "Supplier to customer",
            "action": "buy",
            "location_dest_id": cls.customers.id,
            "picking_type_id": cls.dropship.id,
            "company_id": cls.company.id,
        }

    def _sell_two(self, days=10, other_days=12):
        """Two customers' orders, and the request for quotation that serves both."""
        one = self._sell(days, user_id=self.seller.id)
        two = self._sell(other_days, customer=self.other_customer, quantity=3)
        purchase = self.env["purchase.order"].search([("order_line.sale_line_id", "in", one.order_line.ids)])
        other = self.env["purchase.order"].search([("order_line.sale_line_id", "in", two.order_line.ids)]) - purchase
        if other:
            # As a buyer merges them, line by line: Odoo would make one line of what comes on one day
            other.order_line.order_id = purchase
            other.button_cancel()
        self.assertEqual(purchase.order_line.sale_line_id, (one | two).order_line)
        self.assertFalse((one | two).picking_ids, "nothing leaves our warehouse")
        return one, two, purchase

    def _approve(self, purchase, days=8):
        purchase.order_line.date_planned = self._day(days)
        purchase.button_confirm()
        transfer = purchase.picking_ids
        self.assertEqual((len(transfer), transfer.move_ids.sale_line_id), (1, purchase.order_line.sale_line_id))
        return transfer

    def _get_open(self, record, category="late_risk"):
        return record.visibility_exception_ids.filtered(lambda one: one.is_open and one.category_id.code == category)

    def _number(self, transfer, number="1ZDROP"):
        transfer.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": number})
        return transfer.visibility_shipment_ids

    def _pass(self, transfer):
        """The supplier has sent it: the transfer is validated."""
        transfer.move_ids.picked = True
        transfer.with_context(skip_backorder=True).button_validate()
        self.assertEqual(transfer.state, "done")
        self.env.cr.flush()

    def _scan(self):
        """What the scheduled action finds overdue by now."""
        self.env.cr.flush()
        self.env["visibility.expectation"]._claim_due(500)._notice_overdue()
        self.env.cr.flush()

    def _get_expected(self, name, document):
        self.env.cr.flush()
        template = self.env.ref(f"distribution_visibility.expectation_{name}")
        domain = [("template_id", "=", template.id), ("res_model", "=", document._name), ("res_id", "=", document.id)]
        return self.env["visibility.expectation"].search(domain)

    @staticmethod
    def _now():
        return fields.Datetime.now()
