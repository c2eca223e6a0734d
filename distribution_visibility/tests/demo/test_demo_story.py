from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file

from ...demo import carrier_bodies, story

MODULE = "distribution_visibility"


@tagged("post_install", "-at_install")
class TestDemoStory(TransactionCase):
    """The demo loads by itself, also beside Odoo's own, and tells what it promises to tell."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref(f"{MODULE}.demo_company", raise_if_not_found=False):
            for path in Manifest.for_addon(MODULE)["demo"]:
                convert_file(cls.env, MODULE, path, {}, mode="init", noupdate=True)
        cls.company = cls.env.ref(f"{MODULE}.demo_company")
        cls.agent = cls.env.ref(f"{MODULE}.demo_user_agent")
        cls.mine = [("company_id", "=", cls.company.id)]

    def _order(self, name):
        return self.env["sale.order"].search([*self.mine, ("name", "=", name)])

    def _shipment(self, number):
        return self.env["visibility.shipment"].search([*self.mine, ("number", "=", number)])

    def _trouble(self, number, category):
        return self._shipment(number).exception_ids.filtered(lambda one: one.category_id.code == category)

    def test_people_see_the_story_and_nothing_of_odoos_own_demo(self):
        orders = self.env["sale.order"].with_user(self.agent).search([])
        self.assertEqual(set(orders.mapped("name")), {sale.name for sale in story.SALES})
        purchases = self.env["purchase.order"].with_user(self.env.ref(f"{MODULE}.demo_user_buyer")).search([])
        self.assertEqual(set(purchases.mapped("name")), {purchase.name for purchase in story.PURCHASES})

    def test_two_warehouses_ship_with_three_carriers(self):
        shipped = self.env["stock.picking"].search(
            [*self.mine, ("state", "=", "done"), ("picking_type_code", "=", "outgoing")]
        )
        self.assertEqual(set(shipped.picking_type_id.warehouse_id.mapped("code")), {"EAST", "WEST"})
        carriers = set(shipped.carrier_id.mapped("visibility_carrier_code"))
        self.assertEqual(carriers, {"UPS", "FedEx", "DHL Express"})
        self.assertTrue(all(shipped.mapped("visibility_shipment_ids")))

    def test_orders_are_in_every_telling_state(self):
        orders = self.env["sale.order"].search(self.mine)
        self.assertEqual(set(orders.mapped("state")), {"draft", "sent", "sale", "cancel"})
        self.assertEqual(set(orders.mapped("delivery_status")) - {False}, {"pending", "started", "partial", "full"})
        purchases = self.env["purchase.order"].search(self.mine)
        self.assertEqual(set(purchases.mapped("receipt_status")) - {False}, {"pending", "partial", "full"})

    def test_what_is_out_of_stock_waits_and_what_was_there_was_shipped(self):
        partly = self._order("S10236").picking_ids
        self.assertEqual(set(partly.mapped("state")), {"done", "confirmed"})
        self.assertEqual(set(self._order("S10245").picking_ids.mapped("state")), {"confirmed"})

    def test_every_message_was_worked_off(self):
        messages = self.env["visibility.inbox.message"].search(self.mine)
        self.assertEqual(len(messages), len(story.HISTORY) + len(story.ANSWERS))
        self.assertEqual(set(messages.mapped("state")), {"done"})
        self.assertFalse(self.env["visibility.event"].search([*self.mine, ("has_unknown_code", "=", True)]))

    def test_the_strategic_customers_storm_is_at_risk_and_somebody_knows(self):
        order = self._order("S10231")
        self.assertTrue(order.visibility_is_at_risk)
        self.assertEqual(order.partner_id.visibility_tier, "strategic")
        exception = self._trouble(story.NORTHBAY_PUMPS, "weather_or_disaster")
        self.assertEqual((exception.state, exception.user_id), ("acknowledged", self.agent))

    def test_a_storm_with_an_estimate_after_the_promise_is_one_exception_that_says_so(self):
        shipment = self._shipment(story.NORTHBAY_PUMPS)
        self.assertEqual((shipment.late_risk >= 80, shipment.eta_source), (True, "carrier"))
        exception = shipment.exception_ids.filtered("is_open")
        self.assertEqual(exception.category_id.code, "weather_or_disaster")
        self.assertIn("after the end of the day", exception.late_risk_text)

    def test_what_was_delivered_before_tells_how_long_it_takes(self):
        lanes = self.env["visibility.lane"].search([*self.mine, ("kind", "=", "transit"), ("level", "=", 3)])
        self.assertEqual(len(lanes), len(story.PAST))
        past = self.env["visibility.shipment"].search([*self.mine, ("number", "=like", "PAST%")])
        self.assertEqual(len(past), sum(len(one.hours) for one in story.PAST))
        self.assertFalse(past.exception_ids.filtered("is_open"))
        estimated = self._shipment(story.NORTHBAY_VALVES)
        self.assertEqual(estimated.risk_basis, "estimate")
        self.assertIn("came later than its estimate", estimated.late_risk_text)

    def test_a_late_delivery_closed_its_exception_and_proves_who_took_it(self):
        shipment = self._shipment(story.LAKESIDE_PUMPS)
        self.assertTrue(shipment.delivered_at > shipment.promised_at and shipment.signed_by)
        exception = shipment.exception_ids.filtered(lambda one: not one.merged_into_id)
        self.assertEqual(exception.state, "resolved")
        self.assertEqual(exception.closed_by_event_id.milestone_id.code, "delivered")

    def test_a_person_resolved_one_and_one_is_overdue(self):
        damaged = self._trouble(story.PIONEER_VALVES, "damaged")
        self.assertEqual(damaged.state, "resolved")
        self.assertTrue(damaged.resolution and not damaged.closed_by_event_id)
        self.assertTrue(self._trouble(story.HARBORVIEW_SEALS, "address_problem").is_overdue)

    def test_the_supplier_who_moved_a_date_has_an_exception_at_the_buyer(self):
        order = self.env["purchase.order"].search([*self.mine, ("name", "=", "P10053")])
        exception = order.visibility_exception_ids
        self.assertEqual(exception.category_id.code, "supplier_change_proposed")
        self.assertEqual(exception.user_id, self.env.ref(f"{MODULE}.demo_user_buyer"))

    def test_the_manager_answers_for_automations_that_acted_and_are_in_the_log(self):
        manager = self.env.ref(f"{MODULE}.demo_user_manager")
        hers = [("is_governed", "=", True), ("accountable_id", "=", manager.id)]
        self.assertGreaterEqual(self.env["base.automation"].search_count(hers), 3)
        demo = self.env["visibility.demo"]
        scan = carrier_bodies.Scan(demo._in(hours=0), "TRANSIT/address_issue", "Portland, ME, US", "Incorrect address")
        demo._receive(scan.at, "shippo", carrier_bodies.build("shippo", "fedex", story.NORTHBAY_VALVES, [scan]))
        stopped = self._trouble(story.NORTHBAY_VALVES, "address_problem")
        runs = self.env["visibility.action.run"].search([("exception_id", "=", stopped.id)])
        handed = self.env.ref(f"{MODULE}.automation_strategic_blocking")
        self.assertEqual(runs.filtered(lambda run: run.automation_id == handed).result, "done")

    def test_each_role_has_a_team_and_the_buyers_absence_is_stood_in_for(self):
        teams = self.env["visibility.team"].search(self.mine)
        self.assertEqual(set(teams.mapped("role")), {"service", "carrier_desk", "warehouse", "buyer"})
        absence = self.env["visibility.absence"].search([("user_id.login", "=", "buyer")])
        self.assertEqual(absence.substitute_id.login, "coordinator")

    def test_events_go_out_only_when_somebody_listens(self):
        subscription = self.env.ref(f"{MODULE}.demo_subscription")
        self.assertEqual(subscription.state, "off")
        self.assertFalse(self.env["visibility.outbox.message"].search([("subscription_id", "=", subscription.id)]))

    def test_the_storms_customer_has_a_message_with_the_new_day_that_waits_for_review(self):
        messages = self.env["visibility.message"].with_user(self.agent).search(self.mine)
        draft = messages.filtered(lambda one: one.sale_order_id == self._order("S10231"))
        self.assertEqual((draft.state, draft.user_id), ("draft", self.agent))
        self.assertTrue(draft.expected_on > draft.promised_on)
        self.assertIn(story.NORTHBAY_PUMPS, draft.body)
        self.assertNotIn("snow", draft.body.lower())
        self.assertFalse(messages.filtered(lambda one: one.state in ("sent", "waiting")))

    def test_exactly_one_parcel_is_nobodys(self):
        unmatched = self.env["visibility.shipment"].search([*self.mine, ("is_unmatched", "=", True)])
        self.assertEqual(unmatched.mapped("number"), [story.UNKNOWN_PARCEL])

    def test_the_agent_may_read_who_planned_the_work(self):
        mine = self.env["mail.activity"].with_user(self.agent)
        activities = mine.search([("res_model", "=", "visibility.exception")])
        self.assertTrue(all(activities.create_uid.mapped("name")))

    def test_everybody_may_open_what_their_exceptions_are_about(self):
        for role in ("agent", "warehouse", "buyer", "coordinator", "manager"):
            user = self.env.ref(f"{MODULE}.demo_user_{role}")
            exceptions = self.env["visibility.exception"].with_user(user).search([])
            views = exceptions.get_views([(False, "kanban"), (False, "form"), (False, "list")])["views"]
            self.assertEqual(set(views), {"kanban", "form", "list"})
            self.env.invalidate_all()
            for picking in exceptions.picking_ids.filtered("carrier_id"):
                self.assertIn(picking.carrier_id, picking.allowed_carrier_ids, role)

    def test_loading_again_adds_nothing(self):
        before = self.env["visibility.inbox.message"].search_count(self.mine)
        self.env["visibility.demo"]._load_story()
        self.assertEqual(self.env["visibility.inbox.message"].search_count(self.mine), before)
        self.assertEqual(self.env["sale.order"].search_count(self.mine), len(story.SALES))

    def test_the_parcel_to_delay_by_hand_is_on_time_until_somebody_delays_it(self):
        order = self._order("S10235")
        self.assertFalse(order.visibility_is_at_risk)
        demo = self.env["visibility.demo"]
        now = demo._in(hours=0)
        scan = carrier_bodies.Scan(now, "in_transit/delayed", "Cheyenne, WY, US", "Late")
        demo._receive(now, "easypost", carrier_bodies.build("easypost", "UPS", story.DELAY_ME, [scan]))
        self.assertTrue(order.visibility_is_at_risk)
        self.assertEqual(order.visibility_exception_ids.category_id.code, "delayed_in_transit")
