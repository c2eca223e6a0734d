# Real transactions, so that there are real conflicts
# pylint: disable=invalid-commit
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ....lib.respond.outbox.answers import DELIVERED, Answer
from ..concurrency import other_transaction
from .outbox_common import SECRET


@tagged("post_install", "-at_install")
class TestOutboxConflicts(TransactionCase):
    """Somebody saves a subscription while events are sent: real transactions, cleaned up afterwards."""

    def setUp(self):
        super().setUp()
        self.answer = Answer(DELIVERED, "Delivered (200).", 200, 0.1, "", None)
        with other_transaction(self) as env:
            self.subscription_ids = [self._subscribe(env, name).id for name in ("First", "Second", "Third")]
        self.addCleanup(self._clean_up)

    def _subscribe(self, env, name):
        types = env["visibility.outbox.type"].search([("name", "=", "exception.opened")])
        subscription = env["visibility.subscription"].create(
            {"name": name, "url": "https://hooks.example/x", "owner_id": env.uid, "type_ids": [(6, 0, types.ids)]}
        )
        env["visibility.subscription.key"].create({"subscription_id": subscription.id, "secret": SECRET})
        return subscription

    def _clean_up(self):
        with other_transaction(self) as env:
            env["visibility.subscription"].browse(self.subscription_ids).unlink()

    def _save(self, index):
        """What somebody who saves the form does, in a moment."""
        with other_transaction(self) as env:
            env["visibility.subscription"].browse(self.subscription_ids[index]).name = "Saved meanwhile"

    @mute_logger("odoo.sql_db")
    def test_one_that_cannot_be_noted_loses_no_note_of_the_others(self):
        with self.registry.cursor() as cr:
            subscriptions = self.env(cr=cr)["visibility.subscription"].browse(self.subscription_ids)
            subscriptions.mapped("name")  # its snapshot is from before
            self._save(1)
            left = subscriptions._note_round({one: [self.answer] for one in subscriptions})
            cr.commit()
            self.assertEqual(self._get_noted(), [True, False, True])
            # What is left is noted when the next transaction sees what was saved
            cr.commit()
            self.assertFalse(subscriptions._note_round(left))
            cr.commit()
        self.assertEqual(self._get_noted(), [True, True, True])

    def _get_noted(self):
        with other_transaction(self) as env:
            subscriptions = env["visibility.subscription"].browse(self.subscription_ids)
            return [bool(one.last_success_at) for one in subscriptions]

    @mute_logger("odoo.sql_db")
    def test_a_test_event_is_sent_once_whoever_saves_meanwhile(self):
        sent = []

        def deliver(job):
            sent.append(job[0].event_id)
            self._save(0)
            return self.answer

        outbox = self.registry["visibility.outbox.message"]
        with patch.object(outbox, "_deliver", staticmethod(deliver)), self.registry.cursor() as cr:
            subscription = self.env(cr=cr)["visibility.subscription"].browse(self.subscription_ids[0])
            self.assertEqual(subscription.action_send_test()["params"]["type"], "success")
            # What Odoo does at the end of a request; a conflict here would have it run again, and send again
            subscription.env.flush_all()
            cr.commit()
        self.assertEqual(len(sent), 1)
        with other_transaction(self) as env:
            messages = env["visibility.outbox.message"].search([("subscription_id", "=", self.subscription_ids[0])])
            self.assertEqual((messages.mapped("event_id"), messages.state), (sent, "done"))
