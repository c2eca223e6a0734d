from datetime import timedelta

from odoo.tests import tagged

from .test_lane import FRIDAY, LaneCase


@tagged("post_install", "-at_install")
class TestFate(LaneCase):
    """What was refused or lost is shown so, wherever it was seen last, and is not late any more."""

    def setUp(self):
        super().setUp()
        self.delivery = self._create_delivery("1Z1")
        self.shipment = self.delivery.visibility_shipment_ids
        self.delivery.sale_id.commitment_date = FRIDAY + timedelta(days=2)
        self.env.flush_all()

    def _say(self, hours, milestone=None, category=None, **data):
        moment = FRIDAY + timedelta(hours=hours)
        data = {"tracking_number": "1Z1", "carrier": "UPS", **data}
        data |= {"milestone": milestone} if milestone else {}
        data |= {"category": category} if category else {}
        kind = "shipment.exception" if category else "shipment.milestone"
        self._tell(self.canonical, self._canonical(kind, data, moment=f"{moment:%Y-%m-%dT%H:%M:%SZ}"))

    def _open(self):
        return sorted(self.shipment.exception_ids.filtered("is_open").mapped("category_id.code"))

    def _refuse(self):
        self._say(1, "in_transit", "delayed_in_transit", eta="2026-03-10T15:00:00Z")
        self._say(2, "out_for_delivery")
        self._say(3, "delivery_attempted", "refused")

    def test_a_refused_parcel_is_refused_and_not_out_for_delivery(self):
        self._refuse()
        self.assertEqual(self.shipment.fate_id.code, "refused")
        self.assertEqual((self.shipment.late_risk, self.shipment.is_late_risk), (0, False))
        self.assertFalse(self.shipment.late_risk_text)

    def test_delayed_and_refused_of_one_parcel_are_one_exception(self):
        self._refuse()
        self.assertEqual(self._open(), ["refused"])

    def test_a_delay_that_is_reported_after_the_refusal_is_part_of_it(self):
        self._say(3, "delivery_attempted", "refused")
        self._say(4, category="delayed_in_transit")
        self.assertEqual(self._open(), ["refused"])

    def test_a_refused_parcel_on_its_way_back_stays_refused(self):
        self._refuse()
        self._say(9, "arrived_at_hub")
        self.assertEqual(self.shipment.fate_id.code, "refused")

    def test_a_parcel_that_goes_out_again_and_arrives_is_neither_refused_nor_lost(self):
        self._refuse()
        self._say(20, "out_for_delivery")
        self.assertFalse(self.shipment.fate_id or self.shipment.fate_at)
        self._say(24, "delivered")
        self.assertEqual((self.shipment.milestone_id.code, bool(self.shipment.fate_id)), ("delivered", False))

    def test_what_was_lost_is_found_by_any_scan_and_may_be_late_again(self):
        self._say(1, "in_transit", "lost_or_stolen", eta="2026-03-10T15:00:00Z")
        self.assertEqual((self.shipment.fate_id.code, self.shipment.is_late_risk), ("lost_or_stolen", False))
        self._say(5, "arrived_at_hub")
        self.assertFalse(self.shipment.fate_id)
        self.assertTrue(self.shipment.is_late_risk)

    def test_the_order_in_which_facts_arrive_makes_no_difference(self):
        self._say(20, "out_for_delivery")
        self._say(3, "delivery_attempted", "refused")
        self.assertFalse(self.shipment.fate_id)
        self.shipment._recompute_from_timeline()
        self.assertFalse(self.shipment.fate_id)

    def test_late_by_and_the_late_risk_count_the_same_hours(self):
        self._say(1, "in_transit", eta="2026-03-10T15:00:00Z")
        self.assertIn("35 hours after the end of the day promised last", self.shipment.late_risk_text)
        self.assertAlmostEqual(self.shipment.delay_hours, 35, 0)

    def test_a_delivery_later_on_the_promised_day_is_late_by_nothing(self):
        self._say(1, "in_transit", eta="2026-03-09T03:30:00Z")
        self.assertEqual(self.shipment.delay_hours, 0)
