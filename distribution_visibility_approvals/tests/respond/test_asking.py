from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..common import DecisionCase


class AskingCase(DecisionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = cls.env["visibility.action.run"].sudo()
        cls.accountable = cls._create_user("decision-accountable", "distribution_visibility.group_manager")

    def _automate(self, action, **values):
        automation = self.env["base.automation"].create(
            {
                "name": "Ask",
                "model_id": self.env["ir.model"]._get_id("visibility.exception"),
                "trigger": "on_create",
                "is_governed": True,
                "accountable_id": self.accountable.id,
                "purpose": "To keep promises",
                **values,
            }
        )
        self.env["ir.actions.server"].create(
            {
                "name": "Act",
                "model_id": automation.model_id.id,
                "base_automation_id": automation.id,
                "usage": "base_automation",
                **action,
            }
        )
        return automation

    def _write_action(self):
        return {
            "name": "Set urgent",
            "state": "object_write",
            "update_path": "severity",
            "evaluation_type": "value",
            "value": "blocking",
            "selection_value": self.env["ir.model.fields"]
            ._get("visibility.exception", "severity")
            .selection_ids.filtered(lambda one: one.value == "blocking")
            .id,
        }

    def _late(self, number="1Z9"):
        """One more parcel of the hospital's that is late."""
        delivery = self._create_delivery(number)
        self._tell(self.easypost, self._tracker(number, ("in_transit", "delayed", self._ago(hours=1), "Snow")))
        return delivery.visibility_shipment_ids.exception_ids

    def _runs_of(self, automation, *domain):
        return self.runs.search([("automation_id", "=", automation.id), *domain], order="id")


@tagged("post_install", "-at_install")
class TestDecisionAction(AskingCase):
    """The action Request Decision asks for a decision of a kind, and its requester does not approve it."""

    def _ask(self, number="1Z9", **values):
        action = {
            "state": "visibility_decision",
            "visibility_decision_kind": "expedited_freight",
            "visibility_amount": 300,
            "visibility_reason": "May it be expedited?",
        }
        automation = self._automate({**action, **values})
        exception = self._late(number)
        automation.active = False
        return self._runs_of(automation), exception.decision_ids

    def test_an_automation_asks_in_the_name_of_its_owner_who_cannot_approve_it(self):
        run, decision = self._ask()
        self.assertEqual(run.result, "done", run.detail)
        self.assertEqual((decision.state, decision.kind, decision.amount), ("requested", "expedited_freight", 300))
        self.assertEqual(decision.requester_id, self.accountable)
        self.assertEqual(decision.exception_id.state, "waiting")
        with self.assertRaises(UserError):
            self._approve(decision, self.accountable)
        self._approve(decision, self.manager)
        self.assertEqual(decision.state, "approved")

    def test_the_justification_says_what_happened_and_what_is_at_stake(self):
        _run, decision = self._ask()
        for told in ("May it be expedited?", "Snow", "General Hospital", "200"):
            self.assertIn(told, decision.justification)
        self.assertTrue(decision.exception_id.brief_id)

    def test_the_amount_may_be_a_share_of_the_value_at_risk_up_to_a_limit(self):
        _run, decision = self._ask(visibility_amount_rule="share", visibility_share=10, visibility_amount=0)
        self.assertEqual(decision.amount, 20)
        _run, decision = self._ask("1Z8", visibility_amount_rule="share", visibility_share=90, visibility_amount=50)
        self.assertEqual(decision.amount, 50)

    def test_a_draft_is_left_to_its_requester(self):
        run, decision = self._ask(visibility_is_draft=True)
        self.assertEqual(decision.state, "draft")
        self.assertIn("Prepared as a draft", run.detail)
        decision.with_user(self.accountable).action_request()
        self.assertEqual(decision.state, "requested")

    def test_rolling_back_withdraws_what_is_not_decided(self):
        run, decision = self._ask()
        run.action_roll_back()
        self.assertEqual(decision.state, "cancelled")

    def test_an_exception_that_waits_already_is_not_asked_about_twice(self):
        decision = self._request()
        action = self.env["ir.actions.server"].create(
            {
                "name": "Ask",
                "model_id": self.env["ir.model"]._get_id("visibility.exception"),
                "state": "visibility_decision",
                "visibility_decision_kind": "rerouting",
            }
        )
        action.with_context(active_model="visibility.exception", active_ids=self.exception.ids).run()
        self.assertEqual(self.exception.decision_ids, decision)
        run = self.runs.search([("res_id", "=", self.exception.id)], limit=1)
        self.assertIn("Waits already", run.detail)

    def test_without_a_kind_and_on_documents_it_stays_a_task(self):
        exception = self._late()
        for record in (exception, exception.sale_order_ids):
            action = self.env["ir.actions.server"].create(
                {
                    "name": "Ask",
                    "model_id": self.env["ir.model"]._get_id(record._name),
                    "state": "visibility_decision",
                }
            )
            before = record.activity_ids
            action.with_context(active_model=record._name, active_ids=record.ids).run()
            self.assertEqual(len(record.activity_ids - before), 1)
        self.assertFalse(exception.decision_ids)

    def test_a_form_about_money_without_an_amount_says_what_is_missing(self):
        values = {
            "name": "Ask",
            "model_id": self.env["ir.model"]._get_id("visibility.exception"),
            "state": "visibility_decision",
            "visibility_decision_kind": "compensation",
        }
        action = self.env["ir.actions.server"].create(values)
        self.assertIn("what it may cost", action.warning)
        action.visibility_amount = 10
        self.assertFalse(action.warning)

    def test_the_shipped_automation_asks_to_expedite_once_somebody_answers_for_it(self):
        automation = self.env.ref("distribution_visibility_approvals.automation_expedite")
        self.assertFalse(automation.active)
        automation.write({"accountable_id": self.accountable.id, "active": True})
        decision = self._late().decision_ids
        self.assertEqual(decision.mapped("state"), ["requested"])
        self.assertEqual(decision.amount, 10)

    def test_a_brief_names_who_decides_and_that_a_decision_is_waited_for(self):
        brief = self.env["visibility.brief"]._write_briefs(self.exception)
        self.assertIn("Visibility manager", brief.body)
        self.exception.user_id = self.agent
        self._request()
        brief = self.env["visibility.brief"]._write_briefs(self.exception)
        self.assertEqual(brief.content["next"]["code"], "decide")


@tagged("post_install", "-at_install")
class TestAskingFirst(AskingCase):
    """An automation that asks first may ask with a decision: then only the decision is its answer."""

    def _ask_first(self, number="1Z9", **values):
        automation = self._automate(
            self._write_action(),
            approval_mode="always",
            asks_by="decision",
            decision_kind="expedited_freight",
            decision_amount=120,
            **values,
        )
        exception = self._late(number)
        return automation, exception, exception.decision_ids

    def test_what_is_asked_about_is_on_the_decision(self):
        automation, exception, decision = self._ask_first()
        self.assertEqual((decision.state, decision.amount, decision.would_do), ("requested", 120, "Set urgent"))
        self.assertEqual(decision.value_at_risk, 200)
        self.assertIn("To keep promises", decision.justification)
        self.assertEqual(decision.action_run_id, self._runs_of(automation, ("result", "=", "asked")))
        self.assertNotEqual(exception.severity, "blocking")

    def test_an_approval_acts_once_and_is_in_the_log(self):
        automation, exception, decision = self._ask_first()
        self._approve(decision)
        self.assertEqual(exception.severity, "blocking")
        done = self._runs_of(automation, ("result", "=", "done"))
        self.assertEqual((done.origin, done.user_id, done.run_id), ("approval", self.manager, decision.action_run_id))
        self.assertEqual(decision.action_run_id.status, "answered")

    def test_somebody_from_finance_who_works_with_nothing_of_ours_may_approve_it(self):
        finance = self._create_user("decision-finance-asked")
        individual = {"review_type": "individual", "reviewer_id": finance.id, "reviewer_group_id": False}
        self.definition.write(individual)
        _automation, exception, decision = self._ask_first()
        self._approve(decision, finance)
        self.assertEqual((decision.state, exception.severity), ("approved", "blocking"))

    def test_a_rejection_and_a_cancellation_answer_no(self):
        cancel = lambda decision: decision.with_user(self.manager).action_cancel()  # noqa: E731
        for number, end in (("1Z8", self._reject), ("1Z7", cancel)):
            automation, exception, decision = self._ask_first(number)
            end(decision)
            self.assertNotEqual(exception.severity, "blocking")
            self.assertEqual(self._runs_of(automation, ("result", "=", "declined")).run_id, decision.action_run_id)
            automation.active = False

    def test_who_answers_for_the_automation_neither_approves_nor_goes_around_the_decision(self):
        _automation, exception, decision = self._ask_first()
        run = decision.action_run_id
        with self.assertRaises(AccessError):
            decision.with_user(self.accountable).action_approve()
        for user in (self.accountable, self.manager):
            self.assertFalse(run.with_user(user).can_answer)
            with self.assertRaisesRegex(UserError, "waits for a decision"):
                run.with_user(user).action_approve()
        self.assertNotEqual(exception.severity, "blocking")

    def test_what_was_decided_is_not_decided_again(self):
        automation, _exception, decision = self._ask_first()
        self._approve(decision)
        with self.assertRaises(UserError):
            self._approve(decision, self.other_manager)
        with self.assertRaises(UserError):
            decision.action_run_id.with_user(self.other_manager).action_approve()
        self.assertEqual(len(self._runs_of(automation, ("result", "=", "done"))), 1)

    def test_an_approval_that_comes_too_late_is_kept_and_does_nothing(self):
        automation, exception, decision = self._ask_first(filter_domain="[('is_open', '=', True)]")
        exception.action_resolve()
        self._approve(decision)
        self.assertEqual(decision.state, "approved")
        self.assertNotEqual(exception.severity, "blocking")
        self.assertIn("do not hold", self._runs_of(automation, ("result", "=", "declined")).reason)

    def test_where_nobody_may_decide_a_person_is_asked_with_a_task_and_nobodys_work_stops(self):
        self.definition.definition_domain = "[('kind', '=', 'return')]"
        automation, _exception, decision = self._ask_first()
        self.assertFalse(decision)
        run = self._runs_of(automation, ("result", "=", "asked"))
        self.assertEqual(run.activity_ids.user_id, self.accountable)
        self.assertTrue(run.with_user(self.accountable).can_answer)

    def test_the_form_says_what_is_missing(self):
        for values in ({"decision_kind": False}, {"decision_amount": 0}):
            with self.assertRaises(ValidationError):
                self._automate(
                    self._write_action(),
                    approval_mode="always",
                    asks_by="decision",
                    **{"decision_kind": "compensation", "decision_amount": 5, **values},
                )

    def test_how_long_people_wait_is_measured(self):
        _automation, _exception, decision = self._ask_first()
        text = self.env["visibility.metrics"]._get_families()
        names = {family.name for family in text}
        self.assertIn("visibility_decisions_waiting", names)
        decision.requested_at = "2026-03-01 10:00:00"
        self._approve(decision)
        self.assertGreater(decision.waiting_hours, 1)

    def test_a_person_who_is_erased_disappears_from_what_was_decided(self):
        decision = self._request(justification="Jane Doe needs it")
        self._approve(decision, comment="Call Jane Doe")
        self.env["visibility.erasure"].with_user(self.manager)._erase(["Jane Doe"], self.company, "asked")
        self.assertEqual((decision.justification, decision.decision_note), ("[erased]", "[erased]"))
        self.assertEqual((decision.state, decision.amount), ("approved", 450))
