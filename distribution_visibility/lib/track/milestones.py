"""The monotonic rule: which of all known facts says where a shipment is."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

RANK_DELIVERED = 90
RANK_RETURN = 100


class Position(NamedTuple):
    """How far a shipment is and since when (UTC). Compares by rank first, then by time."""

    rank: int
    at: dt.datetime
    #: Whatever names the milestone to the caller; only breaks ties, so that order never matters.
    key: int


def furthest(positions: Iterable[Position | None]) -> Position | None:
    """The position that counts: the highest rank, and of equal ranks the latest.

    The result does not depend on the order in which facts arrive. An old scan that arrives late
    has a lower rank or an earlier time, so it only enters the timeline. Returns outrank delivery.
    """
    return max((position for position in positions if position is not None), default=None)
