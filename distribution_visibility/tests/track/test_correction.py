from datetime import timedelta
from itertools import islice, permutations

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import VisibilityCase

NOW = "2026-03-03 15:00:00"


@tagged("post_install", "-at_install")
class TestCorrection(VisibilityCase):
    """A named person knows better: recorded with who and why, and the only way back besides returns."""

    @classmethod
    def setUpClass(cls):
        with freeze_time("2026-03-01 08:00:00"):
            super().setUpClass()
        cls.coordinator = cls._create_user("visibility-corrector", "distribution_visibility.group_coordinator")

    def setUp(self):
        super().setUp()
        clock = freeze_time(NOW)
        self.clock = clock.start()
        self.addCleanup(clock.stop)
        self.delivery = self._create_delivery("1Z1")
        self.shipment = self.delivery.visibility_shipment_ids

    def _say(self, milestone, moment, event_id=None, number="1Z1", **data):
        data = {"tracking_number": number, "carrier": "UPS", "milestone": milestone, **data}
        return self._tell(self.canonical, self._canonical("shipment.milestone", data, event_id, moment))

    def _correct(self, task, user=None, shipment=None, **values):
        wizards = self.env["visibility.correction.wizard"].with_user(user or self.coordinator)
        shipment = shipment or self.shipment
        values = {"shipment_id": shipment.id, "task": task, "reason": "The customer called", **values}
        if "milestone" in values:
            values["milestone_id"] = self.env.ref(f"distribution_visibility.milestone_{values.pop('milestone')}").id
        wizards.create(values).action_confirm()

    def _last(self):
        return self.shipment.event_ids.filtered(lambda event: event.kind == "correction").sorted("id")[-1:]

    # ------------------------------------------------------------------ delivered, lost, back, ETA
    def test_a_person_marks_a_shipment_delivered_and_everybody_sees_who_and_why(self):
        self._say("in_transit", "2026-03-02T10:00:00Z", category="delayed_in_transit")
        self._correct("delivered", occurred_at="2026-03-03 09:00:00", signed_by="Dock 4")
        self.assertEqual(self.shipment.milestone_code, "delivered")
        self.assertEqual(str(self.shipment.delivered_at), "2026-03-03 09:00:00")
        self.assertEqual(self.shipment.signed_by, "Dock 4")
        self.assertEqual((self._last().user_id, self._last().reason), (self.coordinator, "The customer called"))
        self.assertIn("The customer called", self.shipment.message_ids[0].body)
        self.assertEqual(self.shipment.message_ids[0].author_id, self.coordinator.partner_id)
        self.assertEqual(self.shipment.exception_ids.state, "resolved")

    def test_a_person_marks_a_shipment_lost_and_the_exception_opens(self):
        self._correct("lost")
        exception = self.shipment.exception_ids
        self.assertEqual((exception.category_id.code, exception.reason), ("lost_or_stolen", "The customer called"))
        self.assertTrue(self.delivery.visibility_is_at_risk)

    def test_a_wrong_delivery_scan_is_set_back_and_old_scans_do_not_undo_it(self):
        self._say("in_transit", "2026-03-02T10:00:00Z", category="delayed_in_transit")
        self._say("delivered", "2026-03-03T10:00:00Z")
        self._correct("milestone", milestone="out_for_delivery")
        self.assertEqual((self.shipment.milestone_code, self.shipment.delivered_at), ("out_for_delivery", False))
        self.assertEqual(self.shipment.exception_ids.state, "new")
        self._say("delivery_attempted", "2026-03-03T11:00:00Z")
        self._say("delivered", "2026-03-03T10:00:00Z", signed_by="the same scan in another push", event_id="again")
        self.assertEqual((self.shipment.milestone_code, self.shipment.delivered_at), ("out_for_delivery", False))

    def test_what_the_carrier_reports_later_goes_on_from_the_correction(self):
        self._say("delivered", "2026-03-03T10:00:00Z")
        self._correct("milestone", milestone="in_transit")
        self.clock.tick(timedelta(days=1))
        self._say("delivered", "2026-03-04T10:00:00Z")
        self.assertEqual(str(self.shipment.delivered_at), "2026-03-04 10:00:00")

    def test_a_return_after_a_correction_is_still_a_way_back(self):
        self._correct("delivered")
        self.clock.tick(timedelta(days=1))
        self._say("return_started", "2026-03-04T10:00:00Z", is_return=True)
        self.assertEqual((self.shipment.milestone_code, self.shipment.direction), ("return_started", "return"))

    def test_a_persons_eta_holds_until_the_carrier_has_a_newer_one(self):
        self._say("in_transit", "2026-03-02T10:00:00Z", eta="2026-03-05T10:00:00Z")
        self.assertEqual(self.shipment.eta_source, "carrier")
        self._correct("eta", eta="2026-03-06 12:00:00")
        self.assertEqual((str(self.shipment.eta), self.shipment.eta_source), ("2026-03-06 12:00:00", "person"))
        self._say("arrived_at_hub", "2026-03-03T08:00:00Z", eta="2026-03-04T10:00:00Z")
        self.assertEqual(self.shipment.eta_source, "person")
        self.clock.tick(timedelta(hours=5))
        self._say("departed_hub", "2026-03-03T18:00:00Z", eta="2026-03-07T10:00:00Z")
        self.assertEqual((str(self.shipment.eta), self.shipment.eta_source), ("2026-03-07 10:00:00", "carrier"))

    def test_a_correction_is_taken_back_and_the_carriers_word_counts_again(self):
        self._say("delivered", "2026-03-03T10:00:00Z")
        self._correct("milestone", milestone="in_transit")
        self._correct("take_back", event_id=self._last().id)
        self.assertEqual((self.shipment.milestone_code, self._last().is_withdrawn), ("delivered", True))
        self.assertIn("visibility-corrector", self._last().withdrawn_reason)

    # ------------------------------------------------------------------ about another shipment
    def test_events_of_another_shipment_are_moved_there_with_all_that_they_did(self):
        other = self._create_delivery("1Z2")
        target = other.visibility_shipment_ids
        self._say("in_transit", "2026-03-02T10:00:00Z", category="damaged")
        events = self.shipment.event_ids
        self._correct("move", target_id=target.id, event_ids=[(6, 0, events.ids)])
        self.assertEqual((self.shipment.milestone_id.id, target.milestone_code), (False, "in_transit"))
        self.assertFalse(self.delivery.visibility_is_at_risk)
        self.assertTrue(other.visibility_is_at_risk)
        self.assertEqual(events.moved_from_id, self.shipment)
        for one in (self.shipment, target):
            self.assertIn("moved", one.event_ids.filtered(lambda event: event.kind == "correction").description)

    def test_what_the_sender_says_of_the_number_later_goes_there_too(self):
        target = self._create_delivery("1Z2").visibility_shipment_ids
        self._say("in_transit", "2026-03-02T10:00:00Z")
        self._correct("move", target_id=target.id, event_ids=[(6, 0, self.shipment.event_ids.ids)])
        self._say("delivered", "2026-03-03T10:00:00Z")
        self.assertEqual((self.shipment.milestone_id.id, target.milestone_code), (False, "delivered"))

    def test_only_those_events_move_when_it_was_a_single_mistake(self):
        target = self._create_delivery("1Z2").visibility_shipment_ids
        self._say("in_transit", "2026-03-02T10:00:00Z")
        self._say("delivered", "2026-03-03T10:00:00Z")
        wrong = self.shipment.event_ids.filtered(lambda event: event.milestone_id.code == "delivered")
        self._correct("move", target_id=target.id, event_ids=[(6, 0, wrong.ids)], is_remembered=False)
        self.assertEqual((self.shipment.milestone_code, target.milestone_code), ("in_transit", "delivered"))
        self._say("out_for_delivery", "2026-03-03T14:00:00Z")
        self.assertEqual(self.shipment.milestone_code, "out_for_delivery")

    # ------------------------------------------------------------------ who may, and what not
    def test_only_coordinators_correct_and_only_with_a_reason(self):
        user = self._create_user("visibility-reader", "distribution_visibility.group_user")
        with self.assertRaises(AccessError):
            self._correct("delivered", user=user)
        with self.assertRaisesRegex(UserError, "coordinator"):
            self.env["visibility.event"].with_user(user)._correct(self.shipment, "I say so", eta=fields.Datetime.now())
        with self.assertRaisesRegex(UserError, "Say why"):
            self._correct("delivered", reason="  ")
        self.assertFalse(self.shipment.event_ids)

    def test_a_correction_is_a_fact_that_nobody_rewrites(self):
        self._correct("delivered")
        with self.assertRaises(AccessError):
            self._last().with_user(self.coordinator).reason = "I never said so"

    def test_what_cannot_be_is_refused_in_words(self):
        for task, values, words in (
            ("delivered", {"occurred_at": "2026-03-04 09:00:00"}, "future"),
            ("eta", {"eta": "2026-03-01 09:00:00"}, "not passed"),
            ("milestone", {}, "Choose the milestone"),
            ("move", {"target_id": self.shipment.id}, "another shipment"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self._correct(task, **values)

    def test_events_never_move_to_another_company(self):
        other = self.env["res.company"].create({"name": "Another company"})
        foreign = self.env["visibility.shipment"].create({"number": "1Z9", "company_id": other.id})
        self._say("in_transit", "2026-03-02T10:00:00Z")
        with self.assertRaisesRegex(UserError, "same company"):
            self.shipment.event_ids.with_user(self.coordinator)._move_to(foreign.sudo(), "Why not")

    # ------------------------------------------------------------------ any order
    def test_any_order_of_facts_a_correction_and_a_retraction_gives_the_same_shipment(self):
        results = set()
        steps = {
            "scan": lambda number: self._say("in_transit", "2026-03-02T10:00:00Z", f"a{number}", number),
            "wrong": lambda number: self._say("returned_to_sender", "2026-03-03T09:00:00Z", f"b{number}", number),
            "back": lambda number: self._correct(
                "milestone", shipment=self._find(number), milestone="arrived_at_hub", occurred_at="2026-03-03 11:00:00"
            ),
            "later": lambda number: self._say("delivered", "2026-03-03T16:00:00Z", f"d{number}", number),
            "never": lambda number: self._say("delivered", "2026-03-03T15:30:00Z", f"e{number}", number),
        }
        # Every fifth of the 120 orders: all of them are tested in tests/plain, in milliseconds.
        for count, order in enumerate(islice(permutations(steps), 0, None, 5)):
            number = f"ORDER{count}"
            self.env["visibility.shipment"].create({"number": number, "carrier_code": "UPS"})
            for step in order:
                steps[step](number)
                if step == "never":
                    data = {"event_id": f"e{number}", "reason": "did not occur"}
                    self._tell(self.canonical, self._canonical("shipment.retraction", data))
            shipment = self._find(number)
            results.add((shipment.milestone_code, shipment.milestone_at, shipment.delivered_at, shipment.last_event_at))
        self.assertEqual(len(results), 1, results)
        self.assertEqual(next(iter(results))[0], "delivered")

    def _find(self, number):
        return self.env["visibility.shipment"].search([("number", "=", number)])
