from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_escalation import ESCALATION, EscalationCase


@tagged("post_install", "-at_install")
class TestEscalationGaps(EscalationCase):
    """Nothing that goes wrong on the way leaves an exception without anybody who hears of it."""

    # ------------------------------------------------------------------ whose tasks
    @freeze_time("2026-03-02 09:00:00")
    def test_who_was_told_keeps_the_task_when_the_exception_is_handed_over(self):
        self._policy(self._tell(2, self.boss))
        exception = self._raise(self._create_partners(1))
        self._escalate("2026-03-02 12:00:00")
        self.assertEqual(exception.activity_ids.user_id, self.colleague | self.boss)
        exception.user_id = self.owner
        self.assertEqual(exception.activity_ids.user_id, self.owner | self.boss)
        exception.deadline = "2031-05-05 12:00:00"
        dates = {one.user_id: fields.Date.to_string(one.date_deadline) for one in exception.activity_ids}
        self.assertEqual(dates, {self.owner: "2031-05-05", self.boss: "2026-03-02"})

    # ------------------------------------------------------------------ severity
    @freeze_time("2026-03-02 09:00:00")
    def test_what_becomes_severe_later_escalates_from_then_on(self):
        self._policy(self._tell(2, self.boss), severity="blocking")
        exception = self._raise(self._create_partners(1))
        self.assertFalse(exception.escalation_due_at)
        exception.severity = "blocking"
        self.assertTrue(exception.escalation_due_at)
        self._escalate("2026-03-02 12:00:00")
        self.assertEqual(exception.escalation_step_ids.user_ids, self.boss)

    @freeze_time("2026-03-02 09:00:00")
    def test_what_escalates_already_goes_on_where_it_was_when_it_becomes_more_severe(self):
        self._policy(self._tell(2, self.colleague), self._tell(2, self.boss))
        exception = self._raise(self._create_partners(1))
        self._escalate("2026-03-02 11:00:00")
        due = exception.escalation_due_at
        exception.severity = "blocking"
        self.assertEqual((exception.escalation_level, exception.escalation_due_at), (1, due))

    @freeze_time("2026-03-02 09:00:00")
    def test_what_somebody_has_seen_does_not_escalate_when_it_becomes_more_severe(self):
        self._policy(self._tell(2, self.boss), severity="blocking")
        exception = self._raise(self._create_partners(1))
        exception.with_user(self.colleague).action_acknowledge()
        exception.severity = "blocking"
        self.assertFalse(exception.escalation_due_at)

    # ------------------------------------------------------------------ levels that fail
    def _fail_level_one(self, exception):
        take = type(exceptions := exception)._take_level

        def fail(one, level, number, *args):
            if number == 1:
                raise ValueError("The mail is broken")
            return take(one, level, number, *args)

        return patch.object(type(exceptions), "_take_level", fail)

    @freeze_time("2026-03-02 09:00:00")
    @mute_logger(ESCALATION)
    def test_a_level_that_always_fails_does_not_stop_the_next_one_and_somebody_is_told(self):
        self._policy(self._tell(2, self.colleague), self._tell(2, self.boss))
        exception = self._raise(self._create_partners(1))
        with self._fail_level_one(exception):
            for hour in range(11, 17):
                self._escalate(f"2026-03-02 {hour}:30:00")
            self._escalate("2026-03-03 16:00:00")
        self.assertEqual(exception.escalation_step_ids.mapped("level"), [2])
        self.assertEqual(exception.escalation_step_ids.user_ids, self.boss)
        failed = self._get_runs(("origin", "=", "escalation"), ("result", "=", "failed"))
        self.assertEqual((failed.exception_id, failed.detail), (exception, "The mail is broken"))
        incidents = self.env["visibility.incident"].sudo()
        incidents._watch()
        found = incidents.search([("kind", "=", "escalation_failed"), ("resolved_at", "=", False)])
        self.assertIn("1", found.name)
        exception.state = "resolved"
        incidents._watch()
        self.assertTrue(found.resolved_at)

    # ------------------------------------------------------------------ messages that fail
    @freeze_time("2026-03-02 09:00:00")
    @mute_logger(ESCALATION)
    def test_one_person_who_cannot_be_told_stops_neither_the_levels_nor_the_others(self):
        self._policy(self._tell(2, self.boss, self.owner))
        exceptions = self._raise(*self._create_partners(2))
        notify = type(self.env["mail.thread"]).message_notify
        told = []

        def fail(thread, *args, partner_ids=(), **kwargs):
            if self.boss.partner_id.id in partner_ids:
                thread.env.cr.execute("SELECT 1 FROM no_such_table")
            told.extend(partner_ids)
            return notify(thread, *args, partner_ids=partner_ids, **kwargs)

        with patch.object(type(self.env["mail.thread"]), "message_notify", fail), mute_logger("odoo.sql_db"):
            self._escalate("2026-03-02 12:00:00")
        self.assertEqual(exceptions.mapped("escalation_level"), [1, 1])
        self.assertIn(self.owner.partner_id.id, told)
