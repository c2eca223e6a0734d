"""When a shipment will arrive and how likely that is too late, counted from what happened before.

Nothing is trained and nothing is fitted: past parcels on the same lane are counted, and the counts
are shown. Hours are those of the clock, nights and weekends included.
"""

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
