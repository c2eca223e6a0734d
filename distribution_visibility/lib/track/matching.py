"""Which of several shipments with the same number a fact is about; more than one: a person decides."""

import datetime as dt
from collections.abc import Hashable, Iterable
from typing import NamedTuple

# Carriers use numbers again: a fact this much later than the last one is about another parcel.
REUSE_AFTER = dt.timedelta(days=120)


class Candidate(NamedTuple):
    """A shipment that has the number. Times are naive UTC, None where nothing is known yet."""

    key: Hashable
    carrier: str
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None
    #: Off: the carrier has used this number again since.
    is_current: bool = True
    #: Delivered, back at the sender, or cancelled.
    is_ended: bool = False


def is_same_carrier(one: str, other: str) -> bool:
    """Carrier keys as people and aggregators vary them: ``ups`` is ``upsground``."""
    return one == other or one.startswith(other) or other.startswith(one)


def is_over(last_at: dt.datetime | None, moment: dt.datetime | None) -> bool:
    """True when a fact at ``moment`` must be about another parcel with a recycled number."""
    return bool(last_at and moment and moment - last_at > REUSE_AFTER)


def fitting(candidates: Iterable[Candidate], carrier: str, moment: dt.datetime | None) -> list[Candidate]:
    """The shipments that a fact may be about, all of which fit equally well.

    None: it is about a new shipment. One: it is about that. Several: nobody can tell but a person.

    :param carrier: the carrier's key as the fact names it; empty when it names none
    :param moment: when the fact happened
    """
    fit = [
        one
        for one in candidates
        if (not carrier or not one.carrier or is_same_carrier(one.carrier, carrier))
        and not is_over(one.last_at, moment)
    ]
    best = min((_distance(one.carrier, carrier) for one in fit), default=0)
    fit = [one for one in fit if _distance(one.carrier, carrier) == best]
    return _by_time(fit, moment) if moment and len({one.carrier for one in fit}) == 1 else fit


def _distance(one: str, other: str) -> int:
    """0: the same carrier. 1: the same by a longer or shorter name. 2: one side names none."""
    if one == other:
        return 0
    return 1 if one and other else 2


def _by_time(fit: list[Candidate], moment: dt.datetime) -> list[Candidate]:
    """One carrier that used its number again: the parcel whose time it is."""
    covering = [one for one in fit if one.first_at and one.first_at <= moment <= one.last_at]
    if covering:
        return covering
    fit = [one for one in fit if not one.first_at or one.first_at - moment <= REUSE_AFTER] or fit
    if any(one.is_current and _has_begun(one, fit, moment) for one in fit):
        return [one for one in fit if one.is_current]
    before_reuse = [one for one in fit if not one.is_current and one.last_at and moment <= one.last_at]
    return before_reuse if len(before_reuse) == 1 else fit


def _has_begun(current: Candidate, fit: list[Candidate], moment: dt.datetime) -> bool:
    """Whether the parcel that has the number now was under way at that moment, and no earlier one was."""
    if current.first_at:
        return moment >= current.first_at
    earlier = [one for one in fit if not one.is_current]
    return all(one.is_ended and one.last_at and moment > one.last_at for one in earlier)
