from odoo.tests import tagged

from .expectation_case import ExpectationCase

MOVING = "2026-02-02T12:00:00Z"


@tagged("post_install", "-at_install")
class TestNoLongerExpected(ExpectationCase):
    """What is expected of documents of a kind ends with a document's being of that kind, whoever changes it and how."""

    def _report(self, number, milestone, moment=MOVING):
        data = {"tracking_number": number, "carrier": "UPS", "milestone": milestone, "occurred_at": moment}
        self._tell(self.canonical, self._canonical("shipment.milestone", data, moment=moment))
        self._follow()

    def _get_live(self, document):
        rows = self.expectations._find_live_of(document)
        return {row.template_id.get_external_id()[row.template_id.id].rpartition("_")[2] for row in rows}

    def _get_open(self, *documents):
        found = self.env["visibility.exception"]
        for document in documents:
            domain = [("res_model", "=", document._name), ("res_id", "in", document.ids), ("is_open", "=", True)]
            found |= found.search(domain)
        return found

    # ------------------------------------------------------------------ a number that is taken off
    def test_a_number_taken_off_a_delivery_raises_no_collection_no_news_and_no_lateness(self):
        self.patch(type(self.carrier), "fixed_cancel_shipment", lambda carrier, pickings: None)
        for taken in ("write", "cancel_shipment"):
            delivery = self._ship(self._sell("2026-02-04 11:00:00", f"1Z{taken}"))
            shipment = delivery.visibility_shipment_ids
            self.assertTrue({"up", "scan", "delivered"} <= self._get_live(delivery))
            if taken == "write":
                delivery.carrier_tracking_ref = False
            else:
                delivery.cancel_shipment()
            self._follow()
            self.assertFalse(self._get_live(delivery) & {"up", "scan", "delivered"})
            self._scan("2026-02-20 08:00:00")
            self.assertNotIn("pickup_missed", self._get_open(delivery).category_id.mapped("code"))
            self.assertNotIn("late_risk", self._get_open(delivery, shipment).category_id.mapped("code"))
            self._travel("2026-02-02 08:00:00")

    def test_what_was_overdue_ends_with_the_number_and_says_why(self):
        delivery = self._ship(self._sell("2026-02-04 11:00:00", "1ZOFF"))
        self._scan("2026-02-10 08:00:00")
        missed = self._get_exceptions("pickup_missed", delivery)
        self.assertEqual(missed.state, "new")
        delivery.carrier_tracking_ref = False
        self._follow()
        self.assertEqual(missed.state, "resolved")
        self.assertEqual(missed.resolution, "It is not expected of documents like this one any more.")

    def test_a_number_that_is_typed_in_again_is_expected_again(self):
        delivery = self._ship(self._sell("2026-02-04 11:00:00", "1ZAGAIN"))
        delivery.carrier_tracking_ref = False
        self._follow()
        delivery.carrier_tracking_ref = "1ZAGAIN"
        self._follow()
        self.assertTrue({"up", "scan", "delivered"} <= self._get_live(delivery))
        self.assertFalse(delivery.visibility_shipment_ids.is_let_go)
        self.assertTrue(delivery.visibility_shipment_ids.promised_at)

    def test_a_parcel_whose_number_was_taken_off_is_late_for_nobody_and_nobody_waits_for_its_news(self):
        delivery = self._ship(self._sell("2026-02-04 11:00:00", "1ZOURS"))
        self._report("1ZOURS", "in_transit")
        shipment = delivery.visibility_shipment_ids
        self.assertEqual(self._get("next_scan", shipment).state, "open")
        self._travel("2026-02-06 08:00:00")
        shipment._refresh_outlook()
        late = self._get_exceptions("late_risk", shipment)
        self.assertEqual(late.state, "new")
        delivery.carrier_tracking_ref = "1ZTHEIRS"
        self._follow()
        self.assertEqual((shipment.promised_at, shipment.is_late_risk, late.state), (False, False, "resolved"))
        row = self._get("next_scan", shipment)
        self.assertEqual((row.state, row.cancel_reason), ("cancelled", "Its number was taken off our transfers."))
        self._report("1ZOURS", "arrived_at_hub", "2026-02-06T07:00:00Z")
        self._scan("2026-02-20 08:00:00")
        self.assertFalse(self._get_open(shipment))

    def test_of_two_numbers_the_one_that_is_left_is_still_expected(self):
        delivery = self._ship(self._sell("2026-02-04 11:00:00", "1ZONE, 1ZTWO"))
        delivery.carrier_tracking_ref = "1ZTWO"
        self._follow()
        self.assertTrue({"up", "scan", "delivered"} <= self._get_live(delivery))
        self.assertEqual(delivery.visibility_shipment_ids.number, "1ZTWO")

    # ------------------------------------------------------------------ every "Only for"
    def test_live_rows_of_every_template_are_held_against_its_filter_again(self):
        """A supplier without source, a return, another delivery type, a tier: whatever the filter is about."""
        self.canonical.partner_id = self.supplier
        order = self._buy("2026-02-17 11:00:00")
        self.assertIn("received", self._get_live(order))
        self.assertEqual(self._get("asn_received", order).state, "open")
        self.canonical.partner_id = False
        order._note_expectations()
        self.assertEqual(self._get("asn_received", order).state, "cancelled")

    def test_a_filter_that_an_administrator_changes_ends_what_does_not_fit_any_more(self):
        template = self.env.ref("distribution_visibility.expectation_order_acknowledged")
        order = self._buy("2026-02-17 11:00:00")
        template.domain = "[('partner_ref', '!=', False)]"
        template.action_apply()
        self.assertEqual(self._get("order_acknowledged", order).state, "cancelled")

    def test_what_has_happened_is_met_even_where_it_ended_being_of_that_kind(self):
        template = self.env.ref("distribution_visibility.expectation_picking_started")
        template.domain = "[('state', '=', 'assigned')]"
        delivery = self._sell("2026-02-16 11:00:00").picking_ids
        self.assertEqual(self._get("picking_started", delivery).state, "open")
        delivery.move_ids.picked = True
        delivery.button_validate()
        self._follow()
        self.assertEqual(self._get("picking_started", delivery).state, "met")
