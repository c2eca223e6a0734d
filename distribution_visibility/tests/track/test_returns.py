from datetime import timedelta

from freezegun import freeze_time
from odoo.tests import tagged

from .return_case import ReturnCase

DELAYED = ("in_transit", "delayed", "Storm")
DELIVERED = ("delivered", "delivered", "Delivered")
MOVING = ("in_transit", "in_transit", "On the way")


@tagged("post_install", "-at_install")
class TestReturns(ReturnCase):
    """What comes back is a return whichever way it was made, and nobody promised it."""

    def _report(self, number, *scan, **ago):
        status, detail, words = scan
        self._tell(self.easypost, self._tracker(number, (status, detail, self._ago(**(ago or {"hours": 1})), words)))
        self.env.cr.flush()

    # ------------------------------------------------------------------ which way
    def test_every_way_back_from_a_customer_is_a_return(self):
        for number, (way, (back, order)) in enumerate(self._get_ways_back().items()):
            with self.subTest(way):
                shipment = self._number(back, f"1ZBACK{number}")
                self.assertEqual(shipment.direction, "return")
                self.assertEqual((back._get_sale_orders(), shipment.sale_order_ids), (order, order))
                self.assertFalse(back._get_purchase_orders())

    def test_what_comes_back_is_promised_by_nobody_and_on_no_list(self):
        for number, (way, (back, _order)) in enumerate(self._get_ways_back().items()):
            with self.subTest(way):
                shipment = self._number(back, f"1ZBACK{number}")
                dates = back._get_expected_dates()
                self.assertFalse(back._get_promise() or dates["first_promise"] or dates["latest_promise"])
                self.assertFalse(shipment.promised_at or shipment.first_promised_at)
                self.assertFalse(back._has_clock())
                with freeze_time(self._day(40)):
                    self._report(shipment.number, *MOVING)
                    shipment._refresh_outlook()
                    self.assertFalse(shipment.is_late_risk or self._get_open(back))

    def test_a_customer_is_never_told_that_what_they_send_back_takes_longer(self):
        self.env.ref("distribution_visibility.occasion_delayed").active = True
        for number, (way, (back, _order)) in enumerate(self._get_ways_back().items()):
            with self.subTest(way):
                self._number(back, f"1ZBACK{number}")
                self._report(f"1ZBACK{number}", *DELAYED)
                exception = self.env["visibility.exception"].search([("picking_ids", "in", back.ids)])
                self.assertTrue(exception, "we are told")
                self.assertFalse(self.env["visibility.message"].search([("exception_ids", "in", exception.ids)]))
                template = self.env["mail.template"].new({"model_id": self.env["ir.model"]._get_id("sale.order")})
                self.assertFalse(exception._get_mail_documents(template), "nor by an escalation")

    def test_a_customer_is_told_when_the_carrier_turns_a_parcel_round(self):
        """It is on its way back, but it is what we owe."""
        self.env.ref("distribution_visibility.occasion_delayed").active = True
        self._deliver("1ZOUT")
        self._report("1ZOUT", *DELAYED)
        exception = self.env["visibility.exception"].search([("shipment_id.number", "=", "1ZOUT")])
        self.assertTrue(self.env["visibility.message"].search([("exception_ids", "in", exception.ids)]))

    def test_every_return_that_nobody_inspected_is_told(self):
        for number, (way, (back, order)) in enumerate(self._get_ways_back().items()):
            with self.subTest(way):
                shipment = self._number(back, f"1ZBACK{number}")
                self._report(shipment.number, *DELIVERED)
                self.assertEqual(self._get_expected("return_inspected", shipment).state, "open")
                with freeze_time(self._now() + timedelta(days=7)):
                    self._scan()
                    late = self._get_open(back, "response_overdue")
                    self.assertEqual((len(late), late.sale_order_ids), (1, order))
                self._pass(back)
                self.assertFalse(late.is_open)

    # ------------------------------------------------------------------ to suppliers
    def test_what_goes_back_to_a_supplier_is_a_return_and_its_replacement_comes_in(self):
        receipt = self._take_in()
        back, again = self._exchange(receipt, 4)
        self.assertEqual((back._get_shipment_direction(), again._get_shipment_direction()), ("return", "inbound"))
        purchase = receipt.purchase_id
        self.assertEqual((back._get_purchase_orders(), again._get_purchase_orders()), (purchase, purchase))
        by_hand = self._create_transfer(
            self.warehouse.out_type_id, self.warehouse.lot_stock_id, self.env.ref("stock.stock_location_suppliers")
        )
        self.assertEqual(by_hand._get_shipment_direction(), "return")
        self.assertFalse(by_hand._has_clock(), "nobody at a customer waits for it")

    def test_a_supplier_is_never_told_that_what_we_send_back_takes_longer(self):
        occasion = self.env.ref("distribution_visibility.occasion_delayed").copy(
            {"audience": "supplier", "active": True, "template_id": self._get_supplier_template().id}
        )
        self.assertTrue(occasion.active)
        back = self._return(self._take_in(), 4)
        self._number(back, "1ZBACK")
        self._report("1ZBACK", *DELAYED)
        self.assertFalse(self.env["visibility.message"].search([("company_id", "=", self.company.id)]))

    def _get_supplier_template(self):
        return self.env["mail.template"].create(
            {"name": "Late", "model_id": self.env["ir.model"]._get_id("visibility.message"), "subject": "Late"}
        )

    def test_a_drop_ship_that_goes_back_to_the_supplier_is_a_return_of_all_orders(self):
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        self._pass(transfer)
        back = self._return(transfer)
        self.assertEqual((back._get_shipment_direction(), back._get_sale_orders()), ("return", one | two))

    def test_what_is_returned_a_second_time_goes_out_again(self):
        back = self._return(self._deliver())
        self._pass(back)
        again = self._return(back)
        self.assertEqual(again._get_shipment_direction(), "outbound")
        self.assertEqual(self._number(again, "1ZAGAIN").direction, "outbound")

    def test_goods_that_move_within_the_house_have_no_direction(self):
        self.warehouse.delivery_steps = "pick_ship"
        pick = self._sell(10, product=self.valve).picking_ids
        self._pass(pick)
        self.assertFalse(pick._get_shipment_direction())
        self.assertFalse(self._return(pick)._get_shipment_direction())


