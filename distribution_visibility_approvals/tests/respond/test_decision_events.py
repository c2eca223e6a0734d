import json

from odoo.tests import tagged

from ..common import DecisionCase


@tagged("post_install", "-at_install")
class TestDecisionEvents(DecisionCase):
    """Whoever subscribed is told of decisions, and of no person."""

    def setUp(self):
        super().setUp()
        types = self.env["visibility.outbox.type"].search([("name", "=like", "decision.%")])
        values = {"name": "n8n", "url": "https://hooks.example/", "type_ids": types.ids}
        self.subscription = self.env["visibility.subscription"].create(values)

    def _told(self):
        messages = self.env["visibility.outbox.message"].search(
            [("subscription_id", "=", self.subscription.id)], order="id"
        )
        return [json.loads(message.body) for message in messages]

    def test_what_is_requested_and_what_was_decided_is_told(self):
        decision = self._request()
        self._approve(decision)
        requested, decided = self._told()
        self.assertEqual((requested["type"], requested["data"]["state"]), ("decision.requested", "requested"))
        self.assertEqual((decided["type"], decided["data"]["state"]), ("decision.decided", "approved"))
        self.assertEqual(requested["data"]["value"]["amount"], 450)
        self.assertEqual(requested["data"]["exception"], self.exception.name)
        for personal in (self.agent.name, "operation", self.exception.partner_id.name):
            self.assertNotIn(personal, json.dumps(requested))

    def test_a_request_that_is_withdrawn_is_told_and_a_draft_that_nobody_heard_of_is_not(self):
        self._draft().action_cancel()
        self.assertFalse(self._told())
        self._request().with_user(self.agent).action_cancel()
        self.assertEqual([one["type"] for one in self._told()], ["decision.requested", "decision.decided"])
        self.assertEqual(self._told()[-1]["data"]["state"], "cancelled")
