"""JSON at the door: RFC 8259 under the I-JSON profile (RFC 7493), and nothing laxer.

Python's own parser guesses UTF-16, accepts NaN and Infinity, overflows ``1e999`` to infinity,
keeps the last of duplicate names, recurses as deep as a stranger likes, and lets through lone
surrogates and U+0000, which PostgreSQL refuses much later. Here all of that is InvalidJson.
"""

import json
import re
from collections.abc import Iterable
from itertools import accumulate
from typing import Any, NoReturn

from ..base.errors import InvalidJson

MAX_DEPTH = 64
_LARGEST_INTEGER_DIGITS = 19
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_INFINITY = float("inf")
_STRING = re.compile(rb'"[^"]*"?')
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))
_UP_OR_DOWN = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_ONE_DIGIT = bytes.maketrans(b"123456789E", b"000000000e")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def loads(raw: bytes, max_depth: int = MAX_DEPTH) -> Any:
    """Parse an object or an array.

    :param raw: the body as received; UTF-8 without byte order mark.
    :param max_depth: how many arrays and objects may be inside each other.
    :raises InvalidJson: for everything else, with one sentence that says what is wrong. No other
        exception leaves this function.
    """
    text = _decode(raw)
    _check_depth(raw, max_depth)
    try:
        value = (_CAREFUL if _has_suspect_numbers(raw) else _FAST).decode(text)
    except json.JSONDecodeError as error:
        raise InvalidJson(f"The body is not JSON: {error.msg} at character {error.pos}.") from None
    except RecursionError:
        raise InvalidJson("The body is nested too deeply.") from None
    if not isinstance(value, dict | list):
        raise InvalidJson("The body must be a JSON object or array.")
    # Raw surrogates cannot be: strict UTF-8 has none. Only escapes can bring forbidden characters.
    if b"\\u0000" in raw or b"\\ud" in raw or b"\\uD" in raw:
        _check_strings(value)
    return value


def _decode(raw: bytes) -> str:
    if raw.startswith(b"\xef\xbb\xbf"):
        raise InvalidJson("The body begins with a byte order mark.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidJson(f"The body is not UTF-8: wrong byte at position {error.start}.") from None


def _check_depth(raw: bytes, max_depth: int) -> None:
    """Measure nesting outside strings, before anything recurses over it."""
    if raw.count(b"[") + raw.count(b"{") > max_depth:
        steps = memoryview(_brackets(raw).translate(_UP_OR_DOWN)).cast("b")
        if max(accumulate(steps), default=0) > max_depth:
            raise InvalidJson(f"The body is nested more than {max_depth} levels deep.")


def _brackets(raw: bytes) -> bytes:
    """The brackets outside strings.

    Whole passes in C: a regular expression over the whole body takes longer than parsing it.
    Where the body is not JSON this may misread what comes after the error, never before it.
    """
    if b"\\" in raw:
        # A backslash before a quote counts unless it is itself escaped: pairs first.
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Adjacent quotes are a string without brackets, or the seam of two strings: either may go.
    return _STRING.sub(b"", raw.translate(None, _NOT_STRUCTURE).replace(b'""', b""))


def _has_suspect_numbers(raw: bytes) -> bool:
    """Whether a number may be beyond 64 bits or overflow: only then is each number looked at."""
    digits = raw.translate(_ONE_DIGIT)
    return b"0" * _LARGEST_INTEGER_DIGITS in digits or b"0e0" in digits or b"0e+0" in digits


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _value in pairs if name in seen or seen.add(name))
        raise InvalidJson(f"The body has an object with two members named {_shown(name)}.")
    return members


def _integer(text: str) -> int:
    # Length first: int() of a million digits is slow, and refused by newer Pythons in its own way.
    if len(text) <= _LARGEST_INTEGER_DIGITS + 1:
        value = int(text)
        if _SMALLEST <= value <= _LARGEST:
            return value
    raise InvalidJson("The body has a whole number beyond 64 bits.")


def _float(text: str) -> float:
    value = float(text)
    if value in (_INFINITY, -_INFINITY):
        raise InvalidJson("The body has a number too large for a double.")
    return value


def _constant(text: str) -> NoReturn:
    raise InvalidJson(f"The body has {text}, which is not JSON.")


def _check_strings(value: Any) -> None:
    """Refuse what an escape can bring in: U+0000, and surrogates without their partner."""
    pending: list[Iterable] = [(value,)]
    while pending:
        for item in pending.pop():
            if isinstance(item, str):
                if "\x00" in item:
                    raise InvalidJson("The body has the character U+0000.")
                if _SURROGATE.search(item):
                    raise InvalidJson("The body has half of a surrogate pair.")
            elif isinstance(item, dict):
                pending += (item.keys(), item.values())
            elif isinstance(item, list):
                pending.append(item)


def _shown(name: str) -> str:
    return ascii(name[:40])


_FAST = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
_CAREFUL = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float)
