from datetime import timedelta

from odoo import fields

from .expectation_case import ExpectationCase

TRUCK = "1ZTRUCK"


class TestExpectationStories(ExpectationCase):
    """What each shipped template notices, told as it happens. Times are UTC; Berlin is an hour ahead in winter."""

    def _report(self, milestone, moment, number=TRUCK, **data):
        """The carrier reports a milestone; it is that time now."""
        self._travel(moment)
        data = {"milestone": milestone, "occurred_at": self._iso(moment), **data}
        data |= {"tracking_number": number, "carrier": "UPS"}
        self._tell(self.canonical, self._canonical("shipment.milestone", data, moment=self._iso(moment)))
        self._follow()

    @staticmethod
    def _iso(moment):
        return f"{fields.Datetime.to_datetime(moment):%Y-%m-%dT%H:%M:%SZ}"

    def _answer(self, order, moment, event_id=None):
        """The supplier accepts the order."""
        self._travel(moment)
        data = {"order": order.name, "status": "accepted", "responded_at": self._iso(moment)}
        self._tell(self.canonical, self._canonical("supplier.order_response", data, event_id, self._iso(moment)))
        self._follow()

    def _announce(self, order, moment):
        self._travel(moment)
        data = {"despatch_number": "DN1", "order": order.name, "lines": []}
        self._tell(self.canonical, self._canonical("supplier.despatch_advice", data, moment=self._iso(moment)))
        self._follow()

    def assertOverdueFrom(self, name, document, moment, category):
        """Nothing is noticed a minute before, and the exception is there a minute after."""
        due = self._utc(moment)
        self._scan(due - timedelta(minutes=1))
        self.assertEqual(self._get(name, document).mapped("state")[-1], "open", "a minute before")
        self._scan(due + timedelta(minutes=1))
        self.assertEqual(self._get(name, document).mapped("state")[-1], "overdue", "a minute after")
        exception = self._get_told(category, document)
        self.assertEqual((len(exception), (exception.merged_into_id or exception).state), (1, "new"))
        return exception

    # ------------------------------------------------------------------ suppliers
    def test_a_supplier_who_does_not_acknowledge_within_two_working_days(self):
        self._travel("2026-02-06 15:30:00")  # Friday afternoon
        order = self._buy("2026-03-10 11:00:00")
        exception = self.assertOverdueFrom("order_acknowledged", order, "2026-02-10 16:30:00", "ack_overdue")
        self._answer(order, "2026-02-11 09:00:00")
        self.assertEqual((exception.state, exception.closed_by_event_id.kind), ("resolved", "order_response"))
        row = self._get("order_acknowledged", order)
        self.assertEqual((row.state, row.late_hours), ("met", 17.5))
        self.assertEqual(row.met_by_event_id, exception.closed_by_event_id)

    def test_an_answer_in_time_or_a_click_on_acknowledge_is_enough(self):
        asked, called = self._buy("2026-03-10 11:00:00"), self._buy("2026-03-10 11:00:00")
        self._answer(asked, "2026-02-03 09:00:00")
        called.acknowledged = True
        self._scan("2026-02-20 09:00:00")
        self.assertEqual(self._get("order_acknowledged", asked | called).mapped("state"), ["met", "met"])

    def test_an_answer_that_is_withdrawn_is_no_answer(self):
        order = self._buy("2026-03-10 11:00:00")
        self._answer(order, "2026-02-03 09:00:00", "answer-1")
        self._tell(
            self.canonical, self._canonical("shipment.retraction", {"event_id": "answer-1", "reason": "Wrong order"})
        )
        row = self._get("order_acknowledged", order)
        self.assertEqual((row.state, row.met_at), ("open", False))
        self._scan("2026-02-05 09:00:00")
        self.assertEqual(self._get_exceptions("ack_overdue", order).state, "new")

    def test_an_answer_that_came_late_and_is_withdrawn_brings_the_exception_back(self):
        order = self._buy("2026-03-10 11:00:00")
        self._scan("2026-02-05 09:00:00")
        self._answer(order, "2026-02-05 10:00:00", "answer-1")
        exception = self._get_exceptions("ack_overdue", order)
        self.assertEqual(exception.state, "resolved")
        self._tell(
            self.canonical, self._canonical("shipment.retraction", {"event_id": "answer-1", "reason": "Wrong order"})
        )
        self.assertEqual((exception.state, self._get("order_acknowledged", order).state), ("new", "overdue"))

    def test_a_connected_supplier_who_announces_nothing_two_working_days_before_the_promise(self):
        self.canonical.partner_id = self.supplier
        order = self._buy("2026-02-17 11:00:00")  # a Tuesday
        exception = self.assertOverdueFrom("asn_received", order, "2026-02-13 17:00:00", "asn_overdue")
        self._announce(order, "2026-02-14 10:00:00")
        self.assertEqual((exception.state, self._get("asn_received", order).state), ("resolved", "met"))

    def test_suppliers_who_cannot_send_notices_are_not_asked_for_them(self):
        self.assertFalse(self._get("asn_received", self._buy("2026-02-17 11:00:00")))

    def test_goods_that_are_not_here_at_the_end_of_the_promised_day_however_the_date_moved(self):
        order = self._buy("2026-02-13 11:00:00")  # a Friday
        order.order_line.date_planned = "2026-02-27 11:00:00"
        self._answer(order, "2026-02-03 09:00:00")
        self.assertOverdueFrom("line_received", order, "2026-02-14 00:00:00", "receipt_overdue")

    # ------------------------------------------------------------------ warehouse
    def test_a_delivery_that_is_not_reserved_a_working_day_before_it_should_leave(self):
        self.env["stock.quant"]._update_available_quantity(self.pump, self.warehouse.lot_stock_id, -100)
        delivery = self._sell("2026-02-16 11:00:00").picking_ids
        delivery.scheduled_date = self._utc("2026-02-16 12:00:00")  # a Monday
        exception = self.assertOverdueFrom("delivery_reserved", delivery, "2026-02-13 12:00:00", "stock_short")
        self.env["stock.quant"]._update_available_quantity(self.pump, self.warehouse.lot_stock_id, 100)
        delivery.action_assign()
        self._follow()
        self.assertEqual((exception.state, exception.resolution), ("resolved", "Reserved"))

    def test_picking_that_nobody_started_when_it_was_scheduled(self):
        delivery = self._sell("2026-02-16 11:00:00").picking_ids
        delivery.scheduled_date = self._utc("2026-02-12 10:00:00")
        exception = self.assertOverdueFrom("picking_started", delivery, "2026-02-12 10:00:00", "warehouse_late")
        delivery.move_line_ids[:1].picked = True
        self._follow()
        self.assertEqual((exception.state, exception.resolution), ("resolved", "Picking started"))

    def test_reserved_stock_that_is_lost_again_stops_the_wait_for_picking(self):
        delivery = self._sell("2026-02-16 11:00:00").picking_ids
        self.assertEqual(self._get("picking_started", delivery).state, "open")
        delivery.do_unreserve()
        self.assertEqual(self._get("picking_started", delivery).state, "cancelled")

    def test_a_delivery_that_is_about_to_miss_its_promise_in_the_warehouse(self):
        delivery = self._sell(
            self._utc("2026-02-16 10:00:00")
        ).picking_ids  # Monday at ten: two hours today, two on Friday
        delivery.printed = True
        self.assertOverdueFrom("delivery_sla", delivery, "2026-02-13 15:00:00", "warehouse_late")
        self._ship(delivery.sale_id)
        self.assertEqual(self._get_exceptions("warehouse_late", delivery).state, "resolved")

    def test_an_order_that_is_not_shipped_in_time_for_the_road(self):
        order = self._sell(self._utc("2026-02-16 12:00:00"))
        exception = self.assertOverdueFrom("order_shipped", order, "2026-02-13 17:00:00", "late_risk")
        self._ship(order)
        self.assertEqual(exception.state, "resolved")
        self.assertEqual(self._get("order_shipped", order).met_by, f"{order.picking_ids.name} shipped")

    def test_a_warehouse_elsewhere_counts_by_its_own_wall_clock(self):
        tokyo = self.calendar.copy({"name": "Tokyo", "tz": "Asia/Tokyo"})
        self.warehouse.visibility_calendar_id = tokyo
        order = self._sell("2026-02-16 02:00:00")
        self.assertEqual(self._get("order_shipped", order).due_at, self._utc("2026-02-13 17:00:00", "Asia/Tokyo"))

    # ------------------------------------------------------------------ carriers
    def test_a_carrier_who_does_not_collect_by_the_cut_off(self):
        order = self._sell("2026-02-16 11:00:00", TRUCK)
        self._travel("2026-02-05 13:00:00")
        delivery = self._ship(order)
        exception = self.assertOverdueFrom("picked_up", delivery, "2026-02-05 19:00:00", "pickup_missed")
        self._report("picked_up", "2026-02-06 08:00:00")
        self.assertEqual((exception.state, exception.closed_by_event_id.milestone_id.code), ("resolved", "picked_up"))

    def test_what_is_packed_after_the_cut_off_on_friday_is_collected_on_monday(self):
        order = self._sell("2026-02-16 11:00:00", TRUCK)
        self._travel(self._utc("2026-02-06 17:30:00"))
        expected = self._get("picked_up", self._ship(order))
        self.assertEqual(expected.due_at, self._utc("2026-02-09 17:00:00"))
        self.assertEqual(expected.tell_at, self._utc("2026-02-09 19:00:00"))

    def test_a_parcel_that_nobody_scanned_within_two_working_days(self):
        order = self._sell("2026-02-16 11:00:00", TRUCK)
        self._travel(self._utc("2026-02-05 14:00:00"))
        delivery = self._ship(order)
        self._report("picked_up", "2026-02-05 15:00:00")
        exception = self.assertOverdueFrom("first_scan", delivery, "2026-02-09 14:00:00", "stale_no_update")
        self._report("in_transit", "2026-02-10 08:00:00")
        self.assertEqual(exception.state, "resolved")

    def test_two_parcels_are_collected_when_the_second_is(self):
        order = self._sell("2026-02-16 11:00:00", f"{TRUCK},2ZTRUCK")
        delivery = self._ship(order)
        self._report("picked_up", "2026-02-02 12:00:00")
        self.assertEqual(self._get("picked_up", delivery).state, "open")
        self._report("in_transit", "2026-02-02 14:00:00", "2ZTRUCK")
        row = self._get("picked_up", delivery)
        self.assertEqual((row.state, row.met_at), ("met", fields.Datetime.to_datetime("2026-02-02 14:00:00")))

    def test_every_scan_starts_the_wait_for_news_again(self):
        order = self._sell("2026-02-26 11:00:00", TRUCK)
        self._ship(order)
        self._report("picked_up", "2026-02-03 09:00:00")
        shipment = order.picking_ids.visibility_shipment_ids
        self._report("in_transit", "2026-02-05 09:00:00")
        rows = self._get("next_scan", shipment)
        self.assertEqual((len(rows), rows.due_at), (1, self._utc("2026-02-10 10:00:00")))
        exception = self.assertOverdueFrom("next_scan", shipment, "2026-02-10 10:00:00", "stale_no_update")
        self._report("arrived_at_hub", "2026-02-11 09:00:00")
        self.assertEqual(
            (exception.state, exception.closed_by_event_id.milestone_id.code), ("resolved", "arrived_at_hub")
        )
        self.assertEqual(self._get("next_scan", shipment).mapped("state"), ["met", "open"])
        self.assertOverdueFrom("next_scan", shipment, "2026-02-16 10:00:00", "stale_no_update")
        self.assertEqual(exception.state, "new", "the next silence brings the same exception back")
        self._report("delivered", "2026-02-17 09:00:00")
        self.assertEqual(self._get("next_scan", shipment).mapped("state"), ["met", "met"])

    def test_an_old_scan_that_comes_late_is_no_news(self):
        order = self._sell("2026-02-26 11:00:00", TRUCK)
        self._ship(order)
        self._report("in_transit", "2026-02-05 09:00:00")
        shipment = order.picking_ids.visibility_shipment_ids
        due = self._get("next_scan", shipment).due_at
        self._report("picked_up", "2026-02-05 10:00:00", occurred_at="2026-02-04T09:00:00Z")
        self.assertEqual(self._get("next_scan", shipment).due_at, due)

    def test_a_delivery_that_is_not_there_by_the_customers_promise(self):
        order = self._sell(self._utc("2026-02-14 12:00:00"), TRUCK)  # a Saturday: carriers deliver then
        delivery = self._ship(order)
        self._report("in_transit", "2026-02-12 09:00:00")
        exception = self.assertOverdueFrom("delivered", delivery, "2026-02-15 00:00:00", "late_risk")
        self.assertTrue(order.visibility_is_at_risk)
        self._report("delivered", "2026-02-16 09:00:00")
        self.assertEqual(exception.state, "resolved")
        self.assertAlmostEqual(self._get("delivered", delivery).late_hours, 34)

    def test_a_promised_day_ends_where_the_customer_is(self):
        self.customer.tz = "America/Los_Angeles"
        order = self._sell("2026-02-10 11:00:00", TRUCK)
        self._travel("2026-02-05 13:00:00")
        row = self._get("delivered", self._ship(order))
        self.assertEqual(row.due_at, self._utc("2026-02-11 00:00:00", "America/Los_Angeles"))

    def test_a_return_on_the_way_is_no_delivery(self):
        order = self._sell("2026-02-14 12:00:00", TRUCK)
        delivery = self._ship(order)
        self._report("return_started", "2026-02-12 09:00:00")
        self.assertEqual(self._get("delivered", delivery).state, "open")

    def test_a_delivery_to_a_strategic_customer_without_proof_after_a_day(self):
        order = self._sell("2026-02-14 12:00:00", TRUCK)
        self._ship(order)
        self._report("delivered", "2026-02-07 09:00:00")
        shipment = order.picking_ids.visibility_shipment_ids
        exception = self.assertOverdueFrom("proof_of_delivery", shipment, "2026-02-08 10:00:00", "proof_missing")
        shipment.signed_by = "R. Roe"
        self._follow()
        self.assertEqual((exception.state, exception.resolution), ("resolved", "Proof received"))

    def test_no_proof_is_asked_for_where_a_customer_needs_none(self):
        self.customer.visibility_tier = "standard"
        order = self._sell("2026-02-14 12:00:00", TRUCK)
        self._ship(order)
        self._report("delivered", "2026-02-07 09:00:00")
        self.assertFalse(self._get("proof_of_delivery", order.picking_ids.visibility_shipment_ids))

    # ------------------------------------------------------------------ what comes back, and money
    def test_a_return_at_the_dock_that_nobody_inspected_for_two_days(self):
        delivery = self._ship(self._sell("2026-02-14 12:00:00"))
        wizard = self.env["stock.return.picking"].with_context(active_id=delivery.id, active_model="stock.picking")
        returning = wizard.create({})
        returning.product_return_moves.quantity = 2
        back = self.env["stock.picking"].browse(returning.action_create_returns()["res_id"])
        back.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": "1ZBACK"})
        self._follow()
        self._report("delivered", "2026-02-05 08:00:00", "1ZBACK")
        shipment = back.visibility_shipment_ids
        exception = self.assertOverdueFrom("return_inspected", shipment, "2026-02-09 09:00:00", "response_overdue")
        back.move_ids.picked = True
        back.button_validate()
        self._follow()
        self.assertEqual(exception.state, "resolved")

    def _invoice(self, order):
        invoice = order._create_invoices()
        invoice.invoice_date = fields.Date.today()
        return invoice

    def test_a_delivery_that_nobody_invoiced_for_a_working_day(self):
        self.pump.invoice_policy = "delivery"
        order = self._sell("2026-02-14 12:00:00")
        self._travel(self._utc("2026-02-06 14:00:00"))
        delivery = self._ship(order)
        exception = self.assertOverdueFrom("invoiced", delivery, "2026-02-09 14:00:00", "billing_late")
        invoice = self._invoice(order)
        self._follow()
        self.assertEqual(exception.state, "new", "a draft is not issued")
        invoice.action_post()
        self._follow()
        self.assertEqual((exception.state, exception.resolution), ("resolved", f"{invoice.name} issued"))

    def test_what_was_invoiced_before_is_not_expected_to_be_invoiced(self):
        self.pump.invoice_policy = "order"
        order = self._sell("2026-02-14 12:00:00")
        self._invoice(order).action_post()
        self.assertFalse(self._get("invoiced", self._ship(order)))

    def test_an_invoice_that_is_not_paid_when_it_is_due(self):
        self.pump.invoice_policy = "order"
        invoice = self._invoice(self._sell("2026-02-14 12:00:00"))
        invoice.invoice_payment_term_id = False
        invoice.invoice_date_due = "2026-02-13"  # a Friday
        invoice.action_post()
        exception = self.assertOverdueFrom("paid", invoice, "2026-02-15 00:00:00", "payment_overdue")
        self.assertEqual(exception.invoice_ids, invoice)
        payment = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        payment.create({"payment_date": "2026-02-16"}).action_create_payments()
        self._follow()
        self.assertEqual((exception.state, self._get("paid", invoice).state), ("resolved", "met"))

    def test_an_invoice_that_goes_back_to_draft_is_not_expected_to_be_paid(self):
        self.pump.invoice_policy = "order"
        invoice = self._invoice(self._sell("2026-02-14 12:00:00"))
        invoice.action_post()
        self.assertEqual(self._get("paid", invoice).state, "open")
        invoice.button_draft()
        self.assertEqual(self._get("paid", invoice).state, "cancelled")

    # ------------------------------------------------------------------ all of them
    def test_every_shipped_template_has_a_story_here(self):
        shipped = self.env["ir.model.data"].search(
            [("model", "=", "visibility.expectation.template"), ("module", "=", "distribution_visibility")]
        )
        told = {constant for method in vars(type(self)).values() if callable(method) for constant in _get_words(method)}
        self.assertFalse({name.removeprefix("expectation_") for name in shipped.mapped("name")} - told)


def _get_words(method):
    return [word for word in getattr(method, "__code__", _get_words.__code__).co_consts if isinstance(word, str)]
