from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_exception_handling import DELAYED, DELAYED_AGAIN, DELIVERED, HandlingCase

MONDAY = "2040-03-05 10:00:00"
FRIDAY = "2040-03-09 08:00:00"


@tagged("post_install", "-at_install")
class TestExceptionSnooze(HandlingCase):
    """What nobody can do anything about now is out of sight until a date or news, and never forgotten."""

    def _snooze(self, exceptions, user=None, **values):
        wizard = self._wizard("visibility.snooze.wizard", exceptions, user, **{"until": FRIDAY, **values})
        return wizard.action_confirm()

    def _open_filter(self, exception):
        action = self.env["ir.ui.view"].browse(
            self.env.ref("distribution_visibility.visibility_exception_view_search").id
        )
        self.assertIn("('is_snoozed', '=', False)", action.arch)
        return self.exceptions.search_count(
            [("id", "=", exception.id), ("is_open", "=", True), ("is_snoozed", "=", False)]
        )

    def test_a_snoozed_exception_is_off_the_list_and_its_order_stays_at_risk(self):
        with freeze_time(MONDAY):
            exception = self._open("1Z1", owner=self.agent)
            self._snooze(exception, self.agent, reason="The carrier looks into it")
        self.assertFalse(self._open_filter(exception))
        self.assertTrue(exception.is_open and exception.sale_order_ids.visibility_is_at_risk)
        self.assertEqual(exception.snooze_count, 1)
        self.assertIn("The carrier looks into it", exception.message_ids[0].body)
        self.assertEqual(exception.message_ids[0].author_id, self.agent.partner_id)

    def test_the_time_to_respond_starts_when_it_wakes_and_the_task_moves_along(self):
        with freeze_time(MONDAY):
            exception = self._open("1Z1")
            self._snooze(exception)
        self.assertGreater(exception.deadline, fields.Datetime.to_datetime(FRIDAY))
        self.assertEqual(exception.activity_ids.date_deadline, exception._get_deadline_day())

    def test_a_deadline_that_is_later_anyway_stays(self):
        with freeze_time(MONDAY):
            exception = self._open("1Z1")
            exception.deadline = "2040-05-01 10:00:00"
            self._snooze(exception)
        self.assertEqual(str(exception.deadline), "2040-05-01 10:00:00")

    def test_it_wakes_by_itself_on_the_day_and_not_before(self):
        with freeze_time(MONDAY):
            exception = self._open("1Z1")
            self._snooze(exception)
        cron = self.env.ref("distribution_visibility.ir_cron_wake_exceptions")
        for moment, is_asleep in (("2040-03-08 10:00:00", True), ("2040-03-09 08:01:00", False)):
            with freeze_time(moment), self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.assertEqual(exception.is_snoozed, is_asleep)
        self.assertTrue(self._open_filter(exception))
        self.assertFalse(exception.snoozed_until)
        self.assertGreater(exception.deadline, fields.Datetime.to_datetime(FRIDAY))

    def test_news_of_its_shipment_wakes_it_before_the_date(self):
        exception = self._open("1Z1", DELAYED)
        until = fields.Datetime.now() + timedelta(days=30)
        self._snooze(exception, wait_for="news", until=until)
        self._tell(self.easypost, self._tracker("1Z1", DELAYED))
        self.assertTrue(exception.is_snoozed, "the same news again is no news")
        self._tell(self.easypost, self._tracker("1Z1", DELAYED_AGAIN))
        self.assertFalse(exception.is_snoozed)
        self.assertLess(exception.deadline, until)
        self.assertTrue(any("There is news" in body for body in exception.message_ids.mapped("body")))

    def test_news_of_another_shipment_or_for_one_that_waits_for_a_date_wakes_nothing(self):
        exceptions = self._open("1Z1") | self._open("1Z2")
        until = fields.Datetime.now() + timedelta(days=3)
        self._snooze(exceptions[0], wait_for="news", until=until)
        self._snooze(exceptions[1], until=until)
        self._tell(self.easypost, self._tracker("1Z2", DELAYED_AGAIN))
        self.assertEqual(exceptions.mapped("is_snoozed"), [True, True])

    def test_what_is_over_needs_no_waking(self):
        exception = self._open("1Z1")
        self._snooze(exception, until=fields.Datetime.now() + timedelta(days=3))
        self._tell(self.easypost, self._tracker("1Z1", DELIVERED))
        self.assertEqual((exception.state, exception.is_snoozed), ("resolved", False))

    def test_only_what_brings_news_can_wait_for_them(self):
        with freeze_time(MONDAY):
            exception = self._open_about(self._create_delivery("1Z1").sale_id)
            with self.assertRaisesRegex(UserError, "bring news"):
                self._snooze(exception, wait_for="news")
            with self.assertRaisesRegex(UserError, "still to come"):
                self._snooze(exception, until="2040-03-01 10:00:00")
        self.assertFalse(exception.is_snoozed)

    def test_waking_by_hand_brings_the_deadline_back(self):
        with freeze_time(MONDAY):
            exception = self._open("1Z1", owner=self.agent)
            before = exception.deadline
            self._snooze(exception, self.agent)
            exception.with_user(self.agent).action_wake()
        self.assertEqual((exception.is_snoozed, exception.deadline), (False, before))

    def test_nobody_snoozes_or_wakes_what_belongs_to_others(self):
        with freeze_time(MONDAY):
            exception = self._open("1Z1", owner=self.colleague)
            with self.assertRaises(AccessError):
                self._snooze(exception, self.agent)
            self._snooze(exception, self.owner)
            with self.assertRaises(AccessError):
                exception.with_user(self.agent).action_wake()
        self.assertTrue(exception.is_snoozed)

    def test_the_smart_button_of_an_order_shows_the_snoozed_too(self):
        context = self._create_delivery("1Z1").sale_id.action_open_visibility_exceptions()["context"]
        self.assertTrue(context["search_default_snoozed"])

    def test_tomorrow_morning_is_the_users_own(self):
        self.agent.tz = "America/New_York"
        with freeze_time(MONDAY):
            wizard = self._wizard("visibility.snooze.wizard", self._open("1Z1"), self.agent)
        self.assertEqual(str(wizard.until), "2040-03-06 13:00:00")

    def test_many_sleep_at_once(self):
        with freeze_time(MONDAY):
            answer = self._snooze(self._open("1Z1") | self._open("1Z2"))
        self.assertIn("2 exceptions are snoozed", answer["params"]["message"])
