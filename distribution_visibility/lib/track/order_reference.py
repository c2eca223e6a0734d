"""Which of our orders a supplier means: it writes our number as its own system does, or writes its own.

``p00032``, ``PO P00033``, ``PO#P00034`` and ``P00037/1`` are our P00032, P00033, P00034 and P00037. What fits better
goes first, and of what fits equally well nothing is guessed: exactly one order, or none.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from ..base.numbers import normalise_number

_NOT_ALNUM = re.compile(r"[\W_]+")
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_SEPARATORS = re.compile(r"[,;\n]+")
#: :func:`loose` of a column in PostgreSQL, as purchase orders are indexed by it.
LOOSE_SQL = (
    "regexp_replace(upper(regexp_replace({}, '[^[:alnum:]]', '', 'g')), '(^|[^0-9])0+([0-9])', '\\1\\2', 'g')"
)
#: What people and systems write before a number, to say that it is one of a purchase order.
_LABELS = ("PURCHASEORDER", "BESTELLUNG", "ORDER", "PO", "NO", "NR")
#: Shorter ones are counters, of lines or deliveries.
_SHORTEST = 3
#: Numbers are short; what has more words is a sentence.
_MOST_WORDS = 8


class Named(NamedTuple):
    """One of our orders. ``theirs`` is what the supplier calls it, as its buyer has typed it in."""

    key: Hashable
    name: str
    theirs: str = ""


def split_references(text: str) -> list[str]:
    """The orders that one field names, which some senders join with commas."""
    return list(dict.fromkeys(part.strip() for part in _SEPARATORS.split(text or "") if part.strip()))


def loose(text: str) -> str:
    """A number as it is looked up: without blanks, dashes, case, and zeros that begin its figures."""
    return _LEADING_ZEROS.sub("", normalise_number(text))


def get_spellings(reference: str) -> set[str]:
    """All that an order may be called, by :func:`loose`, for this reference to name it; more than are meant."""
    words = _split(reference)
    return {loose(part) for part in (*_join(words), *_unlabel(_join(words)), "".join(words))} - {""}


def pick(reference: str, orders: Iterable[Named]) -> list[Named]:
    """The orders that fit best, all of which fit equally well; none where none fits."""
    ranked: dict[int, list[Named]] = {}
    for order in orders:
        rank = _rank(reference, order)
        if rank is not None:
            ranked.setdefault(rank, []).append(order)
    return ranked[min(ranked)] if ranked else []


def _rank(reference: str, order: Named) -> int | None:
    words, name = _split(reference), _split(order.name)
    if not words:
        return None
    if reference == order.name:
        return 0
    if words == name or normalise_number(order.name) == _join_whole(words):
        return 1
    if order.theirs and normalise_number(reference) == normalise_number(order.theirs):
        return 2
    if _names(words, name):
        return 3
    return 4 if _names([*map(loose, words)], [*map(loose, name)]) else None


def _split(text: str) -> list[str]:
    words = _NOT_ALNUM.split(unicodedata.normalize("NFKC", text or "").upper())
    return [word for word in words if word][:_MOST_WORDS]


def _names(words: Sequence[str], name: Sequence[str]) -> bool:
    """Whether these words hold the name: word by word, or where a dash or a label was put before its figures."""
    if len("".join(name)) < _SHORTEST:
        return False
    parts = [words[start : start + len(name)] for start in range(len(words) - len(name) + 1)]
    joined = {part for part in _join(words) if _is_one_number(part, words)}
    return list(name) in [list(part) for part in parts] or "".join(name) in joined | set(_unlabel(joined))


def _join(words: Sequence[str]) -> list[str]:
    """Words that stand beside each other, put together in every way."""
    ends = [(start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
    return ["".join(words[start:end]) for start, end in ends]


def _join_whole(words: Sequence[str]) -> str | None:
    return "".join(words) if _is_one_number("".join(words), words) else None


def _is_one_number(part: str, words: Sequence[str]) -> bool:
    """False where figures of two words would become one number: P00037/1 is no P000371."""
    glued = [one[-1] + other[0] for one, other in zip(words, words[1:], strict=False)]
    return part in words or not any(pair.isdigit() for pair in glued)


def _unlabel(parts: Iterable[str]) -> list[str]:
    return [part.removeprefix(label) for part in parts for label in _LABELS if part.startswith(label)]
