from datetime import timedelta

from odoo.tests import tagged

from ...track.test_lane import FRIDAY, LaneCase
from ..expectation.expectation_case import ExpectationCase

SUNDAY = FRIDAY + timedelta(days=2)
TUESDAY = "2026-03-10T15:00:00Z"


@tagged("post_install", "-at_install")
class TestOneThing(LaneCase):
    """A delay that breaks the promise is one work item, whichever of the two is known first."""

    def setUp(self):
        super().setUp()
        self.delivery = self._create_delivery("1Z1")
        self.shipment = self.delivery.visibility_shipment_ids
        self._promise(SUNDAY)

    def _promise(self, moment):
        self.delivery.sale_id.commitment_date = moment
        self.env.flush_all()

    def _say(self, milestone=None, hours=0, is_trusted=True, **data):
        data = {"tracking_number": "1Z1", "carrier": "UPS", **data}
        data |= {"milestone": milestone} if milestone else {}
        moment = FRIDAY + timedelta(hours=hours)
        kind = "shipment.exception" if "category" in data else "shipment.milestone"
        body = self._canonical(kind, data, moment=f"{moment:%Y-%m-%dT%H:%M:%SZ}")
        _result, message = self._receive(self.canonical, body)
        message.is_trusted = is_trusted
        self._work_off()

    def _open(self):
        return {one.category_id.code: one for one in self.shipment.exception_ids.filtered("is_open")}

    def _all(self):
        """All that ever was an exception of its own."""
        return self.shipment.exception_ids.filtered(lambda one: not one.is_consequence).mapped("category_id.code")

    # ------------------------------------------------------------------ both at once, the delay first
    def test_a_delay_with_an_eta_after_the_promise_is_one_exception_that_says_both(self):
        self._say("in_transit", category="weather_or_disaster", description="Snow in Erie", eta=TUESDAY)
        self.assertEqual(self._all(), ["weather_or_disaster"])
        exception = self._open()["weather_or_disaster"]
        self.assertEqual(exception.reason, "Snow in Erie")
        self.assertEqual(exception.late_risk_text, self.shipment.late_risk_text)
        self.assertIn("35 hours after the end of the day promised last", exception.late_risk_text)
        self.assertIn("35 hours after", exception.message_ids[:1].body)
        self.assertEqual((exception.promised_at, exception.eta), (SUNDAY, self.shipment.eta))

    def test_a_delay_that_breaks_the_promise_only_later_stays_the_same_exception(self):
        self._say("in_transit", category="delayed_in_transit", eta="2026-03-08T12:00:00Z")
        self._say(hours=2, milestone="in_transit", eta=TUESDAY)
        self.assertEqual(self._all(), ["delayed_in_transit"])
        self.assertIn("35 hours after", self._open()["delayed_in_transit"].message_ids[:1].body)

    def test_the_worse_severity_and_the_tags_of_late_risk_come_along(self):
        category = self.env["visibility.exception"]._get_category("late_risk")
        category.severity = "blocking"
        category.tag_ids |= self.env["visibility.tag"].create({"name": "Call the customer"})
        self._say("in_transit", category="delayed_in_transit", eta=TUESDAY)
        exception = self._open()["delayed_in_transit"]
        self.assertEqual(exception.severity, "blocking")
        self.assertIn("Call the customer", exception.tag_ids.mapped("name"))

    def test_an_eta_back_inside_the_promise_is_told_on_the_delay(self):
        self._say("in_transit", category="delayed_in_transit", eta=TUESDAY)
        self._say("in_transit", hours=3, eta="2026-03-08T12:00:00Z")
        exception = self._open()["delayed_in_transit"]
        self.assertIn("likely in time again", exception.message_ids[:1].body)

    # ------------------------------------------------------------------ the late risk first
    def test_a_late_risk_that_a_delay_explains_later_becomes_part_of_the_delay(self):
        self._say("in_transit", eta=TUESDAY)
        late = self._open()["late_risk"]
        self._say(hours=2, category="delayed_in_transit")
        self.assertEqual(list(self._open()), ["delayed_in_transit"])
        self.assertEqual(late.merged_into_id, self._open()["delayed_in_transit"])
        self.assertFalse(late.closed_by_id, "nobody closed it")
        self.assertFalse(late._get_response_activities())

    def test_whoever_works_on_the_late_risk_goes_on_with_the_delay(self):
        self._say("in_transit", eta=TUESDAY)
        self._open()["late_risk"].with_user(self.owner).action_take()
        self._say(hours=2, category="delayed_in_transit")
        exception = self._open()["delayed_in_transit"]
        self.assertEqual((exception.user_id, exception.state), (self.owner, "acknowledged"))
        self.assertEqual(exception._get_response_activities().user_id, self.owner)

    def test_the_delay_stays_open_when_only_its_late_risk_is_over_and_ends_with_the_delivery(self):
        self._say("in_transit", eta=TUESDAY)
        self._say(hours=2, category="delayed_in_transit")
        self._say("in_transit", hours=3, eta="2026-03-08T12:00:00Z")
        exception = self._open()["delayed_in_transit"]
        self.assertTrue(exception.merged_ids.cause_ended_at)
        self._say("delivered", hours=30)
        self.assertEqual(exception.state, "resolved")

    def test_a_late_risk_that_a_person_took_out_again_stays_out(self):
        self._say("in_transit", eta=TUESDAY)
        late = self._open()["late_risk"]
        self._say(hours=2, category="delayed_in_transit")
        late.action_unmerge()
        self._say(hours=3, category="delayed_in_transit", description="Still snow")
        self.assertEqual(sorted(self._open()), ["delayed_in_transit", "late_risk"])

    # ------------------------------------------------------------------ what does not explain it
    def test_a_damage_does_not_say_why_it_is_late(self):
        self._say("in_transit", category="damaged", eta=TUESDAY)
        self.assertEqual(sorted(self._open()), ["damaged", "late_risk"])

    def test_an_administrator_decides_which_kinds_explain_lateness(self):
        self.env["visibility.exception"]._get_category("delayed_in_transit").explains_lateness = False
        self._say("in_transit", category="delayed_in_transit", eta=TUESDAY)
        self.assertEqual(sorted(self._open()), ["delayed_in_transit", "late_risk"])

    def test_what_an_unproven_source_says_explains_nothing_until_somebody_confirms_it(self):
        self._say("in_transit", eta=TUESDAY)
        self._say(hours=1, is_trusted=False, category="delayed_in_transit")
        self.assertEqual(sorted(self._open()), ["delayed_in_transit", "late_risk"])
        self._open()["delayed_in_transit"].with_user(self.owner).action_confirm()
        self.assertEqual(list(self._open()), ["delayed_in_transit"])

    # ------------------------------------------------------------------ the explanation ends
    def test_what_stays_late_after_its_explanation_is_over_is_an_exception_of_its_own(self):
        self._say("in_transit", category="misrouted", eta=TUESDAY)
        self._say("out_for_delivery", hours=2)
        self.assertEqual(list(self._open()), ["late_risk"])
        self.assertIn("35 hours after", self._open()["late_risk"].reason)

    def test_what_is_delivered_is_not_late_any_more(self):
        self._say("in_transit", category="delayed_in_transit", eta=TUESDAY)
        self._say("delivered", hours=40)
        self.assertFalse(self._open())
        self.assertEqual(self._all(), ["delayed_in_transit"])

    def test_a_delay_that_a_person_dismissed_does_not_come_back_as_a_late_risk(self):
        self._say("in_transit", category="delayed_in_transit", eta=TUESDAY)
        self._open()["delayed_in_transit"].with_user(self.owner)._close(
            "dismissed", "The customer knows", self.env["visibility.root.cause"]
        )
        self.shipment._refresh_outlook()
        self.assertFalse(self._open())

    def test_finding_out_what_explains_costs_the_same_for_one_and_for_many(self):
        def measure(count):
            deliveries = [self._create_delivery(f"MANY{count}-{index}") for index in range(count)]
            shipments = self.env["visibility.shipment"].union(*(one.visibility_shipment_ids for one in deliveries))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            category = self.env["visibility.exception"]._get_category("late_risk")
            self.env["visibility.exception"]._find_causes([(category, one) for one in shipments])
            return self.env.cr.sql_log_count - before

        measure(1)
        self.assertLessEqual(measure(10), measure(2))


