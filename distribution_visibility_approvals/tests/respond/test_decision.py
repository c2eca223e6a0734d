from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..common import DELAYED, DecisionCase


@tagged("post_install", "-at_install")
class TestDecision(DecisionCase):
    """A person asks, the exception waits, another person decides, and the work goes on."""

    def _notes(self):
        return " ".join(self.exception.message_ids.mapped("body"))

    # ------------------------------------------------------------------ asking
    def test_an_agent_fills_the_small_form_and_the_exception_waits(self):
        action = self.exception.with_user(self.agent).action_request_decision()
        model = self.env["visibility.decision"].with_user(self.agent).with_context(**action["context"])
        with Form(model, view=action["views"][0][0]) as form:
            form.kind = "expedited_freight"
            form.amount = 450
            form.justification = "The operation is tomorrow."
        decision = form.record
        decision.action_request()
        self.assertEqual(decision.exception_id, self.exception)
        self.assertEqual((decision.state, decision.requester_id), ("requested", self.agent))
        self.assertEqual(self.exception.state, "waiting")
        self.assertRegex(decision.name, "^DEC/")

    def test_the_request_starts_with_what_the_category_usually_needs(self):
        self.exception.category_id.default_approval = "rerouting"
        context = self.exception.action_request_decision()["context"]
        self.assertEqual(self.env["visibility.decision"].with_context(**context).new().kind, "rerouting")

    def test_every_usual_approval_is_a_kind_of_decision_and_the_other_way_round(self):
        usual = self.env["visibility.exception.category"]._fields["default_approval"].selection
        self.assertEqual(usual, self.env["visibility.decision"]._fields["kind"].selection)

    def test_the_managers_are_asked_and_told_what_about(self):
        decision = self._request()
        self.assertIn(self.manager, decision.reviewer_ids)
        self.assertIn(self.manager.partner_id, decision.message_partner_ids)
        self.assertIn("The operation is tomorrow.", " ".join(decision.message_ids.mapped("body")))

    def test_an_exception_waits_for_one_decision_at_a_time(self):
        draft = self._draft()
        self.assertEqual(self.exception.with_user(self.agent).action_request_decision()["res_id"], draft.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._draft()

    def test_after_one_was_decided_another_can_be_asked_for(self):
        self._approve(self._request())
        self.assertFalse(self.exception.with_user(self.agent).action_request_decision()["res_id"])
        self.assertEqual(self._request(kind="rerouting", amount=0).state, "requested")

    def test_money_cannot_be_asked_for_without_a_sum(self):
        with self.assertRaises(ValidationError):
            self._request(amount=0)

    def test_nobody_can_ask_about_a_closed_exception(self):
        draft = self._draft()
        self.exception.action_resolve()
        with self.assertRaises(UserError):
            draft.action_request()

    def test_what_nobody_may_decide_is_not_silently_approved(self):
        self.definition.definition_domain = "[('kind', '=', 'return')]"
        with self.assertRaisesRegex(UserError, "Nobody is named"), self.env.cr.savepoint():
            self._request()

    def test_a_definition_may_ask_other_people_by_amount_in_company_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "company_id": self.company.id, "name": "2020-01-01", "rate": 0.5}
        )
        finance = self._create_user("decision-finance")
        self.definition.copy(
            {
                "name": "Finance",
                "review_type": "individual",
                "reviewer_group_id": False,
                "reviewer_id": finance.id,
                "definition_domain": "[('company_amount', '>', 800)]",
            }
        )
        decision = self._request(currency_id=euro.id, amount=450)
        self.assertEqual(decision.company_amount, 900)
        self._approve(decision)
        self.assertEqual(decision.state, "requested", "finance is asked too")
        self._approve(decision, finance)
        self.assertEqual((decision.state, decision.decided_by_id), ("approved", finance))

    # ------------------------------------------------------------------ deciding
    def test_an_approval_stands_on_the_exception_which_goes_on(self):
        decision = self._request()
        self._approve(decision)
        self.assertEqual((decision.state, decision.decided_by_id), ("approved", self.manager))
        self.assertTrue(decision.decided_at)
        self.assertEqual(decision.decision_note, "Go ahead")
        self.assertEqual(self.exception.state, "in_progress")
        self.assertIn("Approved by decision-manager. Go ahead", self._notes())
        self.assertIn(self.agent.partner_id, self.exception.message_ids.notified_partner_ids)

    def test_a_rejection_stands_on_the_exception_which_goes_on(self):
        decision = self._request()
        self._reject(decision)
        self.assertEqual((decision.state, decision.decided_by_id), ("rejected", self.manager))
        self.assertEqual(self.exception.state, "in_progress")
        self.assertIn("Rejected by decision-manager. Too dear", self._notes())

    def test_without_comments_one_click_decides(self):
        self.definition.has_comment = False
        decision = self._request()
        self._approve(decision)
        self.assertEqual(decision.state, "approved")

    def test_who_asked_may_withdraw_it_and_the_exception_goes_on(self):
        decision = self._request()
        decision.with_user(self.agent).action_cancel()
        self.assertEqual(decision.state, "cancelled")
        self.assertEqual(self.exception.state, "in_progress")
        self.assertEqual(decision.review_ids.mapped("status"), ["cancel"])
        self.assertFalse(decision.with_user(self.manager).can_review)

    def test_a_colleague_cannot_withdraw_it_but_a_manager_can(self):
        decision = self._request()
        with self.assertRaises(AccessError):
            decision.with_user(self.owner).action_cancel()
        decision.with_user(self.manager).action_cancel()
        self.assertEqual(decision.state, "cancelled")

    def test_a_decision_about_an_exception_that_is_over_does_not_reopen_it(self):
        decision = self._request()
        self.exception.action_resolve()
        self.assertIn("closed meanwhile", " ".join(decision.message_ids.mapped("body")))
        self._approve(decision)
        self.assertEqual(self.exception.state, "resolved")

    def test_nobody_is_asked_to_spend_money_on_what_ended_by_itself(self):
        delivered = ("delivered", "arrived_at_destination", "2026-03-03T10:00:00Z", "Left with R. Roe")
        ways = {
            "the parcel arrives": lambda: self._tell(self.easypost, self._tracker("1Z1", DELAYED, delivered)),
            "the order is cancelled": lambda: self.exception.sale_order_ids._action_cancel(),
            "the delivery is cancelled": lambda: self.exception.picking_ids.move_ids._action_cancel(),
        }
        for way, end in ways.items():
            with self.subTest(way), self.env.cr.savepoint() as savepoint:
                decision = self._request()
                self.assertIn(self.manager, decision.review_ids.reviewer_ids)
                end()
                self.env.cr.flush()
                self.assertEqual((self.exception.state, decision.state), ("resolved", "cancelled"))
                self.assertEqual(set(decision.review_ids.mapped("status")), {"cancel"})
                self.assertFalse(decision.with_user(self.manager).can_review)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_draft_about_what_ended_by_itself_is_withdrawn_too(self):
        decision = self._draft()
        self.exception.sale_order_ids._action_cancel()
        self.env.cr.flush()
        self.assertEqual((self.exception.state, decision.state), ("resolved", "cancelled"))

    # ------------------------------------------------------------------ who sees it
    def test_another_companys_managers_neither_see_nor_decide_it(self):
        decision = self._request()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user("decision-stranger", "distribution_visibility.group_manager")
        stranger.write({"company_ids": [(6, 0, elsewhere.ids)], "company_id": elsewhere.id})
        self.assertFalse(self.env["visibility.decision"].with_user(stranger).search([("id", "=", decision.id)]))
        with self.assertRaises(AccessError):
            decision.with_user(stranger).action_approve()

    def test_an_employee_without_visibility_sees_only_what_they_are_asked(self):
        decision, employee = self._request(), self._create_user("decision-employee")
        decisions = self.env["visibility.decision"].with_user(employee)
        self.assertFalse(decisions.search([("id", "=", decision.id)]))
        self.exception.with_user(employee).read(["name", "state"])

    def test_an_auditor_reads_decisions_and_changes_nothing(self):
        auditor = self._create_user("decision-auditor", "distribution_visibility.group_auditor")
        decision = self._request().with_user(auditor)
        self.assertEqual(decision.amount, 450)
        for step in (decision.action_approve, decision.action_cancel):
            with self.assertRaises(AccessError):
                step()
        self.assertEqual(self.exception.with_user(auditor).decision_count, 1)

    def test_approvers_find_what_waits_for_them(self):
        decision = self._request()
        waiting = [("can_review", "=", True)]
        self.assertIn(decision, self.env["visibility.decision"].with_user(self.manager).search(waiting))
        self.assertNotIn(decision, self.env["visibility.decision"].with_user(self.agent).search(waiting))
        self.assertIn(
            "visibility.decision",
            [row["model"] for row in self.env["res.users"].with_user(self.manager).review_user_count()],
        )

    def test_who_asked_for_a_decision_has_worked_on_the_exception(self):
        self.exception.message_ids.unlink()
        self.assertFalse(self.exception._find_who_worked())
        self._draft()
        self.assertEqual(self.exception._find_who_worked(), self.agent)
