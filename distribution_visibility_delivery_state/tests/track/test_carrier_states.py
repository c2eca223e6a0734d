from odoo.addons.distribution_visibility.tests.common import VisibilityCase
from odoo.tests import tagged

DELIVERED = "2026-03-02 10:00:00"


@tagged("post_install", "-at_install")
class TestCarrierStates(VisibilityCase):
    """A carrier's add-on asks the carrier in turns and writes what it says on the delivery: we hear it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls._create_delivery("1Z1")
        cls.shipment = cls.picking.visibility_shipment_ids

    def _write(self, **values):
        self.picking.write(values)
        self._work_off()
        self.env.invalidate_all()

    def test_delivered_is_a_fact_with_the_carriers_time(self):
        self._write(delivery_state="customer_delivered", date_delivered=DELIVERED)
        self.assertEqual(self.shipment.milestone_code, "delivered")
        self.assertEqual(str(self.shipment.delivered_at), DELIVERED)

    def test_an_incident_opens_an_exception_with_the_carriers_words_and_delivery_ends_it(self):
        self._write(delivery_state="incident", tracking_state="Nobody at home, second try tomorrow")
        exception = self.shipment.exception_ids.filtered("is_open")
        self.assertEqual(exception.category_id.code, "delayed_in_transit")
        self.assertEqual(exception.reason, "Nobody at home, second try tomorrow")
        self.assertTrue(self.picking.visibility_is_at_risk)
        self._write(delivery_state="customer_delivered")
        self.assertFalse(exception.is_open)

    def test_each_state_moves_the_shipment_on_and_what_says_nothing_tells_nothing(self):
        for state, milestone in (
            ("shipping_recorded_in_carrier", "label_created"),
            ("in_transit", "in_transit"),
            ("warehouse_delivered", "available_for_pickup"),
        ):
            self._write(delivery_state=state)
            self.assertEqual(self.shipment.milestone_code, milestone)
        count = len(self.shipment.event_ids)
        self._write(delivery_state="no_update")
        self._write(delivery_state="no_update", tracking_state="Archived")
        self.assertEqual(len(self.shipment.event_ids), count)

    def test_the_same_answer_again_is_no_news_but_another_incident_is(self):
        self._write(delivery_state="incident", tracking_state="Nobody at home")
        self._write(delivery_state="incident", tracking_state="Nobody at home")
        self.assertEqual(len(self.shipment.event_ids), 1)
        self._write(tracking_state="Box is crushed")
        self.assertEqual(len(self.shipment.event_ids), 2)

    def test_every_parcel_of_the_delivery_is_told_and_one_without_number_is_not(self):
        picking = self._create_delivery("1Z2, 1Z3")
        bare = self._create_delivery(False)
        (picking | bare).write({"delivery_state": "in_transit"})
        self._work_off()
        self.assertEqual(picking.visibility_shipment_ids.mapped("milestone_code"), ["in_transit", "in_transit"])
        self.assertFalse(bare.visibility_shipment_ids)