@tagged("post_install", "-at_install")
class TestLateAsTimePasses(ExpectationCase):
    """The promise passes and nobody says that it was delivered: one exception, not one of each detector."""

    def setUp(self):
        super().setUp()
        self.order = self._sell(self._utc("2026-02-14 12:00:00"), "1Z77")
        self.delivery = self._ship(self.order)
        self.shipment = self.delivery.visibility_shipment_ids

    def _scanned(self, moment):
        """The carrier was not silent until now."""
        self._travel(moment)
        data = {"tracking_number": "1Z77", "carrier": "UPS", "milestone": "in_transit"}
        self._tell(self.canonical, self._canonical("shipment.milestone", data, moment=f"{moment}Z".replace(" ", "T")))
        self._follow()

    def _open(self):
        return self.order.visibility_exception_ids.filtered("is_open")

    def test_the_delivery_is_overdue_first_and_its_shipment_then(self):
        self._scanned("2026-02-12 09:00:00")
        self._scan("2026-02-15 00:30:00")
        self.shipment._refresh_outlook()
        self.assertEqual(self.shipment.risk_basis, "passed")
        late = self._open().filtered(lambda one: one.category_id.code == "late_risk")
        self.assertEqual(late.res_model, "stock.picking")

    def test_the_shipment_is_late_first_and_its_delivery_then(self):
        self._scanned("2026-02-12 09:00:00")
        self._travel("2026-02-15 00:30:00")
        self.shipment._refresh_outlook()
        self._scan()
        late = self._open().filtered(lambda one: one.category_id.code == "late_risk")
        self.assertEqual(late.res_model, "visibility.shipment")

    def test_a_silent_carrier_explains_both(self):
        self._scan("2026-02-11 00:30:00")
        self._scan("2026-02-15 00:30:00")
        self.shipment._refresh_outlook()
        self.assertNotIn("late_risk", self._open().mapped("category_id.code"))
        missed = self._open().filtered(lambda one: one.category_id.code == "pickup_missed")
        self.assertIn("stale_no_update", missed.consequence_ids.mapped("category_id.code"))