@tagged("post_install", "-at_install")
class TestReturnUnderTheSameNumber(ReturnCase):
    """Some carriers use the number of what they delivered for its way back as well: another journey."""

    def _report(self, *scans, number="1ZOUT"):
        """Each scan is a (scan, hours ago)."""
        details = [(status, detail, self._ago(hours=hours), words) for (status, detail, words), hours in scans]
        self._tell(self.easypost, self._tracker(number, *details))
        self.env.cr.flush()

    def _bring_back(self, delivery, number="1ZOUT"):
        back = self._return(delivery)
        back.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": number})
        self.env.cr.flush()
        return back

    def test_the_delivery_stays_delivered_and_the_return_is_a_shipment_of_its_own(self):
        delivery = self._deliver("1ZOUT")
        there = delivery.visibility_shipment_ids
        self._report((MOVING, 60), (DELIVERED, 50))
        back = self._bring_back(delivery)
        way_back = back.visibility_shipment_ids
        self.assertEqual(
            (there.direction, there.milestone_code, there.picking_ids), ("outbound", "delivered", delivery)
        )
        self.assertEqual(
            (way_back.direction, way_back.milestone_id.code, way_back.picking_ids), ("return", False, back)
        )
        self.assertEqual(way_back.carrier_key, there.carrier_key)
        self.assertFalse(self._get_expected("return_inspected", there))

    def test_scans_from_then_on_are_about_the_return(self):
        delivery = self._deliver("1ZOUT")
        there = delivery.visibility_shipment_ids
        self._report((MOVING, 60), (DELIVERED, 50))
        delivered_at = there.delivered_at
        back = self._bring_back(delivery)
        way_back = back.visibility_shipment_ids
        self._report((MOVING, 20))
        self.assertEqual((way_back.milestone_code, there.milestone_code), ("in_transit", "delivered"))
        self._report((DELIVERED, 10))
        self.assertEqual((way_back.milestone_code, there.delivered_at), ("delivered", delivered_at))
        self.assertEqual(self._get_expected("return_inspected", way_back).state, "open")
        self._pass(back)
        self.assertEqual(self._get_expected("return_inspected", way_back).state, "met")

    def test_scans_that_came_before_the_return_was_typed_go_to_it(self):
        delivery = self._deliver("1ZOUT")
        there = delivery.visibility_shipment_ids
        self._report((MOVING, 60), (DELIVERED, 50))
        self._report((("return_to_sender", "return", "Comes back"), 30))
        self._report((MOVING, 20))
        self.assertEqual(there.milestone_code, "return_started")
        way_back = self._bring_back(delivery).visibility_shipment_ids
        self.assertEqual((there.direction, there.milestone_code), ("outbound", "delivered"))
        self.assertEqual((way_back.direction, len(way_back.event_ids.filtered("milestone_id"))), ("return", 2))

    def test_a_late_scan_of_the_way_there_still_finds_the_delivery(self):
        delivery = self._deliver("1ZOUT")
        there = delivery.visibility_shipment_ids
        self._report((MOVING, 60), (DELIVERED, 50))
        way_back = self._bring_back(delivery).visibility_shipment_ids
        self._report((("out_for_delivery", "out_for_delivery", "Out"), 55))
        self.assertIn("out_for_delivery", there.event_ids.milestone_id.mapped("code"))
        self.assertFalse(way_back.event_ids.filtered("milestone_id"))

    def test_a_parcel_that_never_arrived_comes_back_as_itself(self):
        delivery = self._deliver("1ZOUT")
        there = delivery.visibility_shipment_ids
        self._report((MOVING, 60))
        self._report((("return_to_sender", "return", "Refused"), 30))
        back = self._bring_back(delivery)
        self.assertEqual(back.visibility_shipment_ids, there)
        self.assertEqual(there.direction, "return")

    def test_a_number_that_was_typed_on_the_wrong_return_leaves_the_delivery_as_it_was(self):
        delivery = self._deliver("1ZOUT")
        there = delivery.visibility_shipment_ids
        self._report((MOVING, 60))
        back = self._bring_back(delivery)
        back.carrier_tracking_ref = "1ZOTHER"
        self.assertEqual((there.direction, there.picking_ids), ("outbound", delivery))

    def test_goods_that_go_back_to_a_supplier_under_their_number_leave_the_receipt_alone(self):
        receipt = self._take_in("1ZOUT")
        there = receipt.visibility_shipment_ids
        back = self._bring_back(receipt)
        self.assertEqual((there.direction, there.picking_ids), ("inbound", receipt))
        self.assertEqual(back.visibility_shipment_ids.direction, "return")


