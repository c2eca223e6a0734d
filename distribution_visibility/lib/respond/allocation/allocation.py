"""Who gets the goods when there are too few: a score from 0 to 100 for each delivery, and what each gets.

Pure arithmetic, so that it can be explained: each part of the score lies between 0 and 1 and is
multiplied by its weight.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

#: Hours to the promise at which urgency starts to count: two weeks.
HORIZON_HOURS = 14 * 24
#: Days after which waiting longer makes no difference.
OLDEST_DAYS = 30


@dataclass(frozen=True)
class Weights:
    """How much each part counts; only their proportion matters."""

    promise: float = 40.0
    tier: float = 30.0
    value: float = 20.0
    age: float = 10.0


@dataclass(frozen=True)
class Claim:
    """One delivery that wants goods. Quantities in the product's unit; ``value`` in company currency.

    ``hours_to_promise`` is negative once the promise has passed; None when nothing was promised.
    ``tier`` is 0 for no tier up to ``tiers`` for the highest.
    """

    key: Hashable
    wanted: float
    hours_to_promise: float | None
    tier: int
    tiers: int
    value: float
    age_days: float
    locked: float = 0.0


@dataclass(frozen=True)
class Award:
    """What one delivery gets, and why it stands where it stands: the parts of its score, each weighted."""

    key: Hashable
    quantity: float
    score: float
    parts: dict[str, float]


def allocate(claims: Iterable[Claim], available: float, weights: Weights | None = None) -> list[Award]:
    """Give what is there to the highest score first; ties go to the earlier promise, then to the larger wait.

    :param available: all that can be given, reserved or not, without what is ``locked`` (picked already)
    """
    weights = weights or Weights()
    claims = list(claims)
    most = max((claim.value for claim in claims), default=0)
    scored = [(claim, _score(claim, most, weights)) for claim in claims]
    scored.sort(key=lambda pair: (-sum(pair[1].values()), _hours(pair[0]), -pair[0].age_days))
    awards = []
    for claim, parts in scored:
        given = max(min(claim.wanted - claim.locked, available), 0.0)
        available -= given
        awards.append(Award(claim.key, claim.locked + given, round(sum(parts.values()), 1), parts))
    return awards


def _score(claim: Claim, most: float, weights: Weights) -> dict[str, float]:
    total = (weights.promise + weights.tier + weights.value + weights.age) or 1
    parts = {
        "promise": (weights.promise, _urgency(claim)),
        "tier": (weights.tier, claim.tier / claim.tiers if claim.tiers else 0),
        "value": (weights.value, claim.value / most if most > 0 else 0),
        "age": (weights.age, min(max(claim.age_days, 0) / OLDEST_DAYS, 1)),
    }
    return {name: round(100 * weight * part / total, 1) for name, (weight, part) in parts.items()}


def _urgency(claim: Claim) -> float:
    if claim.hours_to_promise is None:
        return 0.0
    return min(max(1 - claim.hours_to_promise / HORIZON_HOURS, 0.0), 1.0)


def _hours(claim: Claim) -> float:
    return float("inf") if claim.hours_to_promise is None else claim.hours_to_promise
