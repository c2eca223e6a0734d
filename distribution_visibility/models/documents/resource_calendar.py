from datetime import datetime, time, timedelta, timezone

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.intervals import Intervals

from ...lib.base.days import DAY, at_local
from ...lib.base.due_time import MOST_WIDENINGS, DueRule, OutOfHorizon, WorkingTime
from ...lib.base.neighbours import ask

UTC = timezone.utc
#: Public holidays as OCA keeps them: by country and state, without a calendar.
HOLIDAYS = "calendar.public.holiday"


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
        months = first.date().replace(day=1), end.date()
        return self._read_visibility_working_time(self.id, company.id, zone, *months, self._get_holidays_state())

    @api.model
    @tools.ormcache("calendar_id", "company_id", "zone", "first", "last", "holidays")
    def _read_visibility_working_time(self, calendar_id, company_id, zone, first, last, holidays):
        """The working time from one day to another. Any change of working hours or holidays forgets it.

        :param holidays: what :meth:`_get_holidays_state` says: with other holidays it is worked out anew
        """
        begin, end = (datetime.combine(day, time.min, UTC) for day in (first, last))
        calendar = self.sudo().browse(calendar_id)
        domain = list(calendar._get_visibility_leave_domain(company_id))
        intervals = calendar._get_visibility_attendances(begin, end)
        intervals -= calendar._leave_intervals_batch(begin, end, domain=domain)[False]
        intervals -= calendar._get_public_holidays(company_id, first, last)
        return WorkingTime(zone, [(one.astimezone(UTC), two.astimezone(UTC)) for one, two, _ in intervals])

    def _get_visibility_attendances(self, begin, end):
        """When is worked: office hours where nobody says when."""
        if self.attendance_ids and not self.flexible_hours:
            return self._attendance_intervals_batch(begin, end)[False]
        clock = WorkingTime(self.tz or "UTC")
        hours = clock.get_office_hours(begin.date(), end.date())
        return Intervals([(one, two, self.env["resource.calendar.attendance"]) for one, two in hours])

    # ------------------------------------------------------------------ public holidays of a neighbour
    def _get_public_holidays(self, company_id, first, last):
        """The days that OCA's ``calendar_public_holiday`` knows for the company's country and state, as leaves are."""
        holidays = ask(self.env, HOLIDAYS)
        if holidays is None:
            return Intervals()
        partner = self.env["res.company"].sudo().browse(company_id).partner_id
        around = {"start_dt": first - DAY, "end_dt": last + DAY}
        days = holidays.get_holidays_list(**around, partner_id=partner.id).mapped("date")
        leaves = self.env["resource.calendar.leaves"]
        return Intervals([(*(self._get_midnight(one) for one in (day, day + DAY)), leaves) for day in days])

    def _get_midnight(self, day):
        return at_local(day, time.min, self.tz or "UTC").replace(tzinfo=UTC)

    @api.model
    def _get_holidays_state(self):
        """What differs as soon as those holidays do: they are not ours, so nothing else tells that they changed."""
        holidays = ask(self.env, HOLIDAYS)
        if holidays is None:
            return None
        lines = self.env[f"{HOLIDAYS}.line"]
        (holidays.flush_model(), lines.flush_model())
        query = SQL(
            """SELECT md5(string_agg(concat(day.id, day.date, day.write_date, year.country_id), ',' ORDER BY day.id))
                 FROM %s day JOIN %s year ON year.id = day.public_holiday_id""",
            SQL.identifier(lines._table),
            SQL.identifier(holidays._table),
        )
        return self.env.execute_query(query)[0][0]

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
