from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .override_case import OverrideCase


@tagged("post_install", "-at_install")
class TestOverrideShipment(OverrideCase):
    """A person's ETA, direction and late risk stand against what is told and counted, until their date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delivery = cls._create_delivery("1Z1")
        cls.shipment = cls.delivery.visibility_shipment_ids

    def _say(self, milestone, moment, **data):
        data = {"tracking_number": "1Z1", "carrier": "UPS", "milestone": milestone, **data}
        return self._tell(self.canonical, self._canonical("shipment.milestone", data, None, moment))

    def test_a_persons_eta_stands_against_the_carrier_whose_word_is_recorded_and_comes_back(self):
        self._override(self.shipment, "eta", "2026-03-09 12:00:00")
        self.assertEqual((str(self.shipment.eta), self.shipment.eta_source), ("2026-03-09 12:00:00", "person"))
        self._say("in_transit", "2026-03-02T09:30:00Z", eta="2026-03-04T12:00:00Z")
        self.assertEqual(str(self.shipment.eta), "2026-03-09 12:00:00")
        self.assertEqual(self.shipment.milestone_code, "in_transit")
        self.assertIn("2026-03-04 12:00:00", [str(event.eta) for event in self.shipment.event_ids])
        self._pass_days()
        self.assertEqual((str(self.shipment.eta), self.shipment.eta_source), ("2026-03-04 12:00:00", "carrier"))

    def test_an_eta_of_a_person_is_in_the_future_and_another_person_overrides_it_anew(self):
        with self.assertRaisesRegex(AccessError, "not passed yet"):
            self._override(self.shipment, "eta", "2026-03-01 12:00:00")
        self._override(self.shipment, "eta", "2026-03-09 12:00:00")
        with self.assertRaisesRegex(UserError, "The customer agreed"):
            self.env["visibility.event"].with_user(self.person)._correct(
                self.shipment, "I know better", eta=fields.Datetime.now() + timedelta(days=1)
            )

    def test_the_timeline_read_anew_does_not_lose_a_persons_eta(self):
        self._override(self.shipment, "eta", "2026-03-09 12:00:00")
        self.shipment._recompute_from_timeline()
        self.assertEqual(str(self.shipment.eta), "2026-03-09 12:00:00")

    def test_a_direction_that_a_person_set_is_not_changed_by_a_return_scan(self):
        self._override(self.shipment, "direction", "outbound")
        self._say("returned_to_shipper", "2026-03-02T09:30:00Z", is_return=True)
        self.assertEqual(self.shipment.direction, "outbound")
        self._pass_days()
        self.assertEqual(self.shipment.direction, "return")

    def test_late_is_what_a_person_says_and_the_exception_follows(self):
        self.shipment.promised_at = fields.Datetime.now() - timedelta(days=2)
        self.shipment._refresh_outlook()
        exception = self.shipment.exception_ids.filtered("is_open")
        self.assertTrue(self.shipment.is_late_risk and exception)
        self._override(self.shipment, "late_risk", False)
        self.assertFalse(self.shipment.is_late_risk or exception.is_open)
        self.shipment._refresh_outlook()
        self.assertFalse(self.shipment.is_late_risk)
        self._pass_days()
        self.assertTrue(self.shipment.is_late_risk and exception.is_open)

    def test_users_who_may_not_correct_a_shipment_may_not_override_it(self):
        user = self._create_user("visibility-simple", "distribution_visibility.group_user")
        with self.assertRaises(AccessError):
            self._override(self.shipment, "eta", "2026-03-09 12:00:00", user=user)
