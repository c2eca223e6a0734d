from datetime import timedelta, timezone

from odoo.tests import tagged

from .expectation_case import ExpectationCase

FRIDAY = "2026-02-06 16:00:00"  # on Berlin's wall clock


@tagged("post_install", "-at_install")
class TestWorkingTime(ExpectationCase):
    """One way of counting working time: for due times, deadlines, escalations and clocks in the warehouse."""

    def _get_all_dues(self, hours, local=FRIDAY):
        """When so many working hours have passed, by each that counts them; in UTC."""
        begin = self._utc(local)
        category = self.env.ref("distribution_visibility.category_delayed_in_transit")
        category.response_hours = hours
        template = self.env.ref("distribution_visibility.expectation_order_acknowledged")
        template.write({"offset": hours, "offset_unit": "working_hours", "has_cut_off": False})
        order = self._buy("2026-03-02 11:00:00")
        item = (template._get_plan(), order, begin)
        self._travel(begin)
        return {
            "deadline": self.env["visibility.exception"]._get_deadline(category, self.company, since=begin),
            "expectation": self.env["visibility.expectation.template"]._get_due_times([item])[item],
            "escalation": self.env["visibility.escalation.policy"]._plan(self.company, begin, hours, {}),
            "clock": order.picking_ids._get_dues_within(hours)[order.picking_ids],
        }

    def assertAllDue(self, hours, local, zone="Europe/Berlin"):
        dues = self._get_all_dues(hours)
        self.assertEqual(dues, dict.fromkeys(dues, self._utc(local, zone)))

    def test_deadlines_due_times_escalations_and_clocks_agree(self):
        self.assertAllDue(16, "2026-02-10 16:00:00")

    def test_flexible_hours_are_office_hours_and_no_weekend(self):
        self.calendar.schedule_type = "flexible"
        self.assertAllDue(16, "2026-02-10 16:00:00")

    def test_a_calendar_without_hours_has_office_hours(self):
        self.calendar.attendance_ids.unlink()
        self.assertAllDue(16, "2026-02-10 16:00:00")

    def test_flexible_hours_are_the_same_whatever_window_is_asked(self):
        self.calendar.schedule_type = "flexible"
        begin, found = self._utc(FRIDAY), set()
        for before, after in ((0, 1), (1, 30), (3, 60), (40, 200)):
            first, last = begin - timedelta(days=before), begin + timedelta(days=after)
            working = self.calendar._get_visibility_working_time(self.company, "Europe/Berlin", first, last)
            found.add(working.pass_hours(begin.replace(tzinfo=timezone.utc), 16))
        self.assertEqual(len(found), 1)

    def test_office_hours_follow_the_wall_clock_into_summer_time(self):
        self.calendar.schedule_type = "flexible"
        due = self.calendar._plan_visibility_hours(16, self._utc("2026-03-27 16:00:00"), self.company)
        self.assertEqual(due, self._utc("2026-03-31 16:00:00"))

    def test_a_public_holiday_of_one_company_moves_nothing_in_another(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        holiday = self.env["resource.calendar.leaves"].with_company(other).create(
            {
                "name": "National day",
                "date_from": self._utc("2026-02-09 00:00:00"),
                "date_to": self._utc("2026-02-09 23:59:59"),
            }
        )
        self.assertEqual((holiday.company_id, holiday.calendar_id.id), (other, False))
        self.assertAllDue(16, "2026-02-10 16:00:00")
        holiday.sudo().company_id = self.company
        self.assertAllDue(16, "2026-02-11 16:00:00")

    def test_outside_working_hours_counting_starts_when_the_day_begins(self):
        plan = self.calendar._plan_visibility_hours
        for hours, local in ((0, "2026-02-09 08:00:00"), (1, "2026-02-09 09:00:00")):
            self.assertEqual(plan(hours, self._utc("2026-02-07 11:00:00"), self.company), self._utc(local))
        self.assertEqual(plan(0, self._utc("2026-02-09 10:00:00"), self.company), self._utc("2026-02-09 10:00:00"))

    def test_without_a_calendar_every_hour_counts(self):
        none = self.env["resource.calendar"]
        due = none._plan_visibility_hours(16, self._utc(FRIDAY), self.company)
        self.assertEqual(due, self._utc("2026-02-07 08:00:00"))
