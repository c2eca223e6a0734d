from odoo.tests import tagged

from ..common import VisibilityCase


@tagged("post_install", "-at_install")
class TestRetraction(VisibilityCase):
    """Senders take facts back: everything they did is undone, and nothing is deleted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delivery = cls._create_delivery("1Z1")
        cls.shipment = cls.delivery.visibility_shipment_ids

    def _say(self, milestone, event_id, moment, category=""):
        data = {"tracking_number": "1Z1", "carrier": "UPS", "milestone": milestone, "category": category}
        self._tell(self.canonical, self._canonical("shipment.milestone", data, event_id, moment))

    def _retract(self, event_id):
        data = {"event_id": event_id, "reason": "did not occur"}
        self._tell(self.canonical, self._canonical("shipment.retraction", data))

    def test_a_withdrawn_fact_stays_on_the_timeline_and_no_longer_counts(self):
        self._say("picked_up", "e1", "2026-03-01T10:00:00Z")
        self._say("delivered", "e2", "2026-03-02T10:00:00Z")
        self._retract("e2")
        self.assertEqual((self.shipment.milestone_code, self.shipment.delivered_at), ("picked_up", False))
        withdrawn = self.shipment.event_ids.filtered("is_withdrawn")
        self.assertEqual((withdrawn.sender_id, withdrawn.withdrawn_reason), ("e2", "did not occur"))

    def test_a_retraction_that_arrives_before_its_fact_still_withdraws_it(self):
        self._say("picked_up", "e1", "2026-03-01T10:00:00Z")
        self._retract("e2")
        self._say("delivered", "e2", "2026-03-02T10:00:00Z", category="damaged")
        self.assertEqual(self.shipment.milestone_code, "picked_up")
        self.assertFalse(self.shipment.exception_ids)

    def test_an_exception_that_rested_on_a_withdrawn_fact_clears_itself(self):
        self._say("in_transit", "e1", "2026-03-01T10:00:00Z", category="damaged")
        self.assertTrue(self.delivery.visibility_is_at_risk)
        self._retract("e1")
        self.assertEqual(self.shipment.exception_ids.state, "resolved")
        self.assertFalse(self.delivery.visibility_is_at_risk)

    def test_another_source_cannot_withdraw_the_fact(self):
        self._say("delivered", "e1", "2026-03-02T10:00:00Z")
        self.canonical = self._create_source(
            "canonical-other", "canonical", "whsec_" + "b3RoZXItc291cmNlLXRlc3Qtb25seS1zZWNyZXQtMDE="
        )
        body = self._canonical("shipment.retraction", {"event_id": "e1"})
        message = self._receive(self.easypost, body)[1]
        message.source_id = self.canonical
        self._work_off()
        self.assertEqual(self.shipment.milestone_code, "delivered")

    def test_a_withdrawn_delivery_brings_back_the_trouble_that_it_had_ended(self):
        self._say("in_transit", "e1", "2026-03-01T10:00:00Z", category="delayed_in_transit")
        self._say("delivered", "e2", "2026-03-02T10:00:00Z")
        exception = self.shipment.exception_ids
        self.assertEqual(exception.state, "resolved")
        self._retract("e2")
        self.assertEqual(exception.state, "new")
        self.assertTrue(self.delivery.visibility_is_at_risk)
