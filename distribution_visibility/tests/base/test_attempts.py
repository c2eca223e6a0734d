from unittest import TestCase
from unittest.mock import patch

import psycopg2
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger
from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from ...models.base.guard import CONFLICTS, attempt_all, giving_way, guarded

LOCK = 0x7669, 1


@tagged("post_install", "-at_install")
class TestAttempts(TransactionCase):
    """What goes wrong is undone alone; what is a conflict with another transaction is never swallowed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create([{"name": f"Partner {number}"} for number in range(8)])

    # ------------------------------------------------------------------ failures
    def test_work_that_succeeds_stays_and_leaves_no_error(self):
        with guarded(self.env) as attempt:
            self.partners.ref = "done"
        self.assertIsNone(attempt.error)
        self.assertGreaterEqual(attempt.seconds, 0)
        self.env.invalidate_all()
        self.assertEqual(set(self.partners.mapped("ref")), {"done"})

    def test_what_fails_is_undone_in_the_database_and_in_memory_and_what_was_before_stays(self):
        self.partners[0].ref = "before"
        with guarded(self.env) as attempt:
            self.partners.ref = "half done"
            self.env.flush_all()
            raise ZeroDivisionError("a bug")
        self.assertIsInstance(attempt.error, ZeroDivisionError)
        self.assertEqual(self.partners[0].ref, "before")
        self.assertFalse(self.partners[1].ref)

    def test_what_fails_only_when_it_is_written_at_the_end_is_a_failure_of_this_work(self):
        with mute_logger("odoo.sql_db"), guarded(self.env) as attempt:
            self.env.cr.precommit.add(lambda: self.env.cr.execute("SELECT 1 / 0"))
        self.assertIsInstance(attempt.error, psycopg2.errors.DivisionByZero)
        self.assertTrue(self.partners.exists(), "the transaction can be used")

    def test_what_waited_to_be_written_before_is_not_taken_for_a_failure_of_this_work(self):
        def refuse():
            raise AccessError(self.env._("not of this work"))

        self.env.cr.precommit.add(refuse)
        # Odoo's own assertRaises would write it before
        with TestCase.assertRaises(self, AccessError), guarded(self.env):
            self.fail("it does not even begin")

    def test_only_the_exceptions_that_are_named_are_failures(self):
        with guarded(self.env, catches=UserError) as attempt:
            raise UserError(self.env._("No."))
        self.assertEqual(str(attempt.error), "No.")
        with self.assertRaises(ZeroDivisionError), guarded(self.env, catches=UserError):
            raise ZeroDivisionError

    def test_an_end_of_the_process_is_no_failure(self):
        with self.assertRaises(KeyboardInterrupt), guarded(self.env):
            raise KeyboardInterrupt

    def test_without_flush_nothing_is_written_before_and_nothing_forgotten_after(self):
        self.partners[0].ref = "stands in the form"
        with guarded(self.env, flush=False) as attempt:
            raise ZeroDivisionError
        self.assertTrue(attempt.error)
        self.assertEqual(self.partners[0].ref, "stands in the form")

    def test_an_attempt_costs_one_savepoint(self):
        self.env.flush_all()
        with self.assertQueryCount(2), guarded(self.env):
            pass

    # ------------------------------------------------------------------ conflicts
    def test_conflicts_are_exactly_what_odoo_runs_a_request_again_for(self):
        self.assertEqual(set(CONFLICTS), set(PG_CONCURRENCY_EXCEPTIONS_TO_RETRY))
        self.assertEqual(set(CONFLICTS), {LockNotAvailable, SerializationFailure, DeadlockDetected})

    def test_conflicts_are_raised_on_whatever_counts_as_a_failure(self):
        for conflict in CONFLICTS:
            for catches in (Exception, psycopg2.Error):
                with self.subTest(conflict), self.assertRaises(conflict), guarded(self.env, catches=catches):
                    raise conflict

    def test_a_lock_that_another_transaction_holds_is_a_conflict_and_the_transaction_can_go_on(self):
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
            with self.assertRaises(LockNotAvailable), mute_logger("odoo.sql_db"), guarded(self.env):
                self._take_lock()
        self.assertTrue(self.partners.exists())

    def test_who_gives_way_leaves_it_at_a_conflict_and_raises_everything_else(self):
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
            with giving_way(self.env) as attempt, mute_logger("odoo.sql_db"):
                self._take_lock()
        self.assertIsInstance(attempt.error, LockNotAvailable)
        with self.assertRaises(UserError), giving_way(self.env):
            raise UserError(self.env._("No."))

    def _take_lock(self):
        self.env.cr.execute("SET LOCAL lock_timeout = '50ms'")
        self.env.cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)

    # ------------------------------------------------------------------ all, halves, one by one
    def _attempt_all(self, bad, **options):
        """Mark all partners, where ``bad`` ones cannot be; gives what was tried together, and what failed."""
        tried, failed = [], []

        def work(partners):
            tried.append(len(partners))
            partners.ref = "done"
            if partners & bad:
                raise ZeroDivisionError("a bug")

        attempt_all(self.env, self.partners, work, lambda one, attempt: failed.append((one, attempt.error)), **options)
        return tried, failed

    def test_where_nothing_fails_all_are_tried_once_and_together(self):
        self.assertEqual(self._attempt_all(self.partners.browse()), ([8], []))

    def test_a_bad_one_is_found_by_halves_and_stops_no_other(self):
        bad = self.partners[5]
        tried, failed = self._attempt_all(bad)
        self.assertEqual(tried, [8, 4, 4, 2, 1, 1, 2])
        self.assertEqual([(one, str(error)) for one, error in failed], [(bad, "a bug")])
        self.assertEqual(self.partners.filtered("ref"), self.partners - bad)

    def test_each_bad_one_fails_for_itself(self):
        _tried, failed = self._attempt_all(self.partners)
        self.assertEqual([one for one, _error in failed], list(self.partners))

    def test_where_an_error_says_which_are_the_trouble_the_others_are_tried_again_together(self):
        bad = self.partners[5]
        tried, failed = self._attempt_all(bad, sort_out=lambda partners, error: partners - bad)
        self.assertEqual((tried, failed), ([8, 7], []))
        self.assertEqual(self.partners.filtered("ref"), self.partners - bad)

    def test_of_nothing_nothing_is_tried(self):
        with patch.object(type(self.env.cr), "savepoint") as savepoint:
            attempt_all(self.env, self.partners.browse(), self.fail, self.fail)
        savepoint.assert_not_called()

    def test_a_conflict_of_one_stops_all(self):
        def work(_partners):
            raise SerializationFailure

        with self.assertRaises(SerializationFailure):
            attempt_all(self.env, self.partners, work, self.fail)
