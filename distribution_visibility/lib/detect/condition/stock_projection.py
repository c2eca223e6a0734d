"""When each delivery can happen, from what is there and what is coming: first promised, first served."""

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Supply:
    """Goods that come. ``at`` is naive UTC."""

    at: dt.datetime
    quantity: float


@dataclass(frozen=True)
class Demand:
    """Goods that are waited for, in order of ``at`` (naive UTC); ``key`` names it."""

    key: Hashable
    at: dt.datetime
    quantity: float


def project(
    on_hand: float, supplies: Iterable[Supply], demands: Iterable[Demand]
) -> dict[Hashable, dt.datetime | None]:
    """The moment at which each demand is covered in full.

    :param on_hand: what is there now, in the product's unit
    :return: key to the time at which the last piece for it arrives; ``datetime.min`` when it is
        there already, None when nothing that is known covers it
    """
    arrivals = [(dt.datetime.min, on_hand), *((one.at, one.quantity) for one in sorted(supplies, key=_at))]
    covered, index = 0.0, -1
    needed, result = 0.0, {}
    moment: dt.datetime | None = dt.datetime.min
    for demand in sorted(demands, key=_at):
        needed += demand.quantity
        while covered < needed - 1e-6 and index + 1 < len(arrivals):
            index += 1
            moment = arrivals[index][0]
            covered += arrivals[index][1]
        result[demand.key] = moment if covered >= needed - 1e-6 else None
    return result


def _at(one: Supply | Demand) -> dt.datetime:
    return one.at
