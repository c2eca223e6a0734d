"""When a company's night is: nightly rules run while nobody works."""

import datetime as dt
from zoneinfo import ZoneInfo

NIGHT_HOUR = 2


def last_night(now, zone):
    """The last time that it was two at night in a zone.

    :param now: naive UTC
    :param zone: an IANA name, such as Europe/Berlin
    :return: naive UTC, at most ``now``
    """
    local = now.replace(tzinfo=dt.timezone.utc).astimezone(ZoneInfo(zone))
    night = _night_of(local.date(), zone)
    return night if night <= now else _night_of(local.date() - dt.timedelta(days=1), zone)


def next_night(now, zone):
    """The next time that it is two at night in a zone, later than ``now``; naive UTC like it."""
    local = now.replace(tzinfo=dt.timezone.utc).astimezone(ZoneInfo(zone))
    night = _night_of(local.date(), zone)
    return night if night > now else _night_of(local.date() + dt.timedelta(days=1), zone)


def _night_of(day, zone):
    local = dt.datetime.combine(day, dt.time(NIGHT_HOUR), ZoneInfo(zone))
    return local.astimezone(dt.timezone.utc).replace(tzinfo=None)
