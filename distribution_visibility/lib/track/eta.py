"""When a shipment will arrive and how likely that is too late, counted from what happened before.

Nothing is trained: past parcels on the same lane are counted, and the counts are shown. How likely it is late follows
from the counts and from how far the slowest lie apart, so that what says 80 % comes late in 80 of 100 cases: slower
than all before is rare, and not late by itself. Hours are those of the clock, nights and weekends included.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

#: What lanes are told apart by, from the finest to the coarsest. The carrier always belongs to it.
LEVELS = (
    ("method", "origin", "zip", "weekday"),
    ("method", "origin", "state", "weekday"),
    ("method", "origin", "zip"),
    ("method", "origin", "state"),
    ("method", "origin", "country", "weekday"),
    ("method", "origin", "country"),
    ("origin", "country"),
    ("country",),
)
ZIP_PREFIX = 3
#: Beyond everything that was observed the odds fall off by a power: parcels that went astray are rare, and very late.
TAIL_POWER = 4
#: How wide they fall off at least: hours, and part of what the outermost parcel took.
LEAST_SPREAD, LEAST_SPREAD_PART = 1.0, 0.05
#: How much wider it falls off for a few parcels than for many: twice as wide where half of them are four.
FEW = 4
#: As long as there is time left nothing is certain.
MOST_PERCENT = 99


class Odds(NamedTuple):
    """``slower`` of ``out_of`` past observations would be too late; ``chance`` (0 to 1) follows from all of them."""

    slower: int
    out_of: int
    chance: float

    @property
    def percent(self) -> int:
        """How likely it is late, 0 to 100."""
        return 100 if self.chance == 1 else min(round(100 * self.chance), MOST_PERCENT)


def lane_keys(parts: dict[str, str]) -> list[str]:
    """The keys of the lanes that a shipment may be compared with, the finest first.

    :param parts: ``company``, ``carrier`` and the dimensions of :data:`LEVELS`; empty where unknown.
        A lane whose dimension is unknown is left out.

    >>> lane_keys({"company": "1", "carrier": "ups", "country": "US", "origin": "W2"})
    ['6|1|ups|W2|US', '7|1|ups|US']
    """
    keys = []
    for level, names in enumerate(LEVELS):
        values = [parts.get(name, "") for name in ("company", "carrier", *names)]
        if all(values):
            keys.append("|".join([str(level), *values]))
    return keys


def zip_key(country: str, postcode: str | None) -> str:
    """The first characters of a postcode, which is the region that carriers sort by.

    >>> zip_key("US", "04101-2345"), zip_key("NL", " 1012 ab"), zip_key("IE", "")
    ('US-041', 'NL-101', '')
    """
    prefix = "".join(char for char in (postcode or "").upper() if char.isalnum())[:ZIP_PREFIX]
    return f"{country}-{prefix}" if country and prefix else ""


def odds(observed: Sequence[float], elapsed: float, left: float) -> Odds:
    """Of those that took longer than what has passed already, how many took longer than what is left.

    :param observed: hours that past parcels took, ascending
    :param elapsed: hours since this one started; may be negative for errors of estimates
    :param left: hours from the same start to the promise
    """
    under_way = len(observed) - bisect_right(observed, elapsed)
    slower = len(observed) - bisect_right(observed, max(left, elapsed))
    chance = survival(observed, left) / survival(observed, elapsed) if left > elapsed else 1.0
    return Odds(slower, under_way, chance)


def survival(observed: Sequence[float], moment: float) -> float:
    """How likely a further parcel takes longer than this: more than 0, less than 1, and falling.

    It is as likely in each of the gaps between those that were observed (n + 1 of them, with the one before the first
    and the one after the last). In a gap the odds fall evenly; in the outermost two as the parcels on that side lie
    apart.

    >>> [round(survival([20, 21, 22, 23], hours), 2) for hours in (0, 20, 21.5, 23, 24, 60)]
    [0.99, 0.8, 0.5, 0.2, 0.15, 0.0]
    """
    gaps, before = len(observed) + 1, bisect_right(observed, moment)
    if before == len(observed):
        return _fall(moment - observed[-1], observed, observed[-1]) / gaps
    if not before:
        return 1 - _fall(observed[0] - moment, observed, observed[0]) / gaps
    start, end = observed[before - 1], observed[before]
    return (gaps - before - (moment - start) / (end - start)) / gaps


def _fall(beyond: float, observed: Sequence[float], edge: float) -> float:
    """Part of the odds of an outermost gap that is left so many hours beyond the edge.

    Few parcels lie closer together than many will, so the fewer there are the wider it falls off.
    """
    middle = observed[len(observed) // 2]
    half = [abs(hours - middle) for hours in observed if min(middle, edge) <= hours <= max(middle, edge)]
    apart = sum(half) / max(len(half) - 1, 1) * (1 + FEW / len(half))
    spread = max(apart, LEAST_SPREAD, abs(edge) * LEAST_SPREAD_PART)
    return (1 + beyond / spread / TAIL_POWER) ** -TAIL_POWER


def expected(observed: Sequence[float], elapsed: float) -> float | None:
    """Hours that half of those still under way by now took at most; None when all were faster.

    >>> expected([40, 50, 60], 0), expected([40, 50, 60], 45), expected([40, 50, 60], 70)
    (50, 55.0, None)
    """
    slower = observed[bisect_right(observed, elapsed) :]
    if not slower:
        return None
    middle = len(slower) // 2
    return slower[middle] if len(slower) % 2 else (slower[middle - 1] + slower[middle]) / 2


class Risk(NamedTuple):
    """How likely the promise is missed, and what that is counted from."""

    #: ``delivered``, ``passed``, ``eta``, ``estimate``, ``lane``, ``waiting`` or ``stale``: how to read the rest.
    basis: str
    percent: int
    slower: int = 0
    out_of: int = 0
    #: Hours from now to the promise; of ``estimate`` and ``eta`` from the ETA to the promise.
    left: float = 0
    #: Hours under way so far.
    elapsed: float = 0


def assess(
    now: dt.datetime,
    promise: dt.datetime | None,
    delivered: dt.datetime | None = None,
    started: dt.datetime | None = None,
    eta: dt.datetime | None = None,
    observed: Sequence[float] = (),
    errors: Sequence[float] = (),
) -> Risk | None:
    """How likely a shipment arrives after its promise; None when nothing can be said.

    An ETA that has passed says nothing any more, unless it is known how far such estimates were off. Where that is
    known, an ETA after the promise is not late for certain, either.

    What is certain goes first, then what the carrier (or a person) expects, then the lane's history.

    :param promise: the last moment that still keeps it; all times naive UTC
    :param started: when the carrier picked it up; None: it has not yet
    :param eta: what the carrier or a person expects; never an ETA that was computed from the lane
    :param observed: hours that past parcels on the lane took, ascending
    :param errors: hours by which past parcels of the carrier came after its estimates, ascending
    """
    if not promise:
        return None
    if delivered:
        return Risk("delivered", 100 if delivered > promise else 0)
    if now > promise:
        return Risk("passed", 100)
    if eta and (eta > now or eta > promise or errors):
        return _assess_eta(now, promise, eta, errors)
    if not observed:
        return Risk("stale", 0) if eta else None
    start = started or now
    elapsed, left = _hours(now - start), _hours(promise - now)
    count = odds(observed, elapsed, elapsed + left)
    return Risk("lane" if started else "waiting", count.percent, count.slower, count.out_of, left, elapsed)


def _assess_eta(now: dt.datetime, promise: dt.datetime, eta: dt.datetime, errors: Sequence[float]) -> Risk:
    """As likely as such an estimate was missed by that much before; where nobody knows, later than promised is late."""
    spare = _hours(promise - eta)
    if not errors:
        return Risk("eta", 100 if spare < 0 else 0, left=spare)
    count = odds(errors, _hours(now - eta), spare)
    return Risk("estimate", count.percent, count.slower, count.out_of, spare)


def _hours(span: dt.timedelta) -> float:
    return span.total_seconds() / 3600
