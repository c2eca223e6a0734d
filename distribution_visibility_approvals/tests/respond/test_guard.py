from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import DecisionCase

REFUSED = (AccessError, UserError)


@tagged("post_install", "-at_install")
class TestDecisionGuard(DecisionCase):
    """Ways around a decision that callers could try from outside."""

    def test_no_default_makes_a_decision_that_is_made(self):
        context = {
            **{"default_state": "approved", "default_decided_by_id": self.manager.id, "default_name": "Forged"},
            **{"default_requester_id": self.other_manager.id, "default_decided_at": "2026-01-01 10:00:00"},
            **{"default_requested_at": "2026-01-01 09:00:00", "default_decision_note": "Fine"},
        }
        values = {"exception_id": self.exception.id, "kind": "rerouting", "justification": "Because"}
        decision = self.env["visibility.decision"].with_user(self.agent).with_context(**context).create(values)
        self.assertEqual((decision.state, decision.requester_id), ("draft", self.agent))
        self.assertFalse(decision.decided_by_id or decision.decided_at or decision.decision_note)
        self.assertFalse(decision.requested_at or decision.name == "Forged")

    def test_what_the_dialog_proposes_still_stands(self):
        context = {"default_exception_id": self.exception.id, "default_kind": "rerouting"}
        decisions = self.env["visibility.decision"].with_user(self.agent).with_context(**context)
        decision = decisions.create({"justification": "Because"})
        self.assertEqual((decision.exception_id, decision.kind), (self.exception, "rerouting"))

    # ------------------------------------------------------------------ comments of reviews
    def _refused_to_comment(self, review, user):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            review.with_user(user).write({"comment": "Rewritten"})

    def test_comments_belong_to_those_who_are_asked_while_they_are(self):
        employee = self._create_user("decision-employee")
        decision = self._request()
        review = decision.review_ids
        for user in (employee, self.agent):
            self._refused_to_comment(review, user)
        self._approve(decision, comment="Go ahead")
        self.assertEqual(review.comment, "Go ahead")
        for user in (employee, self.agent, self.manager, self.other_manager):
            self._refused_to_comment(review, user)
        self.assertEqual(review.comment, "Go ahead")

    def test_who_asked_does_not_comment_even_when_named_to_review(self):
        self.definition.exclude_requester = False
        decision = self._request(self.manager)
        self._refused_to_comment(decision.review_ids, self.manager)

    # ------------------------------------------------------------------ cancelling
    def test_cancelling_keeps_who_was_asked_and_what_they_said(self):
        decision = self._request()
        reviews = decision.review_ids
        decision.with_user(self.agent).action_cancel()
        self.assertEqual(decision.state, "cancelled")
        self.assertEqual(decision.review_ids, reviews.exists())
        self.assertTrue(reviews.exists())

    def test_a_cancelled_decision_waits_for_nobody(self):
        decision = self._request()
        decision.with_user(self.agent).action_cancel()
        self.env.invalidate_all()
        self.assertFalse(decision.with_user(self.manager).can_review)
        waiting = self.env["tier.review"].search([("res_id", "=", decision.id), ("model", "=", decision._name)])
        self.assertFalse(waiting.filtered(lambda review: review.status in ("waiting", "pending")))
        self.assertNotIn(decision, self.env[decision._name].search([("reviewer_ids", "in", self.manager.ids)]))

    def test_managers_of_other_companies_cancel_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "decision-stranger",
            "base.group_user,distribution_visibility.group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        decision = self._request()
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            decision.with_user(stranger).with_context(allowed_company_ids=company.ids).action_cancel()
        self.assertEqual(decision.state, "requested")

    # ------------------------------------------------------------------ the amount
    def test_what_it_costs_is_worked_out_when_it_is_asked_for(self):
        foreign = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("id", "!=", self.env.company.currency_id.id)], limit=1)
        )
        foreign.active = True
        rate = self.env["res.currency.rate"].create(
            {"currency_id": foreign.id, "name": "2020-01-01", "company_rate": 2, "company_id": self.env.company.id}
        )
        decision = self._draft(currency_id=foreign.id, amount=100)
        self.assertEqual(decision.company_amount, 50)
        rate.company_rate = 0.5
        decision.action_request()
        self.assertEqual(decision.company_amount, 200)
