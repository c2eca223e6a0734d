from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import VisibilityCase

PICKED_UP = ("in_transit", "received_at_origin_facility", "2026-03-01T18:00:00Z", "Picked up")


@tagged("post_install", "-at_install")
class TestAmbiguity(VisibilityCase):
    """One number may be two shipments: then a person decides, and nothing is lost until then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.coordinator = cls._create_user(
            "visibility-decider", "distribution_visibility.group_coordinator", "stock.group_stock_user"
        )
        cls.delivery = cls._create_delivery("4711")
        cls.ups = cls.delivery.visibility_shipment_ids
        cls._tell(cls.easypost, cls._tracker("4711", PICKED_UP, carrier="FedEx"))
        cls.fedex = cls._shipments("4711") - cls.ups

    @classmethod
    def _shipments(cls, number):
        return cls.env["visibility.shipment"].search([("number_key", "=", number)])

    def _say(self, milestone, moment="2026-03-02T10:00:00Z", **data):
        data = {"tracking_number": "47-11", "milestone": milestone, **data}
        return self._tell(self.canonical, self._canonical("shipment.milestone", data, moment=moment))

    def _choices(self):
        return self.env["visibility.shipment.choice"].search([("number_key", "=", "4711")])

    def _choose(self, shipment):
        choice = self._choices().filtered("is_open").with_user(self.coordinator)
        return shipment.with_user(self.coordinator).with_context(visibility_choice_id=choice.id).action_choose()

    def test_a_sender_that_names_no_carrier_moves_neither_shipment_and_is_not_lost(self):
        message = self._say("out_for_delivery")
        event = message.event_ids
        self.assertTrue(event.is_undecided and message.is_undecided and message.state == "done")
        self.assertEqual((event.shipment_id.id, event.choice_id.candidate_ids), (False, self.ups | self.fedex))
        self.assertEqual((self.ups.milestone_code, self.fedex.milestone_code), (False, "picked_up"))
        self.assertEqual(self.ups.undecided_count, 1)

    def test_the_sources_owner_is_told_once_however_much_is_said(self):
        self._say("in_transit")
        self._say("out_for_delivery", "2026-03-03T10:00:00Z")
        choice = self._choices()
        exception = self.env["visibility.exception"].search([("res_model", "=", choice._name)])
        self.assertEqual((exception.res_id, exception.seen_count, exception.user_id), (choice.id, 2, self.owner))
        self.assertIn("2 shipments have the number", exception.reason)
        self.assertTrue(exception.activity_ids)

    def test_what_was_said_takes_effect_once_somebody_chose_as_if_it_had_come_so(self):
        message = self._say("out_for_delivery", category="damaged")
        self._choose(self.ups)
        self.assertEqual((self.ups.milestone_code, self.fedex.milestone_code), ("out_for_delivery", "picked_up"))
        self.assertEqual(self.ups.exception_ids.category_id.code, "damaged")
        self.assertTrue(self.delivery.visibility_is_at_risk)
        self.assertFalse(message.is_undecided or message.is_unmatched)
        exception = self.env["visibility.exception"].search([("res_model", "=", "visibility.shipment.choice")])
        self.assertEqual(exception.state, "resolved")
        self.assertIn("visibility-decider", exception.resolution)

    def test_the_choice_is_remembered_for_what_the_same_sender_says_later(self):
        self._say("in_transit")
        self._choose(self.ups)
        self._say("out_for_delivery", "2026-03-03T10:00:00Z")
        self.assertEqual(self.ups.milestone_code, "out_for_delivery")
        self.assertEqual(self._choices().user_id, self.coordinator)

    def test_another_sender_is_asked_about_again(self):
        self._say("in_transit")
        self._choose(self.ups)
        self.canonical = self._create_source(
            "canonical-other", "canonical", "whsec_" + "dGVzdC1vbmx5LXNlY3JldC1vZi1jYW5vbmljYWwtc2VuZGVy"
        )
        self._say("out_for_delivery", "2026-03-03T10:00:00Z")
        self.assertEqual(len(self._choices().filtered("is_open")), 1)

    def test_a_choice_does_not_hold_for_a_parcel_that_has_the_number_long_after(self):
        self._say("delivered")
        self._choose(self.ups)
        self._say("label_created", "2026-08-20T10:00:00Z")
        self.assertEqual(self.ups.milestone_code, "delivered")
        self.assertEqual(len(self._shipments("4711")), 3)

    def test_none_of_them_is_a_shipment_of_its_own(self):
        self._say("in_transit")
        self._choices().with_user(self.coordinator).action_choose_new()
        new = self._shipments("4711") - self.ups - self.fedex
        self.assertEqual((new.milestone_code, new.is_unmatched), ("in_transit", True))

    def test_whoever_is_no_coordinator_does_not_decide(self):
        self._say("in_transit")
        user = self._create_user("visibility-reader", "distribution_visibility.group_user")
        choice = self._choices().with_user(user)
        with self.assertRaisesRegex(UserError, "coordinator"):
            self.ups.with_user(user).with_context(visibility_choice_id=choice.id).action_choose()
        with self.assertRaises(AccessError):
            choice.shipment_id = self.ups
        self.assertFalse(self.ups.milestone_id)

    def test_nobody_decides_twice(self):
        self._say("in_transit")
        self._choose(self.ups)
        with self.assertRaisesRegex(UserError, "decided this already"):
            self._choices().with_user(self.coordinator)._choose(self.fedex.with_user(self.coordinator))

    def test_two_services_of_one_carrier_with_one_number_are_asked_about(self):
        self._tell(self.easypost, self._tracker("88", PICKED_UP, carrier="UPS Ground"))
        self._tell(self.easypost, self._tracker("88", PICKED_UP, carrier="UPS Express"))
        message = self._tell(self.easypost, self._tracker("88", PICKED_UP, carrier="UPS"))
        self.assertTrue(message.is_undecided)

    def _scan_today(self, carrier):
        scan = ("in_transit", "in_transit", self._ago(hours=2), "On the way")
        self._tell(self.easypost, self._tracker("4711", scan, carrier=carrier))
        return self._shipments("4711").filtered(lambda one: one.carrier_code == carrier)[:1]

    def test_a_delivery_without_carrier_takes_the_shipment_that_no_delivery_has(self):
        fedex = self._scan_today("FedEx")
        delivery = self._create_delivery(False)
        delivery.carrier_id = False
        delivery.carrier_tracking_ref = "4711"
        self.assertEqual(delivery.visibility_shipment_ids, fedex)

    def test_a_delivery_whose_number_may_be_several_shipments_waits_for_a_person(self):
        fedex = self._scan_today("FedEx")
        self._scan_today("DHL")
        delivery = self._create_delivery(False)
        delivery.carrier_id = False
        delivery.carrier_tracking_ref = "4711"
        self.assertFalse(delivery.visibility_shipment_ids)
        exception = self.env["visibility.exception"].search([("res_model", "=", "visibility.shipment.choice")])
        self.assertEqual(exception.picking_ids, delivery)
        self._choose(fedex)
        self.assertEqual(delivery.visibility_shipment_ids, fedex)
        self.assertFalse(delivery.visibility_is_at_risk)

    def test_a_ship_notice_with_such_a_number_links_its_receipt_once_decided(self):
        purchase = self._create_purchase()
        data = {"despatch_number": "D1", "order": purchase.name, "tracking_number": "4711"}
        self._tell(self.canonical, self._canonical("supplier.despatch_advice", data))
        self.assertFalse(purchase.picking_ids.visibility_shipment_ids)
        self._choose(self.fedex)
        self.assertEqual(purchase.picking_ids.visibility_shipment_ids, self.fedex)
        self.assertEqual(self.fedex.direction, "inbound")

    def test_two_companies_with_the_same_number_are_no_question(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self.env["visibility.shipment"].create(
            {"number": "99", "carrier_code": "DHL", "company_id": other.id, "direction": "inbound"}
        )
        self.env["visibility.shipment"].create({"number": "99", "carrier_code": "UPS"})
        self._tell(
            self.canonical, self._canonical("shipment.milestone", {"tracking_number": "99", "milestone": "in_transit"})
        )
        mine = self._shipments("99").filtered(lambda shipment: shipment.company_id == self.company)
        self.assertEqual(mine.milestone_code, "in_transit")
