"""When a shipment will arrive and how likely that is too late, counted from what happened before.

Nothing is trained and nothing is fitted: past parcels on the same lane are counted, and the counts
are shown. Hours are those of the clock, nights and weekends included.
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


class Odds(NamedTuple):
    """``slower`` of ``out_of`` past observations would be too late."""

    slower: int
    out_of: int

    @property
    def percent(self) -> int:
        """How likely it is late, 0 to 100. Slower than everything before: certain, for all we know."""
        return round(100 * self.slower / self.out_of) if self.out_of else 100


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
    return Odds(slower, under_way)


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

    An ETA that has passed says nothing any more, unless it is known how far such estimates were off.

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
    """Later than promised is late; else as likely as such an estimate was missed by that much before."""
    spare = _hours(promise - eta)
    if spare < 0 or not errors:
        return Risk("eta", 100 if spare < 0 else 0, left=spare)
    count = odds(errors, _hours(now - eta), spare)
    return Risk("estimate", count.percent, count.slower, count.out_of, spare)


def _hours(span: dt.timedelta) -> float:
    return span.total_seconds() / 3600
