"""What a brief says, put in order: what could be done, best first, and what to do next.

Times are naive UTC. Whatever is not known is named as unknown; nothing is guessed.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..log.hash_chain import canonical_json, digest

#: What is always there to be done, and so never better or worse than anything: it stands at the end.
ALWAYS = ("tell_customer", "wait")
#: What is tried first where nothing else tells options apart: goods that are there, then those that are to come.
USUAL = ("from_stock", "partial", "send_again", "stock_elsewhere", "incoming", "other_carrier", "expedite")


@dataclass(frozen=True)
class Option:
    """Something that can be done. ``arrives`` is when the customer could have the goods, where that is known.

    ``known`` are JSON values that the words are made of, ``unknown`` names what the database cannot tell,
    ``needs`` what somebody outside has to do first, ``sources`` are (model, id, name) of what it rests on.
    """

    code: str
    arrives: dt.datetime | None = None
    decision: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    sources: tuple[tuple[str, int, str], ...] = ()

    def in_time(self, promise: dt.datetime | None) -> bool | None:
        """Whether it keeps the promise; None where one of the two is not known."""
        return self.arrives <= promise if self.arrives and promise else None


def rank(options: Iterable[Option], promise: dt.datetime | None) -> list[Option]:
    """Best first: what keeps the promise, then what may, then what does not; without a decision first.

    >>> soon, late = dt.datetime(2026, 3, 4), dt.datetime(2026, 3, 9)
    >>> options = [Option("wait"), Option("incoming", late), Option("partial"), Option("send_again", soon)]
    >>> [option.code for option in rank(options, dt.datetime(2026, 3, 5))]
    ['send_again', 'partial', 'incoming', 'wait']
    """

    def key(option: Option):
        keeps = {True: 0, None: 1, False: 2}[option.in_time(promise)]
        always = ALWAYS.index(option.code) + 1 if option.code in ALWAYS else 0
        usual = USUAL.index(option.code) if option.code in USUAL else len(USUAL)
        return (always, keeps, bool(option.decision), option.arrives or dt.datetime.max, usual, option.code)

    return sorted(options, key=key)


@dataclass(frozen=True)
class Standing:
    """How far the people are with it."""

    is_open: bool = True
    is_unproven: bool = False
    is_owned: bool = True
    waits_for: str = ""
    is_strategic: bool = False


def next_step(standing: Standing, ranked: list[Option], promise: dt.datetime | None) -> dict[str, str]:
    """The one thing to do next: a ``code``, and the option it is about.

    >>> next_step(Standing(is_owned=False), [], None)
    {'code': 'take', 'option': ''}
    """
    if not standing.is_open:
        return {"code": "over", "option": ""}
    if standing.is_unproven:
        return {"code": "confirm", "option": ""}
    if not standing.is_owned:
        return {"code": "take", "option": ""}
    if standing.waits_for:
        return {"code": "decide", "option": ""}
    best = next((option for option in ranked if option.code not in ALWAYS and option.in_time(promise)), None)
    if best:
        return {"code": "ask" if best.decision else "do", "option": best.code}
    may = next((option for option in ranked if option.code not in ALWAYS and option.in_time(promise) is None), None)
    if standing.is_strategic or not may:
        return {"code": "tell", "option": ""}
    return {"code": "find_out", "option": may.code}


def covers(needed: Mapping[int, float], there: Mapping[int, float]) -> float:
    """How much of what is needed is there, from 0 (nothing) to 1 (each product in full).

    >>> covers({1: 4, 2: 2}, {1: 4, 2: 1}), covers({1: 4}, {1: 9}), covers({1: 4}, {})
    (0.75, 1.0, 0.0)
    """
    wanted = {product: quantity for product, quantity in needed.items() if quantity > 0}
    if not wanted:
        return 0.0
    return sum(min(max(there.get(product, 0), 0) / quantity, 1.0) for product, quantity in wanted.items()) / len(wanted)


def collect_sources(*groups: Iterable[Iterable[Any]]) -> list[list[Any]]:
    """Each (model, id, name) once, in the order in which they are named first."""
    found: dict[tuple, list] = {}
    for group in groups:
        for model, record_id, name in group:
            found.setdefault((model, record_id), [model, record_id, name])
    return list(found.values())


def fingerprint(content: Mapping[str, Any]) -> str:
    """The same for the same facts: a brief that would say the same again is not written again."""
    return digest(canonical_json(content))
