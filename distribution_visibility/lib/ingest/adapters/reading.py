"""Safe access to bodies that others wrote: a wrong type reads as nothing, never as an error."""

import math
import re
from typing import Any

from ...base.numbers import normalise_number
from ..canonical import Place
from ..moments import Moment, parse_epoch, parse_expected, parse_moment

#: What PostgreSQL refuses in text (NUL), what UTF-8 cannot hold (lone surrogates), and control,
#: zero-width and direction marks that forge lines or hide text. Line breaks become a blank.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    r"\ud800-\udfff]"
)
_BLANKS = re.compile(r"\s+")


def mapping(value: Any) -> dict:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list:
    """The value when it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def dig(value: Any, *path: str) -> Any:
    """What lies at the path of keys, None when any step is missing or is no object."""
    for key in path:
        value = mapping(value).get(key)
    return value


def text(value: Any, limit: int = 128) -> str:
    """One line of text of at most ``limit`` characters.

    Numbers are written out (a code 21 is the text ``21``); null, booleans, objects and arrays
    read as empty.
    """
    if isinstance(value, float):
        value = repr(int(value)) if math.isfinite(value) and value.is_integer() else repr(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        # CPython refuses to write out integers of more than 4300 digits.
        value = str(value) if value.bit_length() < 1000 else ""
    if not isinstance(value, str):
        return ""
    return _BLANKS.sub(" ", _UNWANTED.sub("", value)).strip()[:limit].strip()


def first(*values: Any, limit: int = 128) -> str:
    """The first of the values that reads as text."""
    return next((found for value in values if (found := text(value, limit))), "")


def flag(value: Any) -> bool:
    """True only for ``true`` itself or a text that says so."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def moment(value: Any, zone=None) -> Moment | None:
    """An ISO 8601 text as a moment; None when it is not one (see ``moments.parse_moment``)."""
    return _lenient(parse_moment, value, zone)


def expected(value: Any, zone=None) -> Moment | None:
    """An ISO 8601 text as an expected time; a day counts until its end."""
    return _lenient(parse_expected, value, zone)


def epoch(value: Any) -> Moment | None:
    """Seconds or milliseconds since 1970 as a moment; None when it is not one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return parse_epoch(value)
    except ValueError:
        return None


def place(**parts: Any) -> Place | None:
    """A place of the parts that were given; None when there are none.

    ``country`` counts as ISO 3166-1 alpha-2 only when it has two letters; a longer text is the
    country's name and goes to the place's name when that is empty.
    """
    known = {key: found for key, value in parts.items() if (found := text(value))}
    country = known.get("country", "")
    if country and not re.fullmatch("[A-Za-z]{2}", country):
        known.pop("country")
        known.setdefault("name", country)
    elif country:
        known["country"] = country.upper()
    return Place(**known) if known else None


def normalised_number(value: Any) -> str:
    """A tracking number as it is compared (see ``base.numbers``); empty when it is none."""
    return normalise_number(text(value))


def _lenient(parser, value: Any, zone) -> Moment | None:
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        return parser(value, zone)
    except ValueError:
        return None
