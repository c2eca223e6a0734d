"""Times as senders write them: raw text kept, UTC worked out, doubt admitted.

``datetime.fromisoformat`` reads more texts on Python 3.11 than on 3.10, so the texts are read
here with one expression and mean the same on every version.
"""

import datetime as dt
import re
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

#: ISO 8601 calendar date, extended or basic, with an optional time and an optional offset.
_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})|(?P<month2>[0-9]{2})(?P<day2>[0-9]{2}))"
    r"(?:[Tt ](?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2})"
    r"(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,12}))?)?"
    r" ?(?P<offset>[Zz]|[+-][0-9]{2}(?:[:.]?[0-9]{2})?)?)?"
)
_COMPACT_TIME = re.compile(r"[0-9]{6}")
#: Epoch values from here on are milliseconds: as seconds they would lie after the year 5138.
_MILLISECONDS_FROM = 10**11
_END_OF_DAY = dt.time(23, 59, 59)


class Moment(BaseModel):
    """A point in time as received.

    ``at`` is in UTC. ``raw`` is the sender's own text. ``offset_known`` is false when the
    text had no offset and UTC was assumed: such a time may be wrong by up to 14 hours and is
    shown so. In canonical JSON a moment is an RFC 3339 string with an offset.
    """

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    raw: str = ""
    offset_known: bool = True

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            moment = parse_moment(value)
            if not moment.offset_known:
                raise ValueError("a time needs an offset from UTC, for example 2026-03-01T09:00:00Z")
            return {"at": moment.at, "raw": moment.raw, "offset_known": True}
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema, handler):
        return {"type": "string", "format": "date-time", "examples": ["2026-03-01T09:00:00Z"]}


def parse_moment(text: str, zone: dt.tzinfo | None = None) -> Moment:
    """Read an ISO 8601 / RFC 3339 text.

    Fractions of a second beyond microseconds are cut off, a leap second counts as the second
    before it, and a date alone is its midnight (for an expected date see ``parse_expected``).

    :param zone: the zone that the sender's documentation promises for texts without offset;
        with it the offset counts as known, without it UTC is assumed and said so.
    :raises ValueError: when it is no such text, or outside the years 1970 to 9998.
    """
    match = _ISO.fullmatch(text.strip())
    if not match:
        raise ValueError("not an ISO 8601 date and time")
    part = match.groupdict(default="0")
    local = _datetime(
        part["year"],
        match["month"] or part["month2"],
        match["day"] or part["day2"],
        part["hour"],
        part["minute"],
        part["second"],
        part["fraction"],
    )
    return _moment(local, _offset(match["offset"]) or zone, text)


def parse_expected(text: str, zone: dt.tzinfo | None = None) -> Moment:
    """Read the time by which something is expected.

    An estimate for a day, which is a date alone or one at exactly midnight, holds for the whole
    of that day: the answer is its last second, because a parcel that comes at 16:00 on its day
    is not late. Whose midnight ends the day is then the destination's and not written, so the
    offset only counts as known when ``zone`` was given.

    :raises ValueError: as ``parse_moment``.
    """
    moment = parse_moment(text, zone)
    # Midnight in the sender's own offset, not in UTC: 2026-03-01T00:00:00-05:00 is 1 March.
    match = _ISO.fullmatch(text.strip())
    offset = (match and _offset(match["offset"])) or zone or dt.timezone.utc
    local = moment.at.astimezone(offset)
    if local.time() != dt.time(0):
        return moment
    return _moment(dt.datetime.combine(local.date(), _END_OF_DAY), offset, text, known=zone is not None)


def parse_epoch(value: int | float | str) -> Moment:
    """Read seconds, or from 10^11 on milliseconds, since 1970-01-01T00:00:00Z.

    :raises ValueError: when it is no number, or outside the years 1970 to 9998.
    """
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,9})?", str(value)):
        raise ValueError("not a number of seconds since 1970")
    seconds = float(value)
    if seconds >= _MILLISECONDS_FROM:
        seconds /= 1000
    if seconds >= 253_370_764_800:  # 9999-01-01
        raise ValueError("the year is not between 1970 and 9998")
    at = dt.datetime.fromtimestamp(seconds, dt.timezone.utc)
    return Moment.model_construct(at=at, raw=str(value), offset_known=True)


def parse_compact(date: str, time: str = "", offset: str = "", zone: dt.tzinfo | None = None) -> Moment:
    """Read ``YYYYMMDD`` and ``HHMMSS`` from fields of their own, as UPS writes them.

    :param offset: ``-04:00``, ``-0400``, ``-04.00``, ``-04`` or ``Z``; empty when not given.
    :raises ValueError: as ``parse_moment``.
    """
    if not re.fullmatch(r"[0-9]{8}", date) or (time and not _COMPACT_TIME.fullmatch(time)):
        raise ValueError("not a date YYYYMMDD and a time HHMMSS")
    return parse_moment(f"{date}T{time or '000000'}{offset}", zone)


def _datetime(year, month, day, hour, minute, second, fraction) -> dt.datetime:
    if not 1970 <= int(year) <= 9998:
        raise ValueError("the year is not between 1970 and 9998")
    return dt.datetime(
        int(year),
        int(month),
        int(day),
        int(hour),
        int(minute),
        min(int(second), 59) if second == "60" else int(second),
        int(fraction[:6].ljust(6, "0")),
    )


def _offset(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    if text in "Zz":
        return dt.timezone.utc
    digits = text[1:].replace(":", "").replace(".", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        raise ValueError("an offset from UTC is at most 23:59")
    return dt.timezone((1 if text[0] == "+" else -1) * dt.timedelta(hours=hours, minutes=minutes))


def _moment(local: dt.datetime, zone: dt.tzinfo | None, raw: str, known: bool | None = None) -> Moment:
    at = local.replace(tzinfo=zone or dt.timezone.utc).astimezone(dt.timezone.utc)
    return Moment.model_construct(at=at, raw=raw, offset_known=zone is not None if known is None else known)
