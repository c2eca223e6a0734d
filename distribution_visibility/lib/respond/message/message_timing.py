"""When a message may go to somebody: outside of quiet hours, and not more often than agreed."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# Leaving quiet hours may lead into a full day and the other way round; after so many turns it is late enough.
MOST_TURNS = 20


class QuietHours(NamedTuple):
    """Hours of the recipient's day (0 to 24) in which nothing is sent; the same twice: none."""

    start: float
    end: float

    def get_end(self, moment, zone):
        """When the quiet hours that ``moment`` (naive UTC) falls into are over (naive UTC); None outside of them.

        :param zone: name of the recipient's time zone
        """
        if (self.end - self.start) % 24 == 0:
            return None
        zone = pytz.timezone(zone)
        local = pytz.utc.localize(moment).astimezone(zone)
        hour = local.hour + local.minute / 60 + local.second / 3600
        spans_midnight = self.start > self.end
        is_quiet = hour >= self.start or hour < self.end if spans_midnight else self.start <= hour < self.end
        if not is_quiet:
            return None
        day = local.date() + DAY if spans_midnight and hour >= self.start else local.date()
        minutes = round(self.end * 60)
        end = datetime.combine(day, time.min) + timedelta(minutes=minutes)
        return zone.localize(end).astimezone(pytz.utc).replace(tzinfo=None)


class Cap(NamedTuple):
    """How many messages somebody gets within 24 hours and within 7 days; 0: any number."""

    per_day: int
    per_week: int

    def get_room(self, moment, sent):
        """When there is room for one more (naive UTC); None when there is at ``moment``.

        :param list sent: when the last ones were sent, naive UTC, in any order
        """
        times = [
            room
            for most, span in ((self.per_day, DAY), (self.per_week, WEEK))
            if most and (room := self._get_room_within(moment, sent, most, span))
        ]
        return max(times, default=None)

    @staticmethod
    def _get_room_within(moment, sent, most, span):
        recent = sorted(one for one in sent if one > moment - span)
        return recent[-most] + span if len(recent) >= most else None


def find_moment(now, zone, quiet, cap, sent):
    """When a message may go at the earliest, and what it waits for.

    :return: (naive UTC, ``"quiet"``, ``"cap"`` or None); ``now`` and None when nothing stands in the way
    """
    moment, reason = now, None
    for _turn in range(MOST_TURNS):
        if room := cap.get_room(moment, sent):
            moment, reason = room, "cap"
        elif end := quiet.get_end(moment, zone):
            moment, reason = end, reason or "quiet"
        else:
            break
    return moment, reason
