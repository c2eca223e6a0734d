from odoo.tests import tagged

from ..common import VisibilityCase

DAMAGED, MOVING = ("in_transit", "damaged", "Wet"), ("in_transit", "in_transit", "On the way")


@tagged("post_install", "-at_install")
class TestSharedAccount(VisibilityCase):
    """Two companies send under one carrier account: what is told of a parcel reaches the company that sent it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Our second company"})
        cls.env.user.company_ids += cls.other
        cls.seller = cls._create_user("visibility-elsewhere", "sales_team.group_sale_manager")
        cls.seller.write({"company_ids": [(6, 0, cls.other.ids)], "company_id": cls.other.id})
        cls.easypost.shared_company_ids = cls.other

    def _send_from_other(self, number):
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.other.id)], limit=1)
        order = (
            self.env["sale.order"]
            .with_company(self.other)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.other.id,
                    "warehouse_id": warehouse.id,
                    "user_id": self.seller.id,
                    "order_line": [(0, 0, {"product_id": self.pump.id, "product_uom_qty": 2, "tax_ids": False})],
                }
            )
        )
        order.action_confirm()
        carrier = self.carrier.copy({"company_id": False})
        order.picking_ids.write({"carrier_id": carrier.id, "carrier_tracking_ref": number})
        self.assertEqual(order.picking_ids.company_id, self.other)
        return order.picking_ids

    def _report(self, number, scan=DAMAGED, hours=1):
        status, detail, words = scan
        return self._tell(self.easypost, self._tracker(number, (status, detail, self._ago(hours=hours), words)))

    def _get_exception(self, delivery):
        return delivery.sudo().visibility_exception_ids

    def test_the_other_companys_damage_is_seen_there_and_not_here(self):
        delivery = self._send_from_other("1ZOTHER")
        message = self._report("1ZOTHER")
        exception = self._get_exception(delivery)
        self.assertEqual((exception.company_id, exception.category_id.code), (self.other, "damaged"))
        self.assertTrue(delivery.sale_id.visibility_is_at_risk)
        self.assertEqual(message.event_ids.company_id, self.other)
        self.assertFalse(message.is_unmatched)
        self.assertFalse(self.env["visibility.shipment"].search([("number", "=", "1ZOTHER")]) - exception.shipment_id)
        self.assertTrue(exception.with_user(self.seller).read(["name", "reason"]), "its people see it")
        timeline = delivery.visibility_shipment_ids.event_ids.with_user(self.seller)
        self.assertEqual(
            timeline.web_read({"source_id": {"fields": {"display_name": {}}}})[0]["source_id"]["display_name"],
            self.easypost.name,
        )

    def test_what_was_told_before_the_number_was_typed_comes_along(self):
        self._report("1ZOTHER")
        delivery = self._send_from_other("1ZOTHER")
        exception = self._get_exception(delivery).filtered("is_open")
        self.assertEqual((exception.company_id, exception.category_id.code), (self.other, "damaged"))
        mine = self.env["visibility.exception"].search([("company_id", "=", self.company.id), ("is_open", "=", True)])
        self.assertFalse(mine.filtered(lambda one: one.shipment_id.number == "1ZOTHER"))
        self._report("1ZOTHER", MOVING, hours=0)
        self.assertEqual(delivery.visibility_shipment_ids.milestone_code, "in_transit")

    def test_a_number_of_the_sources_own_company_stays_there(self):
        mine, theirs = self._create_delivery("1ZBOTH"), self._send_from_other("1ZBOTH")
        self._report("1ZBOTH")
        self.assertTrue(mine.visibility_is_at_risk)
        self.assertFalse(theirs.visibility_is_at_risk)

    def test_nothing_goes_to_a_company_that_the_account_is_not_for(self):
        self.easypost.shared_company_ids = False
        delivery = self._send_from_other("1ZOTHER")
        message = self._report("1ZOTHER")
        self.assertFalse(self._get_exception(delivery))
        self.assertEqual(message.event_ids.company_id, self.company)

    def test_a_suppliers_source_speaks_to_its_own_company_only(self):
        self.easypost.partner_id = self.supplier
        delivery = self._send_from_other("1ZOTHER")
        self._report("1ZOTHER")
        self.assertFalse(self._get_exception(delivery))

    def test_another_carriers_parcel_with_that_number_is_another_parcel(self):
        delivery = self._send_from_other("1ZOTHER")
        scan = (*DAMAGED[:2], self._ago(hours=1), DAMAGED[2])
        self._tell(self.easypost, self._tracker("1ZOTHER", scan, carrier="FedEx"))
        self.assertFalse(self._get_exception(delivery))
