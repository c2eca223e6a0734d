from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..common import DecisionCase


@tagged("post_install", "-at_install")
class TestEvidence(DecisionCase):
    """What was decided, on what grounds, can be read years later as it was."""

    def _attach(self, decision):
        return self.env["ir.attachment"].create(
            {"name": "offer.txt", "raw": b"450", "res_model": decision._name, "res_id": decision.id}
        )

    def test_what_was_requested_cannot_be_changed_by_anybody(self):
        decision = self._request()
        for user in (self.agent, self.manager):
            for values in ({"amount": 1}, {"kind": "return"}, {"justification": "x"}, {"company_amount": 1}):
                with self.assertRaises(UserError):
                    decision.with_user(user).with_context(skip_validation_check=True).write(values)

    def test_what_was_decided_cannot_be_changed_even_by_a_program(self):
        decision = self._request()
        self._approve(decision)
        for values in ({"amount": 1}, {"state": "draft"}, {"state": "cancelled"}):
            with self.assertRaises(UserError):
                decision.sudo().write(values)
        with self.assertRaises(UserError):
            decision.with_user(self.agent).action_cancel()

    def test_only_drafts_can_be_deleted(self):
        draft = self._draft()
        draft.unlink()
        decision = self._request()
        with self.assertRaises(UserError):
            decision.unlink()
        self._approve(decision)
        with self.assertRaises(UserError):
            decision.with_user(self.manager).unlink()

    @mute_logger("odoo.sql_db")
    def test_an_exception_with_a_decision_stays(self):
        self._approve(self._request())
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.exception.unlink()

    def test_attachments_stay_with_what_was_requested_as_they_were(self):
        decision = self._draft()
        offer = self._attach(decision)
        decision.action_request()
        self._approve(decision)
        for step in (offer.unlink, lambda: offer.write({"raw": b"45"}), lambda: offer.write({"res_id": 0})):
            with self.assertRaises(UserError):
                step()
        self.assertEqual(offer.raw, b"450")

    def test_attachments_of_a_draft_and_of_other_documents_come_and_go(self):
        for document in (self._draft(), self.exception):
            attachment = self._attach(document)
            attachment.unlink()
            self.assertFalse(attachment.exists())

    def test_more_evidence_can_be_added_and_talked_about_while_it_is_pending(self):
        decision = self._request()
        decision.with_user(self.agent).message_post(attachments=[("offer.txt", b"450")])
        decision.with_user(self.manager).activity_schedule("mail.mail_activity_data_todo", user_id=self.agent.id)
        self.assertEqual(decision.message_attachment_count, 1)
