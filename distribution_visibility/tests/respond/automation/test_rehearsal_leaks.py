from unittest.mock import patch

from odoo.tests import tagged

from .test_automation import AutomationCase


@tagged("post_install", "-at_install")
class TestRehearsalLeaks(AutomationCase):
    """Test mode tells nobody anything, and silences nobody who really has something to tell."""

    def _rehearse(self, *actions, **vals):
        automation = self._automate(vals, is_test_mode=True, actions=actions)
        exception = self._raise(self._create_partners(1))
        self.assertEqual(self._runs_of(automation).result, "test")
        return exception

    def _speak(self):
        self.env["bus.bus"]._sendone(self.owner.partner_id, "visibility/test", {"text": "really"})

    def _post_rehearsal(self, speak_before):
        """An action in test mode sends on the bus; gives what is on its way afterwards."""
        automation = self._automate({"user_id": self.colleague.id}, is_test_mode=True)
        exception = self._raise(self._create_partners(1))
        self.env.flush_all()
        self.cr.precommit.run()
        self.cr.postcommit.clear()
        if speak_before:
            self._speak()
        act = type(automation)._act_now

        def noisy(one, records):
            one.env["bus.bus"]._sendone(self.colleague.partner_id, "visibility/test", {"text": "rehearsed"})
            return act(one, records)

        with patch.object(type(automation), "_act_now", noisy):
            automation._rehearse(exception)
        return self._get_sent()

    def _get_sent(self):
        """What is on the bus, or will be at the commit."""
        self.cr.precommit.run()
        texts = self.env["bus.bus"].sudo().search([("message", "like", "visibility/test")]).mapped("message")
        return ["rehearsed" if "rehearsed" in text else "really" for text in texts]

    def test_what_is_rehearsed_is_not_sent_on_the_bus(self):
        self.assertNotIn("rehearsed", self._post_rehearsal(False))

    def test_what_is_really_sent_before_and_after_a_rehearsal_goes_out(self):
        self.assertEqual(self._post_rehearsal(True), ["really"])
        self._speak()
        self.assertEqual(self._get_sent(), ["really", "really"])
        self.assertEqual(len(self.cr.postcommit._funcs), 1)

    def test_what_is_really_sent_after_a_rehearsal_only_goes_out(self):
        self._post_rehearsal(False)
        self._speak()
        self.assertEqual(self._get_sent(), ["really"])
        self.assertTrue(self.cr.postcommit._funcs, "Odoo is told that there is something")

    def test_nobody_gets_a_push_message_from_a_rehearsal(self):
        pushed = []

        def push(thread, message, recipients, *args, **kwargs):
            pushed.extend(recipients)

        self.colleague.notification_type = "inbox"
        with patch.object(self.registry["mail.thread"], "_notify_thread_by_web_push", push):
            self._rehearse(
                {"state": "visibility_notify", "visibility_role": "service", "visibility_reason": "Look"},
                {
                    "state": "next_activity",
                    "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                    "activity_user_type": "specific",
                    "activity_user_id": self.colleague.id,
                },
                user_id=self.colleague.id,
            )
        self.assertFalse(pushed)