@tagged("post_install", "-at_install")
class TestCopiedNumbers(ReturnCase):
    """Odoo copies a parcel's number to whatever its goods moved with; the parcel is where it is."""

    def _make_chain(self):
        """A receipt that is done, and the customer's delivery made of it to order."""
        self._make_to_order()
        self.pump.route_ids -= self.pump.route_ids.filtered(lambda route: route.name == "From the supplier")
        order, purchase = self._sell_to_order(10, carrier_id=self.carrier.id)
        receipt = purchase.picking_ids
        self._pass(receipt)
        return receipt, order.picking_ids

    def _send(self, transfer, number):
        """As Odoo does it with a carrier who gives the number."""
        answer = [{"exact_price": 5, "tracking_number": number}]
        self.patch(type(transfer.carrier_id), "send_shipping", lambda carrier, pickings: answer)
        transfer.carrier_id = transfer.carrier_id or self.carrier
        transfer.send_to_shipper()
        self.env.cr.flush()

    def _get_shipments(self, number):
        return self.env["visibility.shipment"].search([("number_key", "=", number)])

    def test_a_customers_parcel_is_none_of_the_supplier_who_made_it_possible(self):
        receipt, delivery = self._make_chain()
        self._send(delivery, "1ZOUT")
        self.assertEqual(receipt.carrier_tracking_ref, "1ZOUT", "Odoo copies it")
        shipment = self._get_shipments("1ZOUT")
        self.assertEqual((shipment.picking_ids, shipment.direction), (delivery, "outbound"))
        status, detail, words = DELAYED
        self._tell(self.easypost, self._tracker("1ZOUT", (status, detail, self._ago(hours=1), words)))
        self.assertTrue(delivery.sale_id.visibility_is_at_risk)
        self.assertFalse(receipt.visibility_is_at_risk or receipt._get_purchase_orders().visibility_is_at_risk)
        receipt._link_shipments()
        self.assertFalse(receipt.visibility_shipment_ids, "nor later on")

    def test_a_second_parcel_is_none_of_theirs_either(self):
        receipt, delivery = self._make_chain()
        self._send(delivery, "1ZOUT")
        self._send(delivery, "1ZTWO")
        self.assertEqual(receipt.carrier_tracking_ref, "1ZOUT,1ZTWO")
        self.assertEqual(self._get_shipments("1ZTWO").picking_ids, delivery)
        self.assertFalse(receipt.visibility_shipment_ids)

    def test_the_suppliers_own_parcel_stays_the_receipts(self):
        self._make_to_order()
        self.pump.route_ids -= self.pump.route_ids.filtered(lambda route: route.name == "From the supplier")
        order, purchase = self._sell_to_order(10)
        receipt = purchase.picking_ids
        receipt.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": "1ZIN"})
        self._pass(receipt)
        # Odoo hands carrier and number on to a delivery that has none
        order.picking_ids.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": "1ZIN"})
        self.assertEqual(self._get_shipments("1ZIN").picking_ids, receipt)
        self._send(order.picking_ids, "1ZOUT")
        self.assertEqual(
            (self._get_shipments("1ZIN").picking_ids, receipt.visibility_shipment_ids.number), (receipt, "1ZIN")
        )
        self.assertEqual(self._get_shipments("1ZOUT").picking_ids, order.picking_ids)

    def test_the_label_of_a_return_is_none_of_the_delivery(self):
        delivery = self._deliver("1ZOUT")
        back = self._return(delivery)
        self._send(back, "1ZBACK")
        self.assertIn("1ZBACK", delivery.carrier_tracking_ref, "Odoo copies it")
        self.assertEqual(self._get_shipments("1ZBACK").picking_ids, back)
        self.assertEqual(delivery.visibility_shipment_ids.number, "1ZOUT")
        self.assertEqual(self._get_shipments("1ZBACK").direction, "return")

    def test_two_transfers_of_one_pallet_that_move_different_goods_both_have_it(self):
        deliveries = self._deliver("PALLET1") | self._deliver("PALLET1")
        self.assertEqual(self._get_shipments("PALLET1").picking_ids, deliveries)
