"""How urgent an exception is: points that add up, so that everybody can follow the sum."""

import math
from dataclasses import dataclass

MOST = 100


@dataclass(frozen=True)
class Weight:
    """``points`` that an input earns at most; ``full_at`` is where it earns all of them.

    ``full_at`` is an amount for the value, times for repeats, and for the promise the hours from which on it counts.
    """

    points: float
    full_at: float = 0


@dataclass(frozen=True)
class Situation:
    """What is at stake. ``hours`` until the promise: less than zero when it has passed, None when there is none."""

    tier: str = ""
    value: float = 0
    hours: float | None = None
    severity: str = ""
    seen: int = 1


@dataclass(frozen=True)
class Score:
    """``total`` from 0 to 100, and the points of each input that earned any."""

    total: int
    parts: dict


def weigh(situation, weights):
    """The score of a situation.

    :param dict weights: code to :class:`Weight`; what has no weight does not count
    """
    earned = {
        "tier": _points(weights, f"tier_{situation.tier}"),
        "value": _points(weights, "value") * _share_of_value(situation.value, weights.get("value")),
        "hours": _points(weights, "hours") * _share_of_hours(situation.hours, weights.get("hours")),
        "severity": _points(weights, f"severity_{situation.severity}"),
        "repeats": _points(weights, "repeats") * _share_of_repeats(situation.seen, weights.get("repeats")),
    }
    parts = {name: round(points, 1) for name, points in earned.items() if points > 0}
    return Score(min(max(round(sum(earned.values())), 0), MOST), parts)


def _points(weights, code):
    weight = weights.get(code)
    return weight.points if weight else 0


def _share_of_value(value, weight):
    """By the square root: a quarter of the full amount earns half of the points."""
    if not weight or value <= 0:
        return 0
    return min(math.sqrt(value / weight.full_at), 1) if weight.full_at > 0 else 1


def _share_of_hours(hours, weight):
    """All when the promise is now or has passed, none when it is further off than the weight looks ahead."""
    if not weight or hours is None:
        return 0
    if hours <= 0:
        return 1
    return max(1 - hours / weight.full_at, 0) if weight.full_at > 0 else 0


def _share_of_repeats(seen, weight):
    """None for the first time, all at the number of times that the weight names."""
    if not weight or seen < 2:
        return 0
    return min((seen - 1) / (weight.full_at - 1), 1) if weight.full_at > 1 else 1
