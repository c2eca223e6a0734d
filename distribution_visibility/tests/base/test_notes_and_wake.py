import time
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ...models.base import wake as waking
from ...models.base.guard import guarded
from ...models.base.notes import get_noted, is_first, note
from ...models.base.wake import WAKE_EVERY_SECONDS, Linger, wake

CRON = "distribution_visibility.ir_cron_follow_up"


@tagged("post_install", "-at_install")
class TestNotes(TransactionCase):
    """What is noted is looked at once before the commit."""

    def setUp(self):
        super().setUp()
        self.env.cr.flush()
        self.follow_up = type(self.env["visibility.follow.up"])
        self.env["visibility.follow.up"].search([]).unlink()

    def _follow(self):
        return patch.object(self.follow_up, "_follow_rules", create=True)

    def test_however_often_it_is_noted_it_is_looked_at_once(self):
        with self._follow() as follow:
            note(self.env, "rules", 7, [1, 2])
            note(self.env(user=self.env.ref("base.user_demo", False) or self.env.user), "rules", 7, [2, 3])
            note(self.env, "rules", 8, [1])
            follow.assert_not_called()
            self.env.cr.flush()
            self.env.cr.flush()
        follow.assert_called_once_with({7: {1, 2, 3}, 8: {1}})
        self.assertFalse(get_noted(self.env, "rules"))

    def test_kinds_are_looked_at_in_the_order_in_which_they_were_noted(self):
        with patch.object(self.follow_up, "_take_notes") as take:
            note(self.env, "messages", "opened", [1])
            note(self.env, "rules", 7, [1])
            note(self.env, "messages", "ended", [2])
            self.env.cr.flush()
        self.assertEqual([call.args[0] for call in take.call_args_list], ["messages", "rules"])

    def test_what_is_noted_while_it_is_looked_at_is_looked_at_again(self):
        with self._follow() as follow:
            follow.side_effect = lambda noted: 7 in noted and note(self.env, "rules", 8, [2])
            note(self.env, "rules", 7, [1])
            self.env.cr.flush()
        self.assertEqual([call.args[0] for call in follow.call_args_list], [{7: {1}}, {8: {2}}])

    def test_where_somebody_waits_for_the_answer_it_is_written_down(self):
        with patch.object(self.follow_up, "_is_somebody_waiting", lambda self: True), self._follow() as follow:
            note(self.env, "rules", 7, [2, 1])
            self.env.cr.flush()
        follow.assert_not_called()
        row = self.env["visibility.follow.up"].search([])
        self.assertEqual((row.kind, row.payload), ("rules", '{"7": [1, 2]}'))

    def test_what_is_undone_is_not_looked_at(self):
        with self._follow() as follow:
            with guarded(self.env) as attempt:
                note(self.env, "rules", 7, [1])
                raise ZeroDivisionError
            self.env.cr.flush()
        self.assertTrue(attempt.error)
        follow.assert_not_called()

    def test_what_is_done_once_a_transaction_is_done_again_where_it_was_undone(self):
        keys = "visibility.test", "visibility.test.for_good"
        with guarded(self.env):
            self.assertTrue(is_first(self.env, keys[0]))
            self.assertTrue(is_first(self.env, keys[1], for_good=True))
            self.assertFalse(is_first(self.env, keys[0]))
            raise ZeroDivisionError
        self.assertTrue(is_first(self.env, keys[0]))
        self.assertFalse(is_first(self.env, keys[1], for_good=True))


@tagged("post_install", "-at_install")
class TestWake(TransactionCase):
    """A scheduled action is woken after the commit, a few times a second at most, and stays longer than that."""

    def setUp(self):
        super().setUp()
        self.env.cr.postcommit.clear()
        self.addCleanup(self.env.cr.postcommit.clear)
        self.patch(waking, "_last_wake", {})
        self.now = 1000.0
        self.patch(waking.time, "monotonic", lambda: self.now)
        cron = type(self.env["ir.cron"])
        trigger = patch.object(cron, "_trigger")
        self.trigger = trigger.start()
        self.addCleanup(trigger.stop)

    @contextmanager
    def _own_cursor(self):
        yield self.env.cr

    def _commit(self, *crons):
        for cron in crons:
            wake(self.env, cron)
        with patch.object(type(self.registry), "cursor", lambda registry: self._own_cursor()):
            self.env.cr.postcommit.run()

    def test_it_is_woken_only_after_the_commit(self):
        wake(self.env, CRON)
        self.trigger.assert_not_called()
        self._commit()
        self.trigger.assert_called_once_with()

    def test_what_is_rolled_back_wakes_nobody_and_counts_as_no_wake_up(self):
        wake(self.env, CRON)
        self.env.cr.postcommit.clear()
        self._commit(CRON)
        self.trigger.assert_called_once_with()

    def test_many_in_half_a_second_wake_once_and_the_next_one_wakes_again(self):
        self._commit(CRON, CRON)
        self._commit(CRON)
        self.now += WAKE_EVERY_SECONDS * 0.9
        self._commit(CRON)
        self.assertEqual(self.trigger.call_count, 1)
        self.now += WAKE_EVERY_SECONDS * 0.2
        self._commit(CRON)
        self.assertEqual(self.trigger.call_count, 2)

    def test_one_that_was_woken_keeps_no_other_one_asleep(self):
        self._commit(CRON, "distribution_visibility.ir_cron_inbox_bulk")
        self.assertEqual(self.trigger.call_count, 2)

    def test_one_that_cannot_be_woken_is_only_logged(self):
        self.trigger.side_effect = ZeroDivisionError
        with mute_logger(waking.__name__):
            self._commit(CRON)
        self.trigger.assert_called_once_with()

    def test_one_that_is_deleted_wakes_nobody(self):
        self._commit("distribution_visibility.ir_cron_of_nobody")
        self.trigger.assert_not_called()

    def test_who_is_woken_stays_longer_than_wake_ups_are_left_out(self):
        with self.assertRaises(ValueError):
            Linger(WAKE_EVERY_SECONDS, 0.1)
        linger = Linger(0.8, 0.1)
        self.now += 0.7
        self.assertFalse(linger.is_over)
        linger.renew()
        self.now += 0.7
        self.assertFalse(linger.is_over)
        self.now += 0.2
        self.assertTrue(linger.is_over)
        with patch.object(time, "sleep") as sleep:
            linger.rest()
        sleep.assert_called_once_with(0.1)
