"""Days as people count them: on the wall clock of the place where the goods are delivered.

Two moments are on one day, or so many days apart, only in a zone: 16:30 in Los Angeles is the next day in UTC, and
noon in UTC is the next day in Auckland. Everything that compares days asks here. Moments are naive UTC, as Odoo keeps
them; a zone is the name of one, empty for UTC.
"""

import datetime as dt
from zoneinfo import ZoneInfo

UTC = dt.timezone.utc
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)


def to_local(moment: dt.datetime, zone: str) -> dt.datetime:
    """The moment on the zone's wall clock, aware."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone or "UTC"))


def local_day(moment: dt.datetime, zone: str) -> dt.date:
    """The day on which this moment is."""
    return to_local(moment, zone).date()


def at_local(day: dt.date, time: dt.time, zone: str) -> dt.datetime:
    """The moment at a time of a day; a time that the clock skips is as long after midnight as it says."""
    local = dt.datetime.combine(day, time, ZoneInfo(zone or "UTC"))
    return local.astimezone(UTC).replace(tzinfo=None)


def days_between(start: dt.datetime, end: dt.datetime, zone: str) -> int:
    """How many days later ``end`` is: 0 on the same day, less than zero when it is earlier."""
    return (local_day(end, zone) - local_day(start, zone)).days


def is_later_day(moment: dt.datetime, promised: dt.datetime, zone: str) -> bool:
    """Whether a day that was promised is over at this moment: a promise of a day is kept until that day ends."""
    return days_between(promised, moment, zone) > 0


def end_of_day(moment: dt.datetime, zone: str) -> dt.datetime:
    """The last second of the day on which this moment is."""
    return at_local(local_day(moment, zone) + DAY, dt.time.min, zone) - SECOND
