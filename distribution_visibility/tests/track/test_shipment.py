from itertools import permutations

from odoo import fields
from odoo.tests import tagged

from ..common import VisibilityCase

LABEL = ("pre_transit", "label_created", "2026-03-01T08:00:00Z", "Label created")
PICKED_UP = ("in_transit", "received_at_origin_facility", "2026-03-01T18:00:00Z", "Picked up")
HUB = ("in_transit", "arrived_at_facility", "2026-03-02T03:00:00Z", "Arrived at hub")
OUT = ("out_for_delivery", "out_for_delivery", "2026-03-03T07:00:00Z", "Out for delivery")
DELIVERED = ("delivered", "delivered", "2026-03-03T11:00:00Z", "Delivered")
RETURNING = ("return_to_sender", "return", "2026-03-04T09:00:00Z", "Returning to sender")


@tagged("post_install", "-at_install")
class TestShipment(VisibilityCase):
    """Facts find their shipment, and move it forward only."""

    def _shipment(self, number):
        return self.env["visibility.shipment"].search([("number_key", "=", number)])

    # ------------------------------------------------------------------ matching
    def test_a_delivery_that_gets_a_tracking_reference_gets_its_shipment(self):
        delivery = self._create_delivery("1Z 999-AA1")
        shipment = delivery.visibility_shipment_ids
        self.assertEqual((shipment.number_key, shipment.carrier_key), ("1Z999AA1", "ups"))
        self.assertEqual(shipment.sale_order_ids, delivery.sale_id)
        self.assertEqual(shipment.partner_id, delivery.partner_id)
        self.assertTrue(shipment.promised_at)

    def test_several_parcels_of_one_delivery_are_several_shipments(self):
        delivery = self._create_delivery("1Z111, 1Z222,1Z111")
        self.assertEqual(sorted(delivery.visibility_shipment_ids.mapped("number")), ["1Z111", "1Z222"])

    def test_a_carriers_event_finds_the_delivery_however_the_number_is_written(self):
        delivery = self._create_delivery("1Z999AA1")
        self._tell(self.easypost, self._tracker("1z 999 aa1", PICKED_UP))
        self.assertEqual(delivery.visibility_shipment_ids.milestone_code, "picked_up")

    def test_the_same_number_of_another_carrier_is_another_shipment(self):
        delivery = self._create_delivery("4711")
        self._tell(self.easypost, self._tracker("4711", DELIVERED, carrier="FedEx"))
        self.assertFalse(delivery.visibility_shipment_ids.milestone_id)
        self.assertEqual(len(self._shipment("4711")), 2)

    def test_a_number_that_comes_again_long_after_is_another_parcel(self):
        delivery = self._create_delivery("RECYCLED")
        self._tell(self.easypost, self._tracker("RECYCLED", DELIVERED))
        later = ("pre_transit", "label_created", "2026-11-01T08:00:00Z", "Label created")
        self._tell(self.easypost, self._tracker("RECYCLED", later))
        self.assertEqual(delivery.visibility_shipment_ids.milestone_code, "delivered")
        self.assertEqual(len(self._shipment("RECYCLED")), 2)

    def test_an_event_before_its_delivery_is_known_waits_unmatched_and_is_taken_over(self):
        scan = ("in_transit", "in_transit", self._ago(hours=2), "On the way")
        message = self._tell(self.easypost, self._tracker("EARLY1", scan))
        shipment = self._shipment("EARLY1")
        self.assertTrue(message.is_unmatched and shipment.is_unmatched)
        delivery = self._create_delivery("EARLY1")
        self.assertEqual(delivery.visibility_shipment_ids, shipment)
        self.assertFalse(shipment.is_unmatched)

    def test_a_test_message_touches_no_live_shipment(self):
        delivery = self._create_delivery("1Z1")
        body = self._tracker("1Z1", DELIVERED)
        body["mode"] = "test"
        self._tell(self.easypost, body)
        self.assertFalse(delivery.visibility_shipment_ids.event_ids)
        self.assertEqual(self._shipment("1Z1").filtered("is_test").milestone_code, "delivered")

    # ------------------------------------------------------------------ moving
    def test_a_resent_history_gives_each_scan_once(self):
        self._tell(self.easypost, self._tracker("1Z1", LABEL, PICKED_UP))
        self._tell(self.easypost, self._tracker("1Z1", LABEL, PICKED_UP, HUB))
        events = self._shipment("1Z1").event_ids.filtered("description")
        self.assertEqual(sorted(events.mapped("description")), ["Arrived at hub", "Label created", "Picked up"])

    def test_an_old_scan_that_arrives_late_only_enters_the_timeline(self):
        self._tell(self.easypost, self._tracker("1Z1", OUT))
        self._tell(self.easypost, self._tracker("1Z1", HUB))
        shipment = self._shipment("1Z1")
        self.assertEqual(shipment.milestone_code, "out_for_delivery")
        self.assertIn("arrived_at_hub", shipment.event_ids.milestone_id.mapped("code"))

    def test_any_order_of_the_same_facts_gives_the_same_shipment(self):
        results = set()
        for number, order in enumerate(permutations((PICKED_UP, HUB, OUT, DELIVERED))):
            for scan in order:
                self._tell(self.easypost, self._tracker(f"ORDER{number}", scan))
            shipment = self._shipment(f"ORDER{number}")
            results.add((shipment.milestone_code, shipment.milestone_at, shipment.delivered_at, shipment.last_event_at))
        self.assertEqual(len(results), 1)
        self.assertEqual(results.pop()[0], "delivered")

    def test_a_return_is_a_way_back_from_delivered(self):
        self._tell(self.easypost, self._tracker("1Z1", DELIVERED))
        self._tell(self.easypost, self._tracker("1Z1", RETURNING))
        self.assertEqual(self._shipment("1Z1").milestone_code, "return_started")

    def test_the_latest_eta_counts_and_is_compared_with_the_promise(self):
        delivery = self._create_delivery("1Z1")
        shipment = delivery.visibility_shipment_ids
        shipment.promised_at = fields.Datetime.to_datetime("2026-03-03 12:00:00")
        self._tell(self.easypost, self._tracker("1Z1", HUB, est_delivery_date="2026-03-04T12:00:00Z"))
        self.assertEqual(shipment.eta, fields.Datetime.to_datetime("2026-03-04 12:00:00"))
        self.assertAlmostEqual(shipment.delay_hours, 12, 2, "from the end of the promised day")

    def test_a_time_without_zone_is_kept_as_sent_and_marked(self):
        self._create_source("aftership-test", "aftership", "test-only-secret-of-aftership", preset="bearer")
        source = self.env["visibility.source"].search([("code", "=", "aftership-test")])
        message = self.env["visibility.inbox.message"].create(
            {
                "source_id": source.id,
                "company_id": self.company.id,
                "external_id": "a1",
                "body_sha256": "0",
                "is_trusted": True,
                "body": """{"event": "tracking_update", "event_id": "a1", "msg": {
                    "tracking_number": "1Z1", "slug": "ups", "checkpoints": [
                    {"checkpoint_time": "2026-03-02T10:00:00", "tag": "InTransit",
                    "subtag": "InTransit_003", "message": "Arrived"}]}}""",
            }
        )
        self._work_off()
        event = message.event_ids.filtered(lambda event: event.description == "Arrived")
        self.assertEqual((event.occurred_raw, event.is_offset_known), ("2026-03-02T10:00:00", False))

    def test_a_scan_from_next_year_is_doubted_and_hides_no_later_news(self):
        delivery = self._create_delivery("1Z1")
        self._tell(self.easypost, self._tracker("1Z1", ("in_transit", "in_transit", self._ago(days=-400), "Clock")))
        self._tell(self.easypost, self._tracker("1Z1", ("in_transit", "delayed", self._ago(hours=-1), "Storm")))
        shipment = delivery.visibility_shipment_ids
        self.assertEqual(self._shipment("1Z1"), shipment)
        self.assertEqual((shipment.last_event_text, shipment.exception_ids.is_open), ("Delayed in transit", True))
        self.assertIn("time_in_future", shipment.event_ids.filtered(lambda event: event.doubts).doubts)

    # ------------------------------------------------------------------ unknown and unproven
    def test_an_unknown_code_is_listed_for_mapping_and_takes_effect_once_mapped(self):
        self._create_delivery("1Z1")
        self._tell(self.easypost, self._tracker("1Z1", ("mystery", "mystery_detail", "2026-03-02T10:00:00Z", "?")))
        shipment = self._shipment("1Z1")
        self.assertFalse(shipment.milestone_id)
        rows = self.env["visibility.code.map"].search([("needs_mapping", "=", True)])
        row = rows.filtered(lambda row: row.code == "mystery_detail")
        self.assertEqual((row.vocabulary, row.seen_count > 0), ("easypost.detail", True))
        row.category_id = self.env.ref("distribution_visibility.category_damaged")
        row.milestone_id = self.env.ref("distribution_visibility.milestone_in_transit")
        self.assertFalse(row.needs_mapping)
        manager = self._create_user("visibility-manager", "distribution_visibility.group_manager")
        row.with_user(manager).action_reprocess()
        self.assertEqual(shipment.milestone_code, "in_transit")
        self.assertEqual(shipment.exception_ids.category_id.code, "damaged")


