from datetime import datetime, time, timedelta, timezone

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools.intervals import Intervals

from ...lib.base.due_time import MOST_WIDENINGS, DueRule, OutOfHorizon, WorkingTime

UTC = timezone.utc


class ResourceCalendar(models.Model):
    """The one way in which working time is counted: for due times, deadlines, escalations and clocks.

    Odoo's own ways differ: what is open in a flexible calendar depends on the window that is asked, and with all
    rights a holiday of one company closes another's calendar. Working hours are kept in memory: any change makes all
    processes forget them.
    """

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "visibility.cached.mixin"]

    def _plan_visibility_hours(self, hours, moment, company):
        """When a company has worked so many hours from a moment on (both naive UTC).

        Without a calendar, or where its hours are too sparse, every hour counts.
        """
        begin = moment.replace(tzinfo=UTC)
        first, last = moment - timedelta(days=1), moment + DueRule(hours, "working_hours").get_span()
        for _widening in range(MOST_WIDENINGS):
            working = self._get_visibility_working_time(company, self.tz or "UTC", first, last)
            try:
                due = working.pass_hours(begin, hours)
                return due.astimezone(UTC).replace(tzinfo=None)
            except OutOfHorizon:
                last += last - first
        return moment + timedelta(hours=hours)

    def _get_visibility_working_time(self, company, zone, first, last):
        """Working time by whole months, so that most documents of a day need the same, which is in memory.

        :param company: whose public holidays count
        :param zone: the name of the zone whose wall clock counts for cut-offs and days
        :param first, last: naive UTC; all working time between them is in the answer
        """
        if not self:
            return WorkingTime(zone)
        end = (last.replace(day=1) + timedelta(days=32)).replace(day=1)
        return self._read_visibility_working_time(self.id, company.id, zone, first.date().replace(day=1), end.date())

    @api.model
    @tools.ormcache("calendar_id", "company_id", "zone", "first", "last")
    def _read_visibility_working_time(self, calendar_id, company_id, zone, first, last):
        """The working time from one day to another. Any change of working hours or holidays forgets it."""
        begin, end = (datetime.combine(day, time.min, UTC) for day in (first, last))
        calendar = self.sudo().browse(calendar_id)
        domain = list(calendar._get_visibility_leave_domain(company_id))
        intervals = calendar._get_visibility_attendances(begin, end)
        intervals -= calendar._leave_intervals_batch(begin, end, domain=domain)[False]
        return WorkingTime(zone, [(one.astimezone(UTC), two.astimezone(UTC)) for one, two, _ in intervals])

    def _get_visibility_attendances(self, begin, end):
        """When is worked: office hours where nobody says when."""
        if self.attendance_ids and not self.flexible_hours:
            return self._attendance_intervals_batch(begin, end)[False]
        clock = WorkingTime(self.tz or "UTC")
        hours = clock.get_office_hours(begin.date(), end.date())
        return Intervals([(one, two, self.env["resource.calendar.attendance"]) for one, two in hours])

    @api.model
    def _get_visibility_leave_domain(self, company_id):
        """Public holidays: the calendar's own, and those of all calendars of this company."""
        whose = Domain("calendar_id", "!=", False) | Domain("company_id", "in", [False, company_id])
        return Domain("time_type", "=", "leave") & whose


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "visibility.cached.mixin"]


class ResourceCalendarLeaves(models.Model):
    """Holidays matter to due times; the leave of one person does not."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._forget_working_time()
        return leaves

    def write(self, vals):
        self._forget_working_time()
        result = super().write(vals)
        self._forget_working_time()
        return result

    def unlink(self):
        self._forget_working_time()
        return super().unlink()

    def _forget_working_time(self):
        if any(not leave.resource_id for leave in self):
            self.env.registry.clear_cache()
