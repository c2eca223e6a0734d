"""Access to OASIS UBL 2.1 JSON: every element is a list of objects, a value is under ``_``.

The committee's own examples leave the list out where the schema allows one element only, so
both are read. What is missing reads as empty.
"""

import datetime as dt
import math
import re
from typing import Any

from ..moments import Moment
from .reading import expected, moment, text

UTC = dt.timezone.utc
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_TIME = re.compile(r"([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)(Z|[+-][0-9]{2}:[0-9]{2})?")
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")


def every(node: Any, *path: str) -> list[dict]:
    """All objects at the path, through lists."""
    nodes = node if isinstance(node, list) else [node]
    for name in path:
        found = [item.get(name) for item in nodes if isinstance(item, dict)]
        nodes = [one for value in found for one in (value if isinstance(value, list) else [value])]
    return [item for item in nodes if isinstance(item, dict)]


def value(node: Any, *path: str, limit: int = 128) -> str:
    """The first text at the path."""
    return next((found for item in every(node, *path) if (found := text(item.get("_"), limit))), "")


def number(given: Any) -> float | None:
    """A quantity or price that is finite and not negative, from a number or a decimal text."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        found = float(given)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and 0 <= found <= 1e12 else None


def amount(node: Any, *path: str) -> float | None:
    """The first number at the path."""
    return next((found for item in every(node, *path) if (found := number(item.get("_"))) is not None), None)


def when(node: Any, date: str, time: str = "") -> Moment | None:
    """Date and time of two elements; without a time the date's own midnight."""
    day = _DATE.fullmatch(value(node, date))
    hour = _TIME.fullmatch(value(node, time)) if time else None
    if not day:
        return None
    offset = (hour and hour[2]) or day[2] or ""
    return moment(f"{day[1]}T{hour[1] if hour else '00:00:00'}{offset}")


def promised(node: Any, date: str, time: str = "") -> Moment | None:
    """A promised date and time; a date alone counts until its end."""
    day = _DATE.fullmatch(value(node, date))
    if not day:
        return None
    if time and value(node, time):
        return when(node, date, time)
    return expected(day[1], _zone(day[2]))


def _zone(offset: str | None) -> dt.tzinfo | None:
    match = _OFFSET.fullmatch(offset or "")
    if not match:
        return UTC if offset == "Z" else None
    span = dt.timedelta(hours=int(match[2]), minutes=int(match[3]))
    if span > dt.timedelta(hours=14):
        return None
    return dt.timezone(-span if match[1] == "-" else span)
