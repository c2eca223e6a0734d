"""The monotonic rule: which of all known facts says where a shipment is."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

RANK_PICKED_UP = 50
RANK_OUT_FOR_DELIVERY = 80
RANK_DELIVERED = 90
RANK_RETURN = 100
#: Kinds of trouble after which a parcel does not arrive by itself any more.
FATES = ("lost_or_stolen", "refused", "rejected_cancelled_disposed", "return_to_sender")


class Position(NamedTuple):
    """How far a shipment is and since when (UTC). Compares by rank first, then by time."""

    rank: int
    at: dt.datetime
    #: Whatever names the milestone to the caller; only breaks ties, so that order never matters.
    key: int


class Correction(NamedTuple):
    """A named person said where the shipment is. Compares by when that was decided (UTC)."""

    decided_at: dt.datetime
    position: Position


def furthest(positions: Iterable[Position | None]) -> Position | None:
    """The position that counts: the highest rank, and of equal ranks the latest.

    The result does not depend on the order in which facts arrive. An old scan that arrives late
    has a lower rank or an earlier time, so it only enters the timeline. Returns outrank delivery.
    """
    return max((position for position in positions if position is not None), default=None)


def in_force(corrections: Iterable[Correction]) -> Correction | None:
    """Of several corrections the one that was decided last."""
    return max(corrections, default=None)


def still_counts(at: dt.datetime, corrected_at: dt.datetime | None) -> bool:
    """Whether a fact of that time may move a shipment that a person corrected at another.

    What happened before the person decided is what they corrected; what happened after goes on from there.
    """
    return not corrected_at or at > corrected_at


def stands_at(positions: Iterable[Position | None], corrections: Iterable[Correction] = ()) -> Position | None:
    """Where a shipment is by all its facts and corrections, in whatever order and however often they came."""
    correction = in_force(corrections)
    if correction is None:
        return furthest(positions)
    later = (one for one in positions if one is not None and still_counts(one.at, correction.decided_at))
    return furthest([correction.position, *later])


def is_under_way_again(fate: str, rank: int, branch: str | None) -> bool:
    """Whether a scan after a parcel's fate says that it goes to the recipient all the same.

    What was lost is found by any scan on the way; what was refused passes depots on its way back.

    >>> is_under_way_again("lost_or_stolen", 62, "main"), is_under_way_again("refused", 62, "main")
    (True, False)
    >>> is_under_way_again("refused", 80, "main")
    True
    """
    least = RANK_PICKED_UP if fate == "lost_or_stolen" else RANK_OUT_FOR_DELIVERY
    return branch == "main" and rank >= least
