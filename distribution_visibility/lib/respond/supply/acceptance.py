"""When a supplier's change may be accepted without a person: pure arithmetic over limits."""

import datetime as dt
from dataclasses import dataclass

from ...base.days import days_between


@dataclass(frozen=True)
class Limits:
    """The most that goes by itself: days later, price rise in per cent, least share of the quantity in per cent."""

    days_later: int
    price_percent: float
    quantity_percent: float


@dataclass(frozen=True)
class Change:
    """A proposed change of one line. Dates are naive UTC, days those of ``zone``; None is what does not change."""

    date: dt.datetime | None
    new_date: dt.datetime | None
    quantity: float
    new_quantity: float | None
    price: float
    new_price: float | None
    zone: str = ""


def exceeded(change: Change, limits: Limits) -> list[tuple[str, float, float]]:
    """What goes beyond the limits: (``days``, ``price`` or ``quantity``, found, allowed); empty when nothing does.

    More than was ordered is beyond the limits, too: somebody has to want and to pay it.
    """
    found = []
    days = _days_later(change)
    if days > limits.days_later:
        found.append(("days", days, limits.days_later))
    price = _price_percent(change)
    if price > limits.price_percent + 1e-9:
        found.append(("price", price, limits.price_percent))
    quantity = _quantity_percent(change)
    if quantity < limits.quantity_percent - 1e-9:
        found.append(("quantity", quantity, limits.quantity_percent))
    if quantity > 100 + 1e-9:
        found.append(("more", quantity, 100))
    return found


def _days_later(change: Change) -> int:
    if not change.date or not change.new_date:
        return 0
    return days_between(change.date, change.new_date, change.zone)


def _price_percent(change: Change) -> float:
    if change.new_price is None or change.new_price <= change.price:
        return 0.0
    return 100.0 * (change.new_price / change.price - 1) if change.price else float("inf")


def _quantity_percent(change: Change) -> float:
    if change.new_quantity is None or not change.quantity:
        return 100.0
    return 100.0 * change.new_quantity / change.quantity
