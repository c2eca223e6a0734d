from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import VisibilityCase


@tagged("post_install", "-at_install")
class TestKinds(VisibilityCase):
    """Outbound, inbound, return and drop-ship; several parcels, several deliveries; by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.coordinator = cls._create_user(
            "visibility-coordinator", "distribution_visibility.group_coordinator", "stock.group_stock_user"
        )

    def _dropship(self, number):
        """From the supplier straight to the customer, as Odoo's own drop-shipping makes it."""
        sale = self._create_delivery(False).sale_id
        purchase = self._create_purchase()
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        suppliers, customers = (self.env.ref(f"stock.stock_location_{name}") for name in ("suppliers", "customers"))
        return self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": warehouse.out_type_id.id,
                "location_id": suppliers.id,
                "location_dest_id": customers.id,
                "carrier_id": self.carrier.id,
                "carrier_tracking_ref": number,
                "move_ids": [
                    (0, 0, {
                        "product_id": self.pump.id, "product_uom_qty": 2, "location_id": suppliers.id,
                        "location_dest_id": customers.id, "sale_line_id": sale.order_line.id,
                        "purchase_line_id": purchase.order_line.id,
                    })
                ],
            }
        )  # fmt: skip

    def test_a_drop_ship_belongs_to_the_purchase_and_the_sale(self):
        picking = self._dropship("1ZDROP")
        shipment = picking.visibility_shipment_ids
        self.assertEqual(shipment.direction, "dropship")
        self.assertTrue(shipment.sale_order_ids and shipment.purchase_order_ids)
        self.assertEqual(shipment.promised_at, shipment.sale_order_ids.visibility_promise_at)
        trouble = ("in_transit", "delayed", self._ago(hours=2), "Storm")
        self._tell(self.easypost, self._tracker("1ZDROP", trouble))
        for document in (picking, shipment.sale_order_ids, shipment.purchase_order_ids):
            self.assertTrue(document.visibility_is_at_risk, document)

    def test_shipments_are_found_by_either_order(self):
        shipment = self._dropship("1ZDROP").visibility_shipment_ids
        for field, order in (
            ("sale_order_ids", shipment.sale_order_ids),
            ("purchase_order_ids", shipment.purchase_order_ids),
        ):
            self.assertEqual(self.env["visibility.shipment"].search([(field, "in", order.ids)]), shipment)

    def test_a_suppliers_notice_of_a_drop_ship_stays_one(self):
        picking = self._dropship(False)
        purchase = picking.purchase_id
        purchase.picking_ids.filtered(lambda one: one != picking).action_cancel()
        data = {"despatch_number": "D1", "order": purchase.name, "carrier": "UPS", "tracking_number": "1ZDROP"}
        self._tell(self.canonical, self._canonical("supplier.despatch_advice", data))
        self.assertEqual(picking.visibility_shipment_ids.direction, "dropship")

    def test_several_deliveries_in_one_shipment_share_its_news(self):
        deliveries = self._create_delivery("PALLET1") | self._create_delivery("PALLET1")
        shipment = deliveries.visibility_shipment_ids
        self.assertEqual((len(shipment), shipment.picking_ids), (1, deliveries))
        self._tell(self.easypost, self._tracker("PALLET1", ("in_transit", "damaged", self._ago(hours=2), "Wet")))
        self.assertEqual(deliveries.sale_id.mapped("visibility_is_at_risk"), [True, True])

    def test_the_earlier_promise_of_several_deliveries_counts(self):
        deliveries = self._create_delivery("PALLET1") | self._create_delivery("PALLET1")
        deliveries[0].sale_id.commitment_date = "2026-12-03 12:00:00"
        deliveries[1].sale_id.commitment_date = "2026-12-01 12:00:00"
        promise = deliveries[1].sale_id.visibility_promise_at
        self.assertEqual(deliveries.visibility_shipment_ids.promised_at, promise)

    def test_a_promise_that_moved_is_late_against_the_first_and_not_against_the_latest(self):
        delivery = self._create_delivery("1Z1")
        order, shipment = delivery.sale_id, delivery.visibility_shipment_ids
        first = order.visibility_first_promise_at
        order.commitment_date = first.replace(year=first.year + 1)
        shipment.delivered_at = first.replace(year=first.year + 1)
        self.assertEqual((shipment.delay_hours, shipment.first_promised_at), (0, first))
        self.assertGreater(shipment.first_delay_hours, 300 * 24)

    # ------------------------------------------------------------------ by hand
    def test_a_coordinator_types_a_shipment_and_it_knows_what_its_delivery_knows(self):
        delivery = self._create_delivery(False)
        with Form(self.env["visibility.shipment"].with_user(self.coordinator)) as form:
            form.picking_ids.add(delivery)
            form.number = "HAND 1"
        shipment = form.record
        self.assertEqual((shipment.carrier_code, shipment.carrier_key), ("UPS", "ups"))
        self.assertEqual((shipment.sale_order_ids, shipment.direction), (delivery.sale_id, "outbound"))
        self.assertEqual(delivery.carrier_tracking_ref, "HAND 1")
        self._tell(self.easypost, self._tracker("HAND1", ("in_transit", "in_transit", self._ago(hours=2), "")))
        self.assertEqual(shipment.milestone_code, "in_transit")

    def test_a_shipment_of_a_receipt_that_is_imported_is_inbound(self):
        receipt = self._create_purchase().picking_ids
        values = {"number": "IN1", "picking_ids": [(6, 0, receipt.ids)]}
        shipment = self.env["visibility.shipment"].with_user(self.coordinator).create(values)
        self.assertEqual((shipment.direction, shipment.purchase_order_ids), ("inbound", receipt.purchase_id))

    def test_a_number_that_is_under_way_already_is_said_so(self):
        self._create_delivery("1Z1")
        shipments = self.env["visibility.shipment"].with_user(self.coordinator)
        with self.assertRaisesRegex(UserError, "already"):
            shipments.create({"number": "1z-1", "carrier_code": "UPS"})
        self.assertTrue(shipments.create({"number": "1z-1", "carrier_code": "DHL"}))

    def test_others_make_no_shipments(self):
        user = self._create_user("visibility-reader", "distribution_visibility.group_user")
        with self.assertRaises(AccessError):
            self.env["visibility.shipment"].with_user(user).create({"number": "1Z1"})