@tagged("post_install", "-at_install")
class TestUnproven(VisibilityCase):
    """Nothing unsigned acts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delivery = cls._create_delivery("1Z1")
        message = cls._receive(cls.canonical, cls._canonical("shipment.exception", {
            "tracking_number": "1Z1", "carrier": "UPS", "category": "damaged", "milestone": "arrived_at_hub",
        }))[1]  # fmt: skip
        message.is_trusted = False
        cls._work_off()
        cls.shipment = cls.delivery.visibility_shipment_ids
        cls.exception = cls.shipment.exception_ids

    def test_an_unproven_fact_moves_nothing_and_puts_nothing_at_risk(self):
        self.assertFalse(self.shipment.milestone_id)
        self.assertEqual((self.exception.is_unproven, self.exception.severity), (True, "information"))
        self.assertFalse(self.delivery.visibility_is_at_risk)

    def test_a_coordinator_who_confirms_it_makes_it_count(self):
        self.exception.with_user(self.owner).action_confirm()
        self.assertEqual(self.shipment.milestone_code, "arrived_at_hub")
        self.assertEqual(self.exception.severity, "blocking")
        self.assertTrue(self.delivery.visibility_is_at_risk)

    def test_proven_news_of_the_same_trouble_makes_it_count_without_a_person(self):
        self._tell(self.canonical, self._canonical("shipment.exception", {
            "tracking_number": "1Z1", "carrier": "UPS", "category": "damaged",
        }, moment="2026-03-03T10:00:00Z"))  # fmt: skip
        self.assertEqual((self.exception.is_unproven, self.exception.severity), (False, "blocking"))
        self.assertTrue(self.delivery.visibility_is_at_risk)

    def test_unproven_news_brings_a_resolved_exception_back_only_as_unproven(self):
        self.exception.with_user(self.owner).action_confirm()
        self.exception.action_resolve()
        self.exception.closed_at = "2026-03-02 12:00:00"
        message = self._receive(self.canonical, self._canonical("shipment.exception", {
            "tracking_number": "1Z1", "carrier": "UPS", "category": "damaged",
        }, moment="2026-03-03T10:00:00Z"))[1]  # fmt: skip
        message.is_trusted = False
        self._work_off()
        self.assertEqual((self.exception.state, self.exception.is_unproven), ("new", True))
        self.assertFalse(self.delivery.visibility_is_at_risk)
