from freezegun import freeze_time
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .message_case import DELAY, OUT, MessageCase


@tagged("post_install", "-at_install")
class TestMessageAutomation(MessageCase):
    """Messages go by themselves only by a governed automation that somebody answers for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.occasion = cls._switch_on("delayed")
        cls.exception_model = cls.env["ir.model"]._get_id("visibility.exception")

    def _action(self, model="visibility.exception", **values):
        return self.env["ir.actions.server"].create(
            {
                "name": "Message",
                "model_id": self.env["ir.model"]._get_id(model),
                "state": "visibility_message",
                "visibility_occasion_id": self.occasion.id,
                **values,
            }
        )

    def _run(self, action, records):
        known = self.runs.search([])
        action.with_context(active_model=records._name, active_ids=records.ids, active_id=records[:1].id).run()
        return self.runs.search([("id", "not in", known.ids)], order="id")

    def test_a_governed_automation_sends_what_was_drafted_and_its_run_says_whose_rule_it_is(self):
        automation = self._sending(self.occasion)
        self._report(DELAY)
        message = self._find()
        self.assertEqual((message.state, message.automation_id), ("sent", automation))
        self.assertFalse(message.released_by_id)
        self.assertEqual(len(self._get_mails()), 1)
        run = self._runs_of(automation)
        self.assertEqual((run.result, run.is_reversible), ("done", False))
        self.assertIn(self.owner.name, run.detail)

    def test_the_author_is_who_answers_for_the_order_and_not_the_robot(self):
        self._sending(self.occasion)
        self.env["visibility.exception"]._get_category("delayed_in_transit").user_id = self.colleague
        self._report(DELAY)
        self.assertEqual(self._find().mail_message_id.author_id, self.colleague.partner_id)

    def test_telling_somebody_outside_is_not_of_low_risk(self):
        with self.assertRaisesRegex(ValidationError, "medium at least"):
            self._sending(self.occasion, risk_class="low")
        automation = self._sending(self.occasion)
        with self.assertRaisesRegex(ValidationError, "medium at least"):
            automation.risk_class = "low"

    def test_an_automation_that_only_drafts_may_be_of_low_risk(self):
        self.occasion.active = False
        actions = [{"state": "visibility_message", "visibility_occasion_id": self.occasion.id}]
        automation = self._automate({}, actions=actions)
        self._report(DELAY)
        message = self._find()
        self.assertEqual((message.state, message.origin), ("draft", "automation"))
        run = self._runs_of(automation)
        self.assertTrue(run.is_reversible)
        run.action_roll_back()
        self.assertEqual(message.state, "discarded")

    def test_an_automation_that_is_not_governed_leaves_it_to_a_person(self):
        automation = self._sending(self.occasion)
        automation.write({"is_governed": False})
        self._report(DELAY)
        self.assertEqual(self._find().state, "draft")
        self.assertFalse(self._get_mails())

    def test_a_server_action_that_somebody_runs_drafts_and_says_why_it_does_not_send(self):
        self.occasion.active = False
        exception = self._open(self.order)
        run = self._run(self._action(visibility_sends=True), exception)
        self.assertEqual(self._find().state, "draft")
        self.assertIn("only a governed automation", run.detail)
        self.assertFalse(self._get_mails())

    def test_a_made_up_context_sends_nothing(self):
        automation = self._sending(self.occasion, active=False)
        self.occasion.active = False
        exception = self._open(self.order)
        action = self._action(visibility_sends=True)
        action = action.with_context(visibility_scopes=((automation.id, None),))
        action.with_context(active_model=exception._name, active_ids=exception.ids, active_id=exception.id).run()
        self.assertEqual(self._find().state, "draft")

    def test_test_mode_sends_nothing_and_says_what_it_would_have(self):
        automation = self._sending(self.occasion, is_test_mode=True)
        self._report(DELAY)
        self.assertEqual(self._find().state, "draft")
        self.assertFalse(self._get_mails())
        self.assertEqual(self._runs_of(automation).result, "test")

    def test_one_that_asks_first_sends_when_somebody_said_yes(self):
        automation = self._sending(self.occasion, approval_mode="always")
        self._report(DELAY)
        self.assertEqual(self._find().state, "draft")
        self._runs_of(automation).with_user(self.owner).action_approve()
        self.assertEqual(self._find().state, "sent")

    def test_its_limit_holds_for_messages_too(self):
        automation = self._sending(self.occasion, hourly_limit=2)
        self._open(*[self._create_delivery(f"1ZL{number}").sale_id for number in range(5)])
        self.assertEqual(sorted(self._find().mapped("state")), ["draft"] * 3 + ["sent"] * 2)
        self.assertIn("limited", self._runs_of(automation).mapped("result"))

    @freeze_time("2026-03-02 03:30:00")
    def test_by_night_it_waits_and_goes_in_the_morning_with_a_run_of_its_own(self):
        self.company.write({"visibility_quiet_from": 20, "visibility_quiet_to": 7})
        automation = self._sending(self.occasion)
        self._open(self.order)
        self.assertEqual(self._find().state, "waiting")
        self._send_due("2026-03-02 07:00:00")
        self.assertEqual(self._find().state, "sent")
        self.assertEqual(self._runs_of(automation).mapped("origin"), ["automation", "automation"])

    def test_what_nobody_has_proven_is_never_sent_by_itself(self):
        self.occasion.active = False
        action = {"state": "visibility_message", "visibility_occasion_id": self.occasion.id, "visibility_sends": True}
        automation = self._automate({}, actions=[action], risk_class="medium", trigger="on_create", active=False)
        exception = self._open(self.order)
        exception.is_unproven = True
        automation.active = True
        automation._process(exception)
        self.assertEqual(self._find().state, "draft")
        self.assertIn("confirms first", self._runs_of(automation).detail)

    def test_orders_and_transfers_can_be_told_of_as_well(self):
        self.occasion.active = False
        for records in (self.order, self.order.picking_ids, self.order.picking_ids.visibility_shipment_ids):
            self._run(self._action(records._name), records)
            message = self._find()
            self.assertEqual((message.partner_id, message.state), (self.customer, "draft"))
            message.unlink()

    def test_a_form_that_lacks_something_says_so(self):
        problem = self._action(visibility_occasion_id=False)._get_visibility_problem()
        self.assertIn("Choose which message", problem)
        self.assertIn("not for these orders", self._action("purchase.order")._get_visibility_problem())
        self.assertIn("sends it", self._action("visibility.message")._get_visibility_problem())
        self.assertFalse(self._action()._get_visibility_problem())

    def test_the_shipped_automation_is_off_and_sends_once_it_is_on(self):
        automation = self.env.ref("distribution_visibility.automation_out_for_delivery")
        self.assertFalse(automation.active)
        self._switch_on("out_for_delivery")
        automation.write({"accountable_id": self.owner.id, "active": True})
        self._report(OUT)
        self.assertEqual(self._find().state, "sent")
        self.assertIn("arrives today", self._get_mails().subject)
