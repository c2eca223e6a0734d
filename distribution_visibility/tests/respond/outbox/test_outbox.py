import json
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules import Manifest
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ....lib.respond.outbox.answers import DELIVERED, FAILED, GONE, THROTTLED, Answer
from ....models.base.visibility_queue_mixin import WorkerDied
from .outbox_common import SECRET, OutboxCase

NOW = fields.Datetime.now


@tagged("post_install", "-at_install")
class TestOutbox(OutboxCase):
    """How events are sent: in order, again when it failed, and no more when it is pointless."""

    # ------------------------------------------------------------------ delivered
    def test_a_delivered_event_is_done_and_its_attempt_is_kept(self):
        self._open()
        with self._receiver(Answer(DELIVERED, "Delivered (202).", 202, 0.25, "ok")) as sent:
            (message,) = self._send_round()
        self.assertEqual((message.state, message.attempts, message.answer_status), ("done", 1, 202))
        self.assertEqual(message.answer_excerpt, "ok")
        self.assertEqual(message.attempt_ids.outcome, "delivered")
        (outgoing,) = sent
        self.assertEqual(outgoing.event_id, message.event_id)
        self.assertEqual(outgoing.body.decode(), message.body)
        self.assertEqual(outgoing.secrets, (SECRET,))
        self.assertTrue(self.subscription.last_success_at)
        self.assertEqual(self.subscription.success_rate, 100)

    def test_events_of_one_record_are_sent_one_after_the_other_and_of_others_side_by_side(self):
        first, second = self._open(), self._open()
        first.severity = "blocking"
        with self._receiver() as sent:
            self.assertEqual(len(self._send_round()), 2)
            self.assertEqual(self._send_round().event_type, "exception.updated")
        self.assertEqual(len(sent), 3)
        self.assertTrue(second)

    def test_the_next_event_of_a_record_waits_for_the_one_that_failed(self):
        exception = self._open()
        exception.severity = "blocking"
        with self._receiver(FAILED):
            self._send_round()
        with self._receiver() as sent:
            self.assertFalse(self._send_round())
            self._messages()[0].next_attempt_at = NOW()
            self._send_round()
            self._send_round()
        self.assertEqual([json.loads(one.body)["type"] for one in sent], ["exception.opened", "exception.updated"])

    def test_while_keys_change_both_sign_and_afterwards_only_the_new_one(self):
        wizard = Form.from_action(self.env, self._get_key_action())
        secret = wizard.secret
        wizard.save().action_confirm()
        self.assertEqual(set(self.subscription._get_secrets()), {SECRET, secret})
        later = NOW() + timedelta(hours=25)
        with patch.object(fields.Datetime, "now", lambda *_args: later):
            self.env.invalidate_all()
            self.assertEqual(self.subscription._get_secrets(), (secret,))

    def _get_key_action(self):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "distribution_visibility.visibility_subscription_key_wizard_action"
        )
        return {**action, "context": {"active_id": self.subscription.id}}

    # ------------------------------------------------------------------ failed
    def test_a_failed_event_is_tried_again_by_the_schedule_under_the_same_id(self):
        self._open()
        with self._receiver(FAILED):
            (message,) = self._send_round()
        event_id = message.event_id
        self.assertEqual((message.state, message.error), ("retry", "The receiver failed (500)."))
        self.assertLess(message.next_attempt_at, NOW() + timedelta(seconds=8))
        message.next_attempt_at = NOW()
        with self._receiver(FAILED) as sent:
            self._send_round()
        self.assertGreater(message.next_attempt_at, NOW() + timedelta(minutes=3))
        self.assertEqual(sent[0].event_id, event_id)
        self.assertEqual(message.attempt_ids.sorted("id").mapped("number"), [1, 2])

    def test_after_ten_attempts_it_is_a_dead_letter_and_can_be_sent_again_with_a_reason(self):
        self._open()
        message = self._messages()
        with self._receiver(FAILED):
            for _attempt in range(10):
                message.next_attempt_at = NOW()
                self.subscription.write(self.subscription._prepare_closed_circuit())
                self._send_round()
        self.assertEqual((message.state, message.attempts), ("dead", 10))
        wizard = self.env["visibility.outbox.wizard"].with_user(self.owner).with_context(active_ids=message.ids)
        wizard.create({"reason": "It was down"}).action_confirm()
        self.assertEqual((message.state, message.decision_reason), ("pending", "It was down"))
        self.assertEqual(message.decided_by_id, self.owner)
        self.subscription.write(self.subscription._prepare_closed_circuit())
        with self._receiver():
            self._send_round()
        self.assertEqual(message.state, "done")

    def test_a_receiver_that_asks_for_patience_gets_it_for_all_events(self):
        self._open()
        self._open()
        with self._receiver(Answer(THROTTLED, "Later.", 429, 0.1, "", 300.0)) as sent:
            self._send_round()
            self._open()
            self.assertFalse(self._send_round(), "not even a new event")
        self.assertEqual(len(sent), 2)
        self.assertGreater(self.subscription.rests_until, NOW() + timedelta(seconds=290))
        self.assertGreater(min(self._messages()[:2].mapped("next_attempt_at")), NOW() + timedelta(seconds=290))
        self.assertFalse(self.subscription.failures)

    def test_an_address_that_is_gone_switches_the_subscription_off_and_keeps_what_waits(self):
        self._open()
        with self._receiver(GONE):
            (message,) = self._send_round()
        self.assertEqual(self.subscription.state, "off")
        self.assertIn("410", self.subscription.off_reason)
        self.assertEqual(message.state, "retry")
        self.subscription.action_activate()
        with self._receiver():
            self._send_round()
        self.assertEqual(message.state, "done")

    # ------------------------------------------------------------------ the circuit
    def test_five_failures_leave_the_receiver_alone_and_others_do_not_notice(self):
        other = self._subscribe("exception.opened", name="BI", url="https://bi.example/")
        for _exception in range(6):
            self._open()

        def deliver(job):
            is_bad = "hooks" in job[0].url
            return Answer(FAILED, "No.", 500) if is_bad else Answer(DELIVERED, "Yes.", 200)

        with patch.object(self.env.registry["visibility.outbox.message"], "_deliver", staticmethod(deliver)):
            self._send_round()
            self.assertTrue(self.subscription.is_circuit_open)
            self._open()
            batch = self._send_round()
        self.assertEqual(batch.subscription_id, other)
        self.assertEqual(set(self._messages(subscription=other).mapped("state")), {"done"})
        self.assertEqual(self._messages()[-1].attempts, 0, "no attempt is used up while it is left alone")

    def test_after_its_rest_one_event_looks_whether_it_works_and_then_all_are_sent(self):
        for _exception in range(6):
            self._open()
        with self._receiver(FAILED):
            self._send_round()
        self._messages().next_attempt_at = NOW() + timedelta(hours=5)
        self._messages()[2:4].next_attempt_at = NOW()
        self.subscription.rests_until = NOW() - timedelta(seconds=1)
        with self._receiver() as sent:
            self.assertEqual(len(self._send_round()), 1)
            self.assertFalse(self.subscription.is_circuit_open)
            self.assertEqual(len(self._send_round()), 5, "what waited hours for its attempt need not any longer")
        self.assertEqual(len(sent), 6)

    def test_a_receiver_that_fails_for_the_whole_schedule_is_switched_off(self):
        self._open()
        self.subscription.write({"failures": 1, "failing_since": NOW() - timedelta(hours=76)})
        with self._receiver(FAILED):
            self._send_round()
        self.assertEqual(self.subscription.state, "off")
        self.assertIn("three days", self.subscription.off_reason)

    def test_two_failures_with_quiet_days_between_them_are_not_a_receiver_that_fails_for_days(self):
        self._open()
        long_ago = NOW() - timedelta(hours=76)
        self.subscription.write({"failures": 1, "failing_since": long_ago, "last_failure_at": long_ago})
        self.assertEqual(self.subscription._get_stage(), 0)
        with self._receiver(FAILED):
            self._send_round()
        self.assertEqual((self.subscription.state, self.subscription.failures), ("active", 1))

    @mute_logger("odoo.addons.distribution_visibility.models.base.visibility_vault")
    def test_a_key_that_no_master_key_opens_stops_neither_the_others_nor_the_lane(self):
        keys = self.subscription.key_ids
        keys |= keys.create({"subscription_id": self.subscription.id, "secret": SECRET})
        self.assertEqual(len(self.subscription._get_secrets()), 2)
        keys[0].sudo().secret_encrypted = "nonsense"
        self.assertEqual(self.subscription._get_secrets(), (SECRET,))
        keys.sudo().secret_encrypted = "nonsense"
        self._open()
        (message,) = self._send_round()
        self.assertEqual((message.state, message.attempt_ids.outcome), ("retry", "refused"))

    def test_no_more_than_its_rate_is_sent_in_a_minute(self):
        self.subscription.max_per_minute = 3
        for _exception in range(5):
            self._open()
        with self._receiver() as sent:
            self.assertEqual(len(self._send_round()), 3)
            self.assertFalse(self._send_round())
            self.assertFalse(self.outbox._has_due("transactional"), "or the scheduled action would spin")
        self.assertEqual(len(sent), 3)

    def test_nothing_is_sent_while_paused(self):
        self._open()
        self.subscription.action_pause()
        with self._receiver() as sent:
            self.assertFalse(self._send_round())
            self.subscription.action_activate()
            self.assertTrue(self._send_round())
        self.assertEqual(len(sent), 1)

    def test_an_archived_subscription_is_sent_nothing_and_told_nothing_new(self):
        self._open()
        self.subscription.active = False
        self._open()
        self.assertEqual(len(self._messages()), 1)
        with self._receiver() as sent:
            self.assertFalse(self._send_round())
        self.assertFalse(sent)
        self.assertFalse(any(self.outbox._get_due_ages().values()), "nobody waits for it")

    def test_a_message_whose_worker_died_is_sent_alone_the_next_time(self):
        self._open()
        self._open()
        batch = self.outbox._claim("transactional", 32)
        batch._register_failure(WorkerDied("gone"))
        self.assertEqual(set(batch.mapped("state")), {"retry"})
        with self._receiver():
            self.assertEqual(len(self._send_round()), 1)
            self.assertEqual(len(self._send_round()), 1)

    # ------------------------------------------------------------------ the button
    def test_the_test_event_says_in_one_sentence_what_came_of_it_in_any_state(self):
        self.subscription.action_pause()
        with self._receiver() as sent:
            params = self.subscription.action_send_test()["params"]
        self.assertEqual((params["type"], params["message"]), ("success", "Delivered (200)."))
        self.assertEqual(json.loads(sent[0].body)["type"], "test")
        with self._receiver(FAILED):
            params = self.subscription.action_send_test()["params"]
        self.assertEqual((params["type"], params["message"]), ("danger", "The receiver failed (500)."))
        self.assertEqual(self._messages("test").mapped("state"), ["done", "ignored"])

    def test_without_a_key_neither_test_nor_activation_is_possible(self):
        self.subscription.key_ids.unlink()
        self.assertIn("key", self.subscription.action_send_test()["params"]["message"])
        with self.assertRaisesRegex(UserError, "no valid key"):
            self.subscription.action_activate()

    # ------------------------------------------------------------------ where it may go
    def test_a_manager_cannot_send_into_the_own_network_and_an_administrator_can_allow_it(self):
        manager = new_test_user(self.env, "boss", "base.group_user,distribution_visibility.group_manager")
        mine = self.subscription.with_user(manager)
        for url in ("http://n8n:5678/hook", "https://127.1/", "https://[::ffff:127.0.0.1]/", "https://u:p@x.example/"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                mine.url = url
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.env["visibility.internal.address"].with_user(manager).create(
                {"host": "n8n", "port": 5678, "reason": "x"}
            )
        self.env["visibility.internal.address"].create({"host": "n8n", "port": 5678, "reason": "The team's n8n"})
        mine.url = "http://n8n:5678/hook"

    def test_an_internal_address_is_a_name_and_a_port_and_nothing_else(self):
        for host in ("http://n8n", "n8n/hook", "N8N", "n 8"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.env["visibility.internal.address"].create({"host": host, "port": 5678, "reason": "x"})

    def test_further_ports_are_a_setting(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.subscription.url = "https://hooks.example:9443/"
        self.env["res.config.settings"].create({"visibility_outgoing_ports": "443, 9443"}).execute()
        self.subscription.url = "https://hooks.example:9443/"
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.env["res.config.settings"].create({"visibility_outgoing_ports": "443, x"})

    # ------------------------------------------------------------------ copies and rights
    def test_a_neutralized_copy_sends_nothing_whatever_is_entered_there(self):
        self._open()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "true")
        self.assertTrue(self.subscription.is_neutralized)
        with self._receiver() as sent:
            self.assertFalse(self._send_round())
            self.assertIn("neutralized copy", self.subscription.action_send_test()["params"]["message"])
        self.assertFalse(sent)

    def test_neutralizing_blanks_keys_and_switches_off(self):
        self.env.flush_all()
        path = Path(Manifest.for_addon("distribution_visibility").path) / "data" / "neutralize.sql"
        self.env.cr.execute(path.read_text())
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertEqual(self.subscription.state, "off")
        self.assertFalse(self.subscription.has_valid_key)
        self._open()
        self.assertFalse(self._messages())

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_a_key_is_never_read_again_and_others_see_no_subscription_of_another_company(self):
        manager = new_test_user(self.env, "boss", "base.group_user,distribution_visibility.group_manager")
        key = self.subscription.key_ids.with_user(manager)
        self.assertFalse(key.read(["secret"])[0]["secret"])
        with self.assertRaises(AccessError):
            key.read(["secret_encrypted"])
        self.env.flush_all()
        self.env.cr.execute("SELECT secret_encrypted FROM visibility_subscription_key WHERE id = %s", [key.id])
        self.assertNotIn(SECRET[6:], self.env.cr.fetchone()[0])
        self.subscription.company_id = self.env["res.company"].create({"name": "Another company"})
        with self.assertRaises(AccessError):
            self.subscription.with_user(manager).read(["name"])

    def test_coordinators_look_and_may_not_change_or_send(self):
        subscription = self.subscription.with_user(self.owner)
        self.assertTrue(subscription.read(["name", "state", "success_rate"]))
        with self.assertRaises(AccessError):
            subscription.action_pause()
        with self.assertRaises(AccessError):
            subscription.action_send_test()

    def test_a_short_key_is_refused(self):
        with self.assertRaises(ValidationError):
            self.subscription.key_ids.create({"subscription_id": self.subscription.id, "secret": "whsec_c2hvcnQ="})

    def test_an_active_subscription_wants_something(self):
        with self.assertRaises(ValidationError):
            self.subscription.type_ids = False
