from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ...lib.respond.outbox.answers import DELIVERED, FAILED, GONE
from ...lib.respond.outbox.circuit import PATIENCE_SECONDS
from ..respond.outbox.outbox_common import OutboxCase

NOW = fields.Datetime.now


@tagged("post_install", "-at_install")
class TestOutboxMeasures(OutboxCase):
    """What monitoring reads of events out, who is told, and how long it is kept."""

    def setUp(self):
        super().setUp()
        self.env["visibility.counter"].search([]).unlink()
        self.env["visibility.incident"].search([]).unlink()

    def _read(self, name, **labels):
        page, _type = self.env["visibility.metrics"]._render("application/openmetrics-text; version=1.0.0")
        for family in text_string_to_metric_families(page.decode()):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        return None

    def test_attempts_waiting_events_and_states_are_in_the_metrics(self):
        self._open()
        self._open()
        self.assertEqual(self._read("visibility_outbox_pending", subscription="n8n"), 2)
        with self._receiver(FAILED, DELIVERED):
            self._send_round()
        attempts = "visibility_outbox_delivery_attempts_total"
        self.assertEqual(self._read(attempts, subscription="n8n", code_class="2xx"), 1)
        self.assertEqual(self._read(attempts, subscription="n8n", code_class="5xx"), 1)
        self.assertEqual(self._read("visibility_outbox_pending", subscription="n8n"), 1)
        self.assertEqual(self._read("visibility_subscription_state", subscription="n8n", state="active"), 1)
        self.assertEqual(self._read("visibility_subscription_state", subscription="n8n", state="off"), 0)
        self.assertTrue(self._read("visibility_subscription_last_delivery_timestamp_seconds", subscription="n8n"))

    def test_two_subscriptions_of_one_name_are_one_sample(self):
        self._subscribe("exception.opened")
        self._open()
        with self._receiver():
            self._send_round()
        attempts = self._read("visibility_outbox_delivery_attempts_total", subscription="n8n", code_class="2xx")
        self.assertEqual(attempts, 2)

    def test_events_that_nothing_sends_and_failing_receivers_are_a_warning_and_no_failure(self):
        self._open()
        self._messages().next_attempt_at = NOW() - timedelta(hours=1)
        self.assertEqual(self._check("outbox:oldestPendingAge", "transactional"), "warn")
        self.subscription.write({"failures": 5, "failing_since": NOW()})
        self.assertEqual(self._check("subscription:state"), "warn")
        self.subscription.write({"failures": 0, "rests_until": NOW() + timedelta(hours=1)})
        self.assertEqual(self._check("outbox:oldestPendingAge", "transactional"), "pass", "it rests, nobody is late")

    def _check(self, name, component=None):
        rows = self.env["visibility.health"]._get_report()["checks"][name]
        return next(row["status"] for row in rows if component in (None, row.get("componentId")))

    # ------------------------------------------------------------------ who is told
    def _watch_after(self, percent):
        """The watch, when the receiver has failed for a share of the schedule; gives the mails' subjects."""
        self.subscription.failing_since = NOW() - timedelta(seconds=PATIENCE_SECONDS * percent / 100 + 1)
        sent = []
        keep = lambda mails: sent.extend(mails.mapped("subject"))  # noqa: E731
        with patch.object(type(self.env["mail.mail"]), "send_after_commit", keep):
            self.env["visibility.incident"]._watch()
        return [subject for subject in sent if "n8n" in subject]

    def test_the_owner_is_told_at_50_70_and_90_percent_once_each_in_one_incident(self):
        self.subscription.failures = 9
        self.assertFalse(self._watch_after(40))
        self.assertEqual(len(self._watch_after(50)), 1)
        self.assertFalse(self._watch_after(60))
        (subject,) = self._watch_after(70)
        self.assertIn("70 %", subject)
        self.assertFalse(self._watch_after(75))
        self.assertEqual(len(self._watch_after(90)), 1)
        incident = self.env["visibility.incident"].search([("subscription_id", "=", self.subscription.id)])
        self.assertEqual((len(incident), incident.user_id, incident.count), (1, self.owner, 90))
        self.assertEqual(incident.company_id, self.subscription.company_id)
        self.assertEqual(self.subscription.activity_ids.user_id, self.owner)

    def test_it_is_over_when_the_receiver_works_again(self):
        self._watch_after(50)
        self._open()
        with self._receiver():
            self._send_round()
        self.env["visibility.incident"]._watch()
        incident = self.env["visibility.incident"].search([("subscription_id", "=", self.subscription.id)])
        self.assertTrue(incident.resolved_at)
        self.assertFalse(self.subscription.activity_ids)

    def test_a_subscription_that_went_off_by_itself_is_told_and_one_that_a_person_switched_off_is_not(self):
        self._open()
        with self._receiver(GONE):
            self._send_round()
        self.env["visibility.incident"]._watch()
        incident = self.env["visibility.incident"].search([("subscription_id", "=", self.subscription.id)])
        self.assertIn("switched off", incident.name)
        self.assertEqual(incident.action_open_source()["res_id"], self.subscription.id)
        self.subscription.action_activate()
        self.subscription.action_switch_off()
        self.env["visibility.incident"]._watch()
        self.assertTrue(incident.resolved_at)

    def test_dead_letters_are_told(self):
        self._open()
        self._messages().write({"state": "dead"})
        self.env["visibility.incident"]._watch()
        incident = self.env["visibility.incident"].search([("subscription_id", "=", self.subscription.id)])
        self.assertEqual((incident.kind, incident.count), ("outbox_dead_letters", 1))
        self.assertIn(("state", "in", ["dead"]), incident.action_open_messages()["domain"])

    # ------------------------------------------------------------------ how long it is kept
    def test_bodies_go_after_their_time_and_ids_stay_longer(self):
        self._open()
        self._open()
        done, waiting = self._messages()
        old = NOW() - timedelta(days=91)
        (done | waiting).occurred_at = old
        done.state = "done"
        self.env["visibility.outbox.message"]._gc_payloads()
        self.assertFalse(done.body)
        self.assertTrue(done.purged_at)
        self.assertTrue(waiting.body, "what still has to be sent is kept")
        done.occurred_at = NOW() - timedelta(days=300)
        self.env["visibility.outbox.message"]._gc_messages()
        self.assertFalse(done.exists())
        self.assertTrue(waiting.exists())

    def test_a_person_is_erased_from_what_was_sent_too(self):
        subscription = self._subscribe("exception.opened", has_texts=True)
        self._open(reason="Left with Zebulon Quimby")
        message = self._messages(subscription=subscription)
        erasure = self.env["visibility.erasure"].sudo()
        erasure._erase(["Zebulon Quimby"], self.env.company, "They asked for it")
        self.assertNotIn("Quimby", message.body)
        self.assertTrue(message.body_pretty)

    # ------------------------------------------------------------------ the heartbeat
    def test_who_asks_for_a_heartbeat_gets_one_at_a_time(self):
        subscription = self._subscribe("heartbeat")
        self.env["visibility.heartbeat"]._beat()
        self.env["visibility.heartbeat"]._beat()
        message = self._messages(subscription=subscription)
        self.assertEqual(self._data(message), {"interval_seconds": 300})
        with self._receiver():
            self._send_round()
        self.env["visibility.heartbeat"]._beat()
        self.assertEqual(len(self._messages(subscription=subscription)), 2)
