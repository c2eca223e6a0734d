from datetime import timedelta

from odoo.tests import tagged

from ...track.test_lane import FRIDAY, LaneCase

TUESDAY = "2026-03-10T15:00:00Z"
# What ends each of the kinds that stop a delivery.
ENDS = {
    "lost_or_stolen": "delivered",
    "address_problem": "delivered",
    "customs_hold": "customs_released",
    "documents_missing": "customs_released",
}


@tagged("post_install", "-at_install")
class TestFoundAgain(LaneCase):
    """Facts are compared with facts, by their senders' clocks: when we noticed something is another matter."""

    def setUp(self):
        super().setUp()
        self.delivery = self._create_delivery("1Z1")
        self.shipment = self.delivery.visibility_shipment_ids
        self.delivery.sale_id.commitment_date = FRIDAY + timedelta(days=2)
        self.env.flush_all()

    def _say(self, hours, number="1Z1", event_id=None, **data):
        """What happened so many hours from Friday on, whenever it is sent."""
        moment = f"{FRIDAY + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"
        kind = "shipment.exception" if "category" in data else "shipment.milestone"
        data = {"tracking_number": number, "carrier": "UPS", **data}
        self._tell(self.canonical, self._canonical(kind, data, event_id, moment=moment))

    def _get(self, code):
        return self.shipment.exception_ids.filtered(lambda one: one.category_id.code == code)

    def _notice_late(self):
        """We ourselves notice, by our clock, that it will be late."""
        self.shipment._refresh_outlook()

    def test_what_stopped_it_ends_with_the_scan_that_says_so_however_late_we_noticed_that_it_is_late(self):
        for hours, (code, end) in enumerate(ENDS.items()):
            number = f"1Z{code}".replace("_", "")
            self.delivery = self._create_delivery(number)
            self.shipment = self.delivery.visibility_shipment_ids
            self.delivery.sale_id.commitment_date = FRIDAY + timedelta(days=2)
            self._say(-30 + hours, number, milestone="in_transit", eta=TUESDAY)
            self._say(-20 + hours, number, category=code)
            trouble = self._get(code)
            self._notice_late()
            trouble.write({"last_seen_at": FRIDAY})
            self.assertEqual(trouble.state, "new")
            self._say(-10 + hours, number, milestone=end)
            self.assertEqual(trouble.state, "resolved", code)
            self.assertEqual(trouble.closed_by_event_id.milestone_id.code, end)

    def test_lost_and_its_late_risk_end_with_the_scan_of_a_handheld_that_was_uploaded_late(self):
        self._say(-30, milestone="in_transit", eta=TUESDAY)
        late = self._get("late_risk")
        self.assertEqual(late.state, "new")
        self._say(-20, category="lost_or_stolen")
        lost = self._get("lost_or_stolen")
        self.assertEqual(late.merged_into_id, lost)
        self.assertGreater(lost.last_seen_at, FRIDAY - timedelta(hours=10))
        self._say(-10, milestone="delivered")
        self.assertEqual(lost.state, "resolved")
        self.assertFalse(self.delivery.visibility_is_at_risk)

    def test_what_happened_before_it_was_lost_does_not_end_it_in_whatever_order_it_comes(self):
        for number, order in (("1ZA", (0, 1)), ("1ZB", (1, 0))):
            shipment = self._create_delivery(number).visibility_shipment_ids
            told = [
                lambda n=number: self._say(-20, n, milestone="delivered"),
                lambda n=number: self._say(-10, n, category="lost_or_stolen"),
            ]
            for index in order:
                told[index]()
            lost = shipment.exception_ids.filtered(lambda one: one.category_id.code == "lost_or_stolen")
            self.assertEqual(lost.state, "new", number)

    def test_a_second_hold_after_a_release_is_news_though_both_come_after_an_outage(self):
        self._say(-30, category="customs_hold")
        self._say(-20, milestone="customs_released")
        hold = self._get("customs_hold")
        self.assertEqual(hold.state, "resolved")
        self._say(-10, category="customs_hold")
        self.assertEqual((hold.state, hold.seen_count), ("new", 2))

    def test_what_a_person_closed_stays_closed_for_news_of_before(self):
        self._say(-30, category="customs_hold")
        hold = self._get("customs_hold")
        hold.write({"state": "resolved"})
        self._say(-10, category="customs_hold")
        self.assertEqual(hold.state, "resolved")

    def test_a_suppliers_later_answer_ends_its_refusal_whenever_we_looked(self):
        order = self._create_purchase()
        said = {"order": order.name, "status": "rejected", "responded_at": "2026-03-03T10:00:00Z"}
        self._tell(self.canonical, self._canonical("supplier.order_response", said))
        refusal = order.visibility_exception_ids
        refusal.write({"last_seen_at": FRIDAY})
        said |= {"status": "accepted", "responded_at": "2026-03-04T10:00:00Z"}
        self._tell(self.canonical, self._canonical("supplier.order_response", said))
        self.assertEqual(refusal.state, "resolved")
