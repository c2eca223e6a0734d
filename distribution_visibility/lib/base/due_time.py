"""When something is due: from a moment, by working hours or days, and a cut-off time; and the grace after it.

All moments are aware and in UTC unless a name says local; what is local is local to a zone's wall clock, so that
a day over a change to or from daylight saving time is still a day.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from zoneinfo import ZoneInfo

UTC = dt.timezone.utc
DAY = dt.timedelta(days=1)
#: Working hours that are still too sparse when one has looked so many times further are no working hours.
MOST_WIDENINGS = 3
#: From when to when is worked, Monday to Friday, where a calendar does not say: an office day of eight hours.
OFFICE_HOURS = ((8, 12), (13, 17))


class OutOfHorizon(LookupError):
    """The working time at hand does not reach far enough: get more of it and try again."""


@dataclass(frozen=True)
class DueRule:
    """How a due time follows from the moment it is counted from.

    ``unit`` is working_hours, working_days, hours or days. ``cut_off`` is a time of day in hours (17.5 is half past
    five, 24 the end of the day), None for none. ``grace_hours`` are no part of the due time: so much later is somebody
    told.
    """

    amount: float = 0
    unit: str = "hours"
    is_before: bool = False
    cut_off: float | None = None
    grace_hours: float = 0

    def get_span(self):
        """How far from its base the due time may be, roughly: what working time is needed for."""
        days = {"working_hours": self.amount / 4, "working_days": self.amount * 2, "hours": self.amount / 24}
        return dt.timedelta(days=14 + days.get(self.unit, self.amount))

    def get_tell_at(self, due):
        """From when on somebody is told that what was due has not happened."""
        return due + dt.timedelta(hours=self.grace_hours)

    def needs_working_time(self):
        return self.cut_off is not None or (self.amount and self.unit.startswith("working"))


class WorkingTime:
    """When is worked, within a horizon; without intervals every hour of every day counts."""

    def __init__(self, zone, intervals=None, horizon=None):
        """``intervals`` are sorted pairs of moments, ``horizon`` is the pair between which all of them are known."""
        self.zone = ZoneInfo(zone)
        self.intervals = intervals
        self.horizon = horizon
        self.days = sorted({self.to_local(start).date() for start, _end in intervals or ()})

    def to_local(self, moment):
        return moment.astimezone(self.zone)

    def at(self, day, hours):
        """The moment at a time of day; 24 is the end of that day."""
        midnight = dt.datetime.combine(day, dt.time.min)
        return (midnight + dt.timedelta(hours=hours)).replace(tzinfo=self.zone).astimezone(UTC)

    def get_office_hours(self, first, last):
        """Pairs of moments between which offices are open, from one day (included) to another (not included)."""
        days = (first + DAY * index for index in range((last - first).days))
        return [
            (self.at(day, start), self.at(day, end))
            for day in days
            if day.weekday() < 5
            for start, end in OFFICE_HOURS
        ]

    # ------------------------------------------------------------------ moving
    def move(self, moment, amount, unit):
        """So much later, or earlier where the amount is less than zero."""
        if not amount:
            return moment
        if self.intervals is not None and unit == "working_hours":
            return self._move_hours(moment, amount)
        if self.intervals is not None and unit == "working_days":
            return self._move_days(moment, int(amount))
        if unit.endswith("days"):
            local = self.to_local(moment)
            return self.at((local + DAY * amount).date(), self._get_hours(local))
        return moment + dt.timedelta(hours=amount)

    def pass_hours(self, moment, hours):
        """When so many hours have been worked from a moment on; none of them: when it is worked the next time.

        :raises OutOfHorizon: when the working time at hand does not reach far enough
        """
        return self._move_hours(moment, hours) if self.intervals is not None else moment + dt.timedelta(hours=hours)

    def _move_hours(self, moment, hours):
        left = dt.timedelta(hours=abs(hours))
        for start, end in self.intervals if hours >= 0 else reversed(self.intervals):
            if hours >= 0 and end > moment:
                begin = max(start, moment)
                if left <= end - begin:
                    return begin + left
                left -= end - begin
            elif hours < 0 and start < moment:
                finish = min(end, moment)
                if left <= finish - start:
                    return finish - left
                left -= finish - start
        raise OutOfHorizon

    def _move_days(self, moment, days):
        local = self.to_local(moment)
        after = bisect_right(self.days, local.date()) - 1 + days
        index = after if days > 0 else bisect_left(self.days, local.date()) + days
        return self.at(self._get_day(index), self._get_hours(local))

    def count_days(self, start, end):
        """How many working days have passed between two moments, each from one time of day to the same."""
        first, last = self.to_local(start), self.to_local(end)
        if self.intervals is None:
            return max((last - first).days, 0)
        begun, ended = (bisect_right(self.days, local.date()) for local in (first, last))
        before = bisect_left(self.days, last.date())
        is_unfinished = before < ended and self._get_hours(last) < self._get_hours(first)
        return max(ended - begun - is_unfinished, 0)

    # ------------------------------------------------------------------ cut-off
    def get_next_cut_off(self, moment, cut_off):
        """The first cut-off on a working day that is not over at this moment."""
        day = self.to_local(moment).date()
        if moment > self.at(day, cut_off):
            day += DAY
        return self.at(self._get_working_day(day, 1), cut_off)

    def get_cut_off_before(self, moment, cut_off):
        """The cut-off of the day of this moment, or of the last working day before."""
        return self.at(self._get_working_day(self.to_local(moment).date(), -1), cut_off)

    def _get_working_day(self, day, direction):
        if self.intervals is None:
            return day
        index = bisect_left(self.days, day) if direction > 0 else bisect_right(self.days, day) - 1
        return self._get_day(index)

    def _get_day(self, index):
        if not 0 <= index < len(self.days):
            raise OutOfHorizon
        return self.days[index]

    @staticmethod
    def _get_hours(local):
        return local.hour + local.minute / 60 + (local.second + local.microsecond / 1e6) / 3600


def get_due(base, rule, working_time):
    """When something is due that is counted from ``base``; both naive UTC, as Odoo keeps times.

    What comes after the cut-off counts as come at the next working day's. Counted backwards, the cut-off is that
    of the day that is reached.

    :raises OutOfHorizon: when the working time at hand does not reach far enough
    """
    moment = base.replace(tzinfo=UTC)
    if rule.is_before:
        moment = working_time.move(moment, -rule.amount, rule.unit)
        if rule.cut_off is not None:
            moment = working_time.get_cut_off_before(moment, rule.cut_off)
    else:
        if rule.cut_off is not None:
            moment = working_time.get_next_cut_off(moment, rule.cut_off)
        moment = working_time.move(moment, rule.amount, rule.unit)
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
