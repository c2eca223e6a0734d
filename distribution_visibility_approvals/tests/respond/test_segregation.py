from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import DecisionCase


@tagged("post_install", "-at_install")
class TestSegregation(DecisionCase):
    """Nobody decides about what they asked for, by no way."""

    def _refused(self, step, *arguments):
        with self.assertRaises(UserError), self.env.cr.savepoint():
            step(*arguments)

    def test_the_shipped_definition_leaves_out_who_asked(self):
        self.assertTrue(self.definition.exclude_requester)
        self.assertEqual(self.definition.reviewer_group_id, self.env.ref("distribution_visibility.group_manager"))

    def test_a_manager_who_asked_cannot_approve_but_another_one_can(self):
        decision = self._request(self.manager)
        self.assertNotIn(self.manager, decision.reviewer_ids)
        self._refused(self._approve, decision, self.manager)
        self._refused(self._reject, decision, self.manager)
        self._approve(decision, self.other_manager)
        self.assertEqual(decision.state, "approved")

    def test_not_even_when_an_administrator_switched_the_four_eyes_off(self):
        self.definition.exclude_requester = False
        administrator = self._create_user(
            "decision-administrator", "base.group_system", "distribution_visibility.group_manager"
        )
        decision = self._request(administrator)
        self.assertIn(administrator, decision.reviewer_ids, "the definition alone would let them")
        self.assertFalse(decision.with_user(administrator).can_review)
        for step in ("action_approve", "action_reject", "validate_tier", "reject_tier", "_validate_tier"):
            record = decision.with_user(administrator)
            try:
                getattr(record, step)()
            except UserError:
                continue
            finally:
                self.assertEqual(decision.state, "requested", step)
        wizard = self.env["comment.wizard"].with_user(administrator)
        values = {"res_model": decision._name, "res_id": decision.id, "review_ids": decision.review_ids.ids}
        for verdict in ("validate", "reject"):
            self._refused(wizard.create({**values, "validate_reject": verdict, "comment": "me"}).add_comment)
        self.assertEqual(decision.review_ids.mapped("status"), ["pending"])

    def test_who_prepared_it_cannot_approve_it_either(self):
        draft = self._draft(self.manager)
        self._refused(draft.with_user(self.other_manager).write, {"amount": 1})
        self._refused(draft.with_user(self.other_manager).action_request)

    def test_who_was_not_asked_cannot_decide(self):
        decision = self._request()
        self._refused(self._approve, decision, self.owner)
        self.assertEqual(decision.state, "requested")

    def test_no_robot_decides(self):
        decision = self._request()
        self._refused(decision.with_user(SUPERUSER_ID).action_approve)
        self._refused(decision.sudo().write, {"state": "approved"})

    def test_the_outcome_cannot_be_written(self):
        decision = self._request(self.manager)
        for user in (self.manager, self.other_manager):
            for values in (
                {"state": "approved"},
                {"validation_status": "validated"},
                {"requester_id": self.other_manager.id},
                {"decided_by_id": self.other_manager.id},
                {"review_ids": [(1, decision.review_ids.id, {"status": "approved"})]},
            ):
                self._refused(decision.with_user(user).with_context(skip_validation_check=True).write, values)

    def test_a_decision_cannot_be_born_approved(self):
        decision = self._draft(state="approved", decided_by_id=self.manager.id, requester_id=self.manager.id)
        self.assertEqual((decision.state, decision.requester_id), ("draft", self.agent))
        self.assertFalse(decision.decided_by_id)

    def test_its_reviews_cannot_be_written_past_it(self):
        review = self._request(self.manager).review_ids.with_user(self.manager)
        foreign = self.env["tier.review"].with_user(self.manager)
        self._refused(review.write, {"status": "approved", "done_by": self.other_manager.id})
        self._refused(review.write, {"reviewer_ids": [(4, self.manager.id)]})
        self._refused(review.write, {"requested_by": self.agent.id})
        self._refused(review.unlink)
        self._refused(foreign.create, {"model": "visibility.decision", "res_id": 1, "status": "approved"})

    def test_its_reviews_cannot_be_started_before_it_is_requested_or_again(self):
        draft = self._draft(self.manager)
        draft.with_context(skip_check_state_condition=True).request_validation()
        self.assertFalse(draft.review_ids)
        draft.action_request()
        self._refused(draft.restart_validation)
        self.assertEqual(len(draft.review_ids), 1)

    def test_the_comment_dialog_decides_only_what_it_was_opened_for(self):
        mine = self._request(self.manager)
        theirs = self._other_decision()
        wizard = self.env["comment.wizard"].with_user(self.manager)
        dialog = wizard.create(
            {
                "res_model": theirs._name,
                "res_id": theirs.id,
                "review_ids": mine.review_ids.ids,
                "validate_reject": "validate",
                "comment": "sneaky",
            }
        )
        self._refused(dialog.add_comment)
        self.assertFalse(mine.review_ids.comment)
        self.assertEqual((mine.state, mine.review_ids.status), ("requested", "pending"))

    def _other_decision(self):
        delivery = self._create_delivery("1Z2")
        self._tell(self.easypost, self._tracker("1Z2", ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Snow")))
        return self._request(exception_id=delivery.visibility_shipment_ids.exception_ids.id)
