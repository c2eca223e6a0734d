from datetime import timedelta

from freezegun import freeze_time
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .test_lane import FRIDAY, LaneCase


@tagged("post_install", "-at_install")
class TestLateRisk(LaneCase):
    """When it will arrive and how likely that is too late, in one sentence that anybody can check."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(FRIDAY):
            for hours in (40, 44, 46, 48, 50, 52, 60, 70, 72, 96):
                cls._past(hours)
            cls._count()
        cls.delivery = cls._create_delivery("1Z1")
        cls.shipment = cls.delivery.visibility_shipment_ids

    def _promise(self, moment):
        self.delivery.sale_id.commitment_date = moment
        self.env.flush_all()

    def _say(self, milestone, moment=FRIDAY, **data):
        data = {"tracking_number": "1Z1", "carrier": "UPS", "milestone": milestone, **data}
        return self._tell(
            self.canonical, self._canonical("shipment.milestone", data, moment=f"{moment:%Y-%m-%dT%H:%M:%SZ}")
        )

    def _wait(self, **delta):
        self.clock.tick(timedelta(**delta))
        self.env.invalidate_all()
        self.shipment._find_under_way(0)._refresh_outlook()

    def _exceptions(self):
        return self.shipment.exception_ids.filtered(lambda one: one.category_id.code == "late_risk")

    # ------------------------------------------------------------------ ETA
    def test_a_parcel_that_was_picked_up_arrives_when_half_of_the_others_did(self):
        self._say("picked_up")
        self.assertEqual((self.shipment.eta, self.shipment.eta_source), (FRIDAY + timedelta(hours=51), "lane"))
        self.assertEqual((self.shipment.lane_id.level, self.shipment.lane_observation_count), (0, 10))

    def test_before_it_is_picked_up_nobody_knows_when_it_arrives(self):
        self._say("label_created")
        self.assertFalse(self.shipment.eta)

    def test_what_the_carrier_says_goes_before_the_lane_and_stays(self):
        self._say("picked_up")
        eta = FRIDAY + timedelta(hours=90)
        self._say("departed_origin", FRIDAY + timedelta(hours=1), eta=f"{eta:%Y-%m-%dT%H:%M:%SZ}")
        self.assertEqual((self.shipment.eta, self.shipment.eta_source), (eta, "carrier"))
        self._say("in_transit", FRIDAY + timedelta(hours=2))
        self._wait(hours=3)
        self.assertEqual((self.shipment.eta, self.shipment.eta_source), (eta, "carrier"))

    def test_the_longer_it_takes_the_later_it_is_expected(self):
        self._promise(FRIDAY + timedelta(days=10))
        self._say("picked_up")
        self._wait(hours=55)
        self.assertEqual(self.shipment.eta, FRIDAY + timedelta(hours=71))

    def test_without_enough_parcels_on_the_lane_a_coarser_one_is_taken(self):
        self.customer.write({"zip": "10001", "state_id": self.env.ref("base.state_us_27").id})
        delivery = self._create_delivery("1Z2")
        self.shipment = delivery.visibility_shipment_ids
        data = {"tracking_number": "1Z2", "carrier": "UPS", "milestone": "picked_up"}
        self._tell(self.canonical, self._canonical("shipment.milestone", data, moment="2026-03-06T18:00:00Z"))
        self.assertEqual((self.shipment.lane_id.level, self.shipment.lane_id.destination), (4, "United States"))
        self.assertEqual(self.shipment.eta_source, "lane")

    # ------------------------------------------------------------------ risk
    def test_the_risk_is_the_share_of_parcels_that_took_longer_and_says_so(self):
        # Sunday ends at 04:00 UTC on Monday in New York: 58 hours are left
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up")
        self.assertEqual((self.shipment.late_risk, self.shipment.risk_basis), (39, "lane"))
        self.assertEqual(
            self.shipment.late_risk_text,
            "4 of 10 parcels from Columbus to US 041… picked up on a Friday took longer than the 58 hours that are "
            "left.",
        )
        self.assertFalse(self._exceptions())

    def test_risk_grows_while_nothing_happens_and_opens_one_exception_at_the_threshold(self):
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up")
        self._wait(hours=49)
        self.assertEqual(self.shipment.late_risk, 65)
        exception = self._exceptions()
        self.assertEqual((exception.state, exception.reason_code), ("new", "risk_lane"))
        self.assertEqual(exception.reason, self.shipment.late_risk_text)
        self.assertTrue(self.delivery.visibility_is_at_risk and self.delivery.sale_id.visibility_is_at_risk)
        self._wait(minutes=30)
        self.assertEqual((self._exceptions(), exception.seen_count), (exception, 1))

    def test_a_promise_that_moves_clears_it_and_says_why(self):
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up")
        self._wait(hours=49)
        self._promise(FRIDAY + timedelta(days=8))
        self._wait(minutes=30)
        exception = self._exceptions()
        self.assertEqual((self.shipment.late_risk < 5, exception.state), (True, "resolved"))
        self.assertIn("0 of the 6 parcels", exception.resolution)
        self.assertFalse(self.delivery.visibility_is_at_risk)

    def test_the_company_says_from_which_risk_on_it_counts(self):
        self.company.visibility_late_risk_percent = 30
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up")
        self.assertTrue(self._exceptions())
        with self.assertRaisesRegex(IntegrityError, "late_risk_percent"), mute_logger("odoo.sql_db"):
            self.company.visibility_late_risk_percent = 0
            self.env.flush_all()

    def test_an_eta_of_the_carrier_after_the_promise_is_late_risk(self):
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up", eta="2026-03-10T15:00:00Z")
        self.assertEqual((self.shipment.late_risk, self.shipment.risk_basis), (100, "eta"))
        self.assertEqual(
            self._exceptions().reason, "The carrier expects it 35 hours after the end of the day promised last."
        )
        self._say("in_transit", FRIDAY + timedelta(hours=3), eta="2026-03-08T15:00:00Z")
        self.assertEqual(self._exceptions().state, "resolved")

    def test_what_still_was_under_way_as_long_is_what_it_is_compared_with(self):
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up")
        self._wait(hours=49)
        self.assertEqual(
            self.shipment.late_risk_text,
            "4 of the 6 parcels from Columbus to US 041… picked up on a Friday that were still under way after 49 "
            "hours needed more than the 9 hours that are left.",
        )

    def test_an_eta_later_on_the_promised_day_is_in_time(self):
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up", eta="2026-03-08T23:30:00Z")
        self.assertEqual(self.shipment.late_risk, 0)

    def test_the_promised_day_is_a_day_where_the_company_is(self):
        self.company.resource_calendar_id.tz = "Asia/Tokyo"
        self._promise(FRIDAY + timedelta(days=2))  # 03:00 on Monday in Tokyo, which ends at 15:00 UTC
        self.assertEqual(str(self.shipment._get_promise_end()), "2026-03-09 14:59:59")

    def test_a_carriers_estimate_is_held_against_its_past_errors(self):
        self.env["visibility.lane"].create(
            {
                "key": self.shipment._get_estimate_key(), "kind": "estimate", "level": 100, "carrier_key": "ups",
                "company_id": self.company.id, "observation_count": 10,
                "observed": [-3, -1, 0, 0, 1, 2, 2, 20, 30, 40],
            }
        )  # fmt: skip
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up", eta="2026-03-08T22:00:00Z")
        self.assertEqual((self.shipment.late_risk, self.shipment.risk_basis), (34, "estimate"))
        self.assertIn("3 of 10 parcels came later than its estimate by more", self.shipment.late_risk_text)

    def test_a_parcel_that_still_waits_is_judged_as_if_it_left_now(self):
        self._promise(FRIDAY + timedelta(days=1))
        self._wait(hours=1)
        self.assertEqual(self.shipment.risk_basis, "waiting")
        self.assertIn(self.shipment.late_risk, range(90, 100), "sooner than any parcel before: likely, not certain")
        self.assertFalse(self._exceptions().responsible_party)

    def test_what_was_delivered_is_cleared_by_the_scan_that_says_so(self):
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up", eta="2026-03-10T15:00:00Z")
        self._say("delivered", FRIDAY + timedelta(hours=40))
        self.assertEqual((self.shipment.late_risk, self.shipment.is_late_risk), (0, False))
        self.assertEqual(self._exceptions().closed_by_event_id.milestone_id.code, "delivered")

    def test_a_promise_that_has_passed_is_late_and_is_looked_at_no_more_until_it_moves(self):
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up")
        self._wait(days=4)
        self.assertEqual((self.shipment.late_risk, self.shipment.risk_basis), (100, "passed"))
        self.assertNotIn(self.shipment, self.shipment._find_under_way(0))
        self._promise(FRIDAY + timedelta(days=20))
        self.assertIn(self.shipment, self.shipment._find_under_way(0))

    def test_an_exception_that_the_carrier_opened_is_not_cleared_by_our_reckoning(self):
        self._promise(FRIDAY + timedelta(days=2))
        self._say("picked_up", category="late_risk")
        self._wait(hours=49)
        self._promise(FRIDAY + timedelta(days=8))
        exception = self._exceptions()
        exception.reason_code = "carrier_code"
        self._wait(minutes=30)
        self.assertTrue(exception.is_open)

    def test_returns_and_tests_have_no_late_risk(self):
        self._say("picked_up", eta="2026-03-20T15:00:00Z")
        self.shipment.direction = "return"
        self._promise(FRIDAY + timedelta(days=2))
        self.assertNotIn(self.shipment, self.shipment._find_under_way(0))
