from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo.tests import tagged

from ..common import VisibilityCase

FRIDAY = datetime(2026, 3, 6, 18)


class LaneCase(VisibilityCase):
    """A carrier with a past: parcels from our warehouse to a hospital in Maine."""

    @classmethod
    def setUpClass(cls):
        with freeze_time("2026-01-02 08:00:00"):
            super().setUpClass()
        cls.maine = cls.env.ref("base.state_us_20")
        cls.customer.write(
            {"zip": "04101", "city": "Portland", "state_id": cls.maine.id, "country_id": cls.env.ref("base.us").id}
        )
        cls.company.write({"visibility_lane_least": 4, "visibility_lane_days": 90})
        cls.company.resource_calendar_id.tz = "America/New_York"
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.warehouse.partner_id.city = "Columbus"

    def setUp(self):
        super().setUp()
        clock = freeze_time(FRIDAY)
        self.clock = clock.start()
        self.addCleanup(clock.stop)

    @classmethod
    def _past(cls, hours, start=None, **values):
        """A parcel that took so many hours, picked up two weeks before or at ``start``."""
        delivery = cls._create_delivery(f"PAST{cls.env['visibility.shipment'].search_count([])}")
        shipment = delivery.visibility_shipment_ids[-1:]
        start = start or FRIDAY - timedelta(days=14)
        shipment.write({"picked_up_at": start, "delivered_at": start + timedelta(hours=hours), **values})
        return shipment

    @classmethod
    def _count(cls):
        cls.env["visibility.lane"]._count_lanes()

    def _lanes(self):
        return self.env["visibility.lane"].search([("company_id", "=", self.company.id)])


@tagged("post_install", "-at_install")
class TestLane(LaneCase):
    """How long it takes is counted from what was delivered, every night."""

    def test_median_and_ninetieth_percentile_are_those_of_the_parcels(self):
        for hours in (40, 50, 60, 70, 100):
            self._past(hours)
        self._count()
        finest = self._lanes()[0]
        self.assertEqual((finest.observation_count, finest.median_hours, finest.p90_hours), (5, 60, 88))
        self.assertEqual(finest.observed, [40, 50, 60, 70, 100])
        self.assertEqual((finest.origin, finest.warehouse_id, finest.weekday), ("Columbus", self.warehouse, "4"))
        self.assertEqual(
            self._lanes().filtered(lambda lane: lane.level == 1)._get_words(),
            "from Columbus to Maine picked up on a Friday",
        )

    def test_each_place_is_on_lanes_from_fine_to_coarse(self):
        for hours in (40, 50, 60, 70):
            self._past(hours)
        self._count()
        found = [(lane.level, lane.destination, bool(lane.weekday), bool(lane.carrier_id)) for lane in self._lanes()]
        self.assertEqual(
            found,
            [
                (0, "US 041…", True, True),
                (1, "Maine", True, True),
                (2, "US 041…", False, True),
                (3, "Maine", False, True),
                (4, "United States", True, True),
                (5, "United States", False, True),
                (6, "United States", False, False),
                (7, "United States", False, False),
            ],
        )

    def test_too_few_parcels_of_a_weekday_leave_the_lane_of_any_day(self):
        for hours in (40, 50):
            self._past(hours)
            self._past(hours, start=FRIDAY - timedelta(days=11))
        self._count()
        self.assertEqual(set(self._lanes().mapped("weekday")), {False})

    def test_what_says_nothing_of_the_next_parcel_is_left_out(self):
        for hours in (40, 50, 60):
            self._past(hours)
        self._past(500, start=FRIDAY - timedelta(days=200))
        self._past(500, is_test=True)
        self._past(500, direction="return")
        self._past(-5)
        self._count()
        self.assertFalse(self._lanes())

    def test_lanes_that_nothing_is_delivered_on_any_more_go(self):
        for hours in (40, 50, 60, 70):
            self._past(hours)
        self._count()
        self.assertTrue(self._lanes())
        self.clock.tick(timedelta(days=100))
        self._count()
        self.assertFalse(self._lanes())

    def test_counting_again_changes_the_numbers_and_adds_no_lane(self):
        for hours in (40, 50, 60, 70):
            self._past(hours)
        self._count()
        before = self._lanes()
        self._past(80)
        self.clock.tick(timedelta(days=1))
        self._count()
        self.assertEqual((self._lanes(), before[0].observation_count), (before, 5))

    def test_the_weekday_is_that_of_the_company_that_sends(self):
        saturday_in_utc = datetime(2026, 2, 21, 3)
        self.assertEqual(self._past(40, start=saturday_in_utc).lane_weekday, "4")

    def test_very_many_observations_are_thinned_out_evenly(self):
        delivery = self._create_delivery(",".join(f"MANY{number}" for number in range(600)))
        start = FRIDAY - timedelta(days=14)
        for number, shipment in enumerate(delivery.visibility_shipment_ids):
            shipment.write({"picked_up_at": start, "delivered_at": start + timedelta(hours=1 + number / 10)})
        self._count()
        lane = self._lanes()[0]
        self.assertEqual((lane.observation_count, len(lane.observed)), (600, 500))
        self.assertEqual(lane.observed, sorted(lane.observed))
        self.assertAlmostEqual(lane.median_hours, 31, delta=0.2)

    def test_errors_of_the_carriers_estimates_are_counted_too(self):
        for number, error in enumerate((-2, 0, 1, 30)):
            eta = FRIDAY - timedelta(days=10)
            data = {
                "tracking_number": f"EST{number}", "carrier": "UPS", "milestone": "in_transit", "eta": f"{eta:%FT%TZ}",
                "occurred_at": f"{FRIDAY - timedelta(days=13):%FT%TZ}",
            }  # fmt: skip
            self._tell(self.canonical, self._canonical("shipment.milestone", data))
            delivery = self._create_delivery(f"EST{number}")
            delivery.visibility_shipment_ids.write({"delivered_at": eta + timedelta(hours=error)})
        self._count()
        lane = self._lanes().filtered(lambda lane: lane.kind == "estimate")
        self.assertEqual((lane.observed, lane.median_hours), ([-2, 0, 1, 30], 0.5))

    def test_one_company_never_counts_anothers_parcels(self):
        for hours in (40, 50, 60, 70):
            self._past(hours)
        other = self.env["res.company"].create({"name": "Another company"})
        self.env["visibility.shipment"].search([("number", "=like", "PAST%")])[:2].company_id = other
        self._count()
        self.assertFalse(self.env["visibility.lane"].search([("company_id", "in", (self.company | other).ids)]))
