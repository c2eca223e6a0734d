from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from ...models.ingest import visibility_inbox_message
from ..common import VisibilityCase

DELAY = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Delayed")


@tagged("post_install", "-at_install")
class TestInboxQueue(VisibilityCase):
    """How messages are worked off: counted, retried, buried, rescued, replayed."""

    def setUp(self):
        super().setUp()
        self.inbox = self.env["visibility.inbox.message"].sudo()

    def _break(self, poison):
        """Make messages whose body contains ``poison`` fail, as a bug would."""
        original = type(self.inbox)._process_batch

        def process(batch):
            if any(poison in message.body for message in batch):
                raise ZeroDivisionError("a bug")
            return original(batch)

        return patch.object(type(self.inbox), "_process_batch", process)

    def _receive_tracker(self, number, **options):
        return self._receive(self.easypost, self._tracker(number, DELAY, **options))[1]

    def test_one_bad_message_in_a_batch_stops_none_of_the_others(self):
        good = self._receive_tracker("GOOD1") | self._receive_tracker("GOOD2")
        bad = self._receive_tracker("POISON")
        with self._break("POISON"):
            self._work_off()
        self.assertEqual(set(good.mapped("state")), {"done"})
        self.assertEqual((bad.state, bad.attempts, bad.error), ("retry", 1, "a bug"))
        self.assertIn("ZeroDivisionError", bad.sudo().traceback)

    def test_a_lock_that_is_not_free_is_no_failure_of_the_message_but_a_reason_to_run_it_again(self):
        message = self._receive_tracker("1Z1")
        self.inbox._claim("transactional", 10)
        for conflict in (LockNotAvailable, SerializationFailure, DeadlockDetected):
            with patch.object(type(self.inbox), "_process_batch", side_effect=conflict), self.assertRaises(conflict):
                message._work()
        self.assertEqual((message.state, message.attempts, message.error), ("running", 1, False))

    def test_a_failed_message_waits_longer_each_time_and_is_buried_in_the_end(self):
        bad = self._receive_tracker("POISON")
        waits = []
        with self._break("POISON"):
            for _attempt in range(bad._get_max_attempts()):
                before = fields.Datetime.now()
                self._work_off()
                waits.append(bad.next_attempt_at - before)
                bad.next_attempt_at = before
        self.assertEqual(bad.state, "dead")
        self.assertEqual(bad.attempts, bad._get_max_attempts())
        self.assertGreater(waits[2], waits[0])

    def test_the_attempt_is_counted_before_the_work(self):
        message = self._receive_tracker("1Z1")
        claimed = self.inbox._claim("transactional", 10)
        self.assertEqual((claimed, claimed.state, claimed.attempts), (message, "running", 1))
        self.assertFalse(self.inbox._claim("transactional", 10))

    def test_a_message_whose_worker_died_is_given_back_and_one_that_kills_every_worker_is_buried(self):
        message = self._receive_tracker("1Z1")
        self.inbox._claim("transactional", 10)
        self.assertFalse(self.inbox._rescue("transactional"), "too early: its worker may be about to lock it")
        message.claimed_at = fields.Datetime.now() - timedelta(minutes=1)
        self.assertEqual(self.inbox._rescue("transactional"), message)
        self.assertEqual(message.state, "retry")
        message.write({"state": "running", "attempts": message._get_max_attempts()})
        self.inbox._rescue("transactional")
        self.assertEqual(message.state, "dead")

    def test_when_a_worker_is_taken_for_dead_is_a_setting_that_cannot_be_too_short(self):
        message = self._receive_tracker("1Z1")
        self.inbox._claim("transactional", 10)
        message.claimed_at = fields.Datetime.now() - timedelta(seconds=10)
        for seconds, is_dead in (("60", False), ("1", False), ("soon", False), ("5", True)):
            self.env["ir.config_parameter"].set_param("distribution_visibility.rescue_after_seconds", seconds)
            self.assertEqual(bool(self.inbox._rescue("transactional")), is_dead, seconds)

    def test_a_later_message_of_a_shipment_waits_for_the_earlier_ones_retry(self):
        bad = self._receive_tracker("1Z1", signed_by="POISON")
        later = self._receive_tracker("1Z1")
        other = self._receive_tracker("1Z2")
        with self._break("POISON"):
            self._work_off()
        self.assertEqual((bad.state, other.state), ("retry", "done"))
        bad.next_attempt_at = fields.Datetime.now() + timedelta(hours=1)
        newest = self._receive_tracker("1Z1")
        self._work_off()
        self.assertEqual((later.state, newest.state), ("done", "pending"))

    def test_a_lane_only_works_on_its_own_messages(self):
        self.easypost.lane = "bulk"
        message = self._receive_tracker("1Z1")
        self.assertFalse(self.inbox._claim("transactional", 10))
        self.assertEqual(self.inbox._claim("bulk", 10), message)

    def test_a_replayed_dead_letter_starts_from_the_first_attempt_and_says_who_and_why(self):
        bad = self._receive_tracker("POISON")
        bad._set_state("dead")
        bad.attempts = 9
        bad.with_user(self.owner).sudo()._replay("the adapter was mended")
        self.assertEqual((bad.state, bad.attempts, bad.replay_count), ("pending", 0, 1))
        self.assertEqual((bad.decision_reason, bad.decided_by_id), ("the adapter was mended", self.owner))
        self._work_off()
        self.assertEqual(bad.state, "done")

    def test_replaying_a_message_that_was_done_changes_nothing(self):
        message = self._tell(self.easypost, self._tracker("1Z1", DELAY))
        events = message.event_ids
        message._replay("to be sure")
        self._work_off()
        self.assertEqual((message.state, message.event_ids), ("done", events))

    def test_the_scheduled_action_works_off_everything_and_ends(self):
        messages = self._receive_tracker("1Z1") | self._receive_tracker("1Z2") | self._receive_tracker("1Z3")
        cron = self.env.ref("distribution_visibility.ir_cron_inbox_transactional")
        with self.enter_registry_test_mode(), mute_logger("odoo.addons.base.models.ir_cron"):
            cron.method_direct_trigger()
        messages.invalidate_recordset()
        self.assertEqual(set(messages.mapped("state")), {"done"})

    def test_a_backlog_over_the_limit_makes_the_door_say_come_back_later(self):
        self.assertEqual(self.inbox._measure_overload(), 0)
        self.patch(visibility_inbox_message, "get_number", lambda env, name: 1)
        self._receive_tracker("1Z1")
        self.assertGreater(self.inbox._measure_overload(), 0)

    def test_a_message_that_was_tried_before_comes_alone_so_that_it_can_kill_no_other(self):
        killer, innocent = self._receive_tracker("1Z1"), self._receive_tracker("1Z2")
        killer.write({"attempts": 1, "state": "retry"})
        self.assertEqual(self.inbox._claim("transactional", 10), killer)
        self.assertEqual(self.inbox._claim("transactional", 10), innocent)

    def test_a_claim_is_no_more_than_one_transaction_can_do_in_seconds(self):
        big = self._receive_tracker("1Z1")
        big.body_size = 900 * 1024
        other = self._receive_tracker("1Z2")
        other.body_size = 200 * 1024
        self.assertEqual(self.inbox._claim("transactional", 10), big)
        self.assertEqual(self.inbox._claim("transactional", 10), other)
