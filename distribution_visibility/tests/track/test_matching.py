from odoo.tests import tagged
from psycopg2.errors import UniqueViolation

from ..common import VisibilityCase

PICKED_UP = ("in_transit", "received_at_origin_facility", "2026-03-01T18:00:00Z", "Picked up")


@tagged("post_install", "-at_install")
class TestMatching(VisibilityCase):
    """Which shipment a number means, in the odd cases."""

    def _shipments(self, number):
        return self.env["visibility.shipment"].search([("number_key", "=", number)])

    def _batch(self, *data):
        events = [self._canonical("shipment.milestone", one) for one in data]
        return self._tell(self.canonical, {"events": events})

    def test_one_batch_that_spells_a_number_in_two_ways_makes_one_shipment(self):
        self._batch(
            {"tracking_number": "ab 12-3", "carrier": "UPS", "milestone": "picked_up"},
            {"tracking_number": "AB123", "carrier": "ups", "milestone": "in_transit"},
        )
        self.assertEqual(self._shipments("AB123").milestone_code, "in_transit")

    def test_a_container_is_found_under_the_booking_that_the_delivery_has(self):
        delivery = self._create_delivery("BOOKING1")
        self._batch(
            {
                "tracking_number": "CONTAINER1",
                "carrier": "UPS",
                "milestone": "in_transit",
                "related_numbers": ["booking-1"],
            }
        )
        self.assertEqual(delivery.visibility_shipment_ids.milestone_code, "in_transit")

    def test_the_name_of_who_took_it_is_added_when_it_comes_after_the_scan(self):
        delivered = ("delivered", "delivered", "2026-03-03T11:00:00Z", "Delivered")
        self._tell(self.easypost, self._tracker("1Z1", delivered))
        self.assertFalse(self._shipments("1Z1").signed_by)
        message = self._tell(self.easypost, self._tracker("1Z1", delivered, signed_by="DOCK 4"))
        self.assertEqual(self._shipments("1Z1").signed_by, "DOCK 4")
        self.assertEqual(message.event_count, 0)

    def test_the_exact_carrier_is_preferred_over_an_unnamed_one(self):
        data = {"tracking_number": "1Z1", "milestone": "picked_up", "occurred_at": self._ago(hours=2)}
        self._batch(data)
        self._create_delivery("1Z1")
        unnamed = self._shipments("1Z1")
        self.assertEqual(unnamed.carrier_key, "ups")
        self._tell(self.easypost, self._tracker("1Z1", PICKED_UP))
        self.assertEqual(self._shipments("1Z1"), unnamed)

    def test_a_person_links_an_unmatched_shipment_to_its_delivery(self):
        message = self._tell(self.easypost, self._tracker("LOST1", PICKED_UP))
        shipment = self._shipments("LOST1")
        delivery = self._create_delivery(False)
        wizard = self.env["visibility.link.wizard"].create({"shipment_id": shipment.id, "picking_id": delivery.id})
        wizard.action_confirm()
        self.assertEqual((delivery.visibility_shipment_ids, delivery.carrier_tracking_ref), (shipment, "LOST1"))
        self.assertFalse(shipment.is_unmatched or message.is_unmatched)

    # ------------------------------------------------------------------ one number in two spellings
    def test_the_barcode_of_a_label_and_the_number_in_it_are_one_parcel(self):
        for barcode, number in (
            ("420941079400111899223197428490", "9400111899223197428490"),
            ("420941071234 9400111899223197428491", "9400111899223197428491"),
            ("9622001900000000000000776632517510", "776632517510"),
            ("00340434567890123457", "340434567890123457"),
        ):
            for typed, told in ((barcode, number), (number, barcode)):
                self.env["visibility.shipment"].search([("number_key", "=", number)]).unlink()
                delivery = self._create_delivery(typed)
                self._batch({"tracking_number": told, "carrier": "UPS", "milestone": "in_transit"})
                self.assertEqual(delivery.visibility_shipment_ids.milestone_code, "in_transit", typed)

    def _link(self, shipment, delivery, **values):
        wizard = self.env["visibility.link.wizard"].create(
            {"shipment_id": shipment.id, "picking_id": delivery.id, **values}
        )
        wizard.action_confirm()

    def test_linking_another_spelling_leaves_no_silent_twin_behind(self):
        delivery = self._create_delivery("ZZ770044112233")
        twin = delivery.visibility_shipment_ids
        self._batch({"tracking_number": "770044112233", "carrier": "UPS", "milestone": "picked_up"})
        told = self._shipments("770044112233")
        self._link(told, delivery)
        self.assertFalse(twin.exists())
        self.assertEqual(delivery.visibility_shipment_ids, told)
        self._batch({"tracking_number": "ZZ770044112233", "carrier": "UPS", "milestone": "in_transit"})
        self.assertEqual(told.milestone_code, "in_transit", "its number leads here")
        self.assertEqual(delivery.visibility_shipment_ids, told)

    def test_linking_a_second_parcel_leaves_the_first_alone(self):
        delivery = self._create_delivery("PARCEL0000001")
        first = delivery.visibility_shipment_ids
        self._batch({"tracking_number": "PARCEL0000002", "carrier": "UPS", "milestone": "picked_up"})
        self._link(self._shipments("PARCEL0000002"), delivery)
        self.assertEqual(len(delivery.visibility_shipment_ids), 2)
        self.assertIn(first, delivery.visibility_shipment_ids)

    def test_a_person_says_that_it_is_the_same_parcel_unless_something_was_told_of_it(self):
        delivery = self._create_delivery("TYPEDWRONG1")
        twin = delivery.visibility_shipment_ids
        self._batch({"tracking_number": "RIGHT1", "carrier": "UPS", "milestone": "picked_up"})
        self._batch({"tracking_number": "OTHER1", "carrier": "UPS", "milestone": "picked_up"})
        self._link(self._shipments("RIGHT1"), delivery, twin_id=twin.id)
        self.assertFalse(twin.exists())
        self._link(self._shipments("OTHER1"), delivery, twin_id=self._shipments("RIGHT1").id)
        self.assertEqual(len(delivery.visibility_shipment_ids), 2)

    def test_a_parcel_goes_with_its_number_by_whichever_of_its_numbers_it_is_tied(self):
        delivery = self._create_delivery("SHOP77")
        both = {"tracking_number": "CP1", "carrier": "UPS", "milestone": "picked_up", "related_numbers": ["shop-77"]}
        self._batch(both)
        shipment = delivery.visibility_shipment_ids
        delivery.carrier_tracking_ref = "ELSE1"
        self.assertNotIn(shipment, delivery.visibility_shipment_ids)

    def test_what_is_told_of_a_shops_own_id_reaches_the_delivery_once_the_two_are_known_to_be_one(self):
        delivery = self._create_delivery("CP1")
        told = {"tracking_number": "shop-77", "carrier": "UPS", "milestone": "delivered"}
        both = {"tracking_number": "CP1", "carrier": "UPS", "milestone": "picked_up", "related_numbers": ["shop-77"]}
        self._batch(both)
        self._batch(told)
        self.assertEqual(delivery.visibility_shipment_ids.milestone_code, "delivered")
        self.assertFalse(self._shipments("SHOP77"))

    def test_a_corrected_tracking_number_lets_go_of_the_wrong_shipment(self):
        delivery = self._create_delivery("WRONG1")
        trouble = ("in_transit", "delayed", self._ago(hours=2), "Storm")
        self._tell(self.easypost, self._tracker("WRONG1", trouble))
        self.assertTrue(delivery.visibility_is_at_risk)
        delivery.carrier_tracking_ref = "RIGHT1"
        self.assertEqual(delivery.visibility_shipment_ids.number, "RIGHT1")
        self.assertFalse(delivery.visibility_is_at_risk or delivery.sale_id.visibility_is_at_risk)
        self.assertTrue(self._shipments("WRONG1").is_unmatched)

    def test_a_message_is_matched_once_its_shipment_is(self):
        message = self._tell(
            self.easypost, self._tracker("EARLY1", ("in_transit", "in_transit", self._ago(hours=2), ""))
        )
        self.assertTrue(message.is_unmatched)
        self._create_delivery("EARLY1")
        self.assertFalse(message.is_unmatched)

    def test_a_test_event_does_not_use_up_the_live_event_that_it_rehearses(self):
        delivery = self._create_delivery("1Z1")
        scan = ("in_transit", "received_at_origin_facility", self._ago(hours=2), "Picked up")
        rehearsal = self._tracker("1Z1", scan)
        rehearsal["mode"] = "test"
        self._tell(self.easypost, rehearsal)
        self._tell(self.easypost, self._tracker("1Z1", scan))
        self.assertEqual(delivery.visibility_shipment_ids.milestone_code, "picked_up")

    def test_a_carrier_that_is_faster_than_the_person_never_fails_the_persons_work(self):
        pickings = type(self.env["stock.picking"])
        original, tries = pickings._link_now, []

        def link(picking, wanted):
            tries.append(wanted)
            if len(tries) == 1:
                raise UniqueViolation("the worker has just made this shipment")
            return original(picking, wanted)

        self.patch(pickings, "_link_now", link)
        delivery = self._create_delivery("1Z1")
        self.assertFalse(delivery.visibility_shipment_ids)
        delivery._link_forgotten()
        self.assertEqual(delivery.visibility_shipment_ids.number, "1Z1")

    def test_a_customers_return_is_a_return_without_promise(self):
        delivery = self._create_delivery("1Z1")
        back = delivery.copy({"return_id": delivery.id, "carrier_tracking_ref": "1ZBACK"})
        shipment = back.visibility_shipment_ids
        self.assertEqual((shipment.direction, shipment.promised_at), ("return", False))
