"""What was ordered, announced and received of each product, and what does not fit together."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

SHORT, OVER, NOT_ANNOUNCED, WRONG = "short", "over", "not_announced", "wrong"


@dataclass(frozen=True)
class Row:
    """One product. Quantities in its own unit; ``announced`` is None where no ship notice names it.

    ``kind`` is None when all is well, else the worst that can be said: ``wrong`` (received, but neither
    ordered nor announced), ``not_announced`` (ordered and received, and missing on the notice), ``short`` or
    ``over`` (against the notice).
    """

    product: Hashable
    ordered: float
    announced: float | None
    received: float
    kind: str | None


def compare(
    ordered: Mapping[Hashable, float], announced: Mapping[Hashable, float | None], received: Mapping[Hashable, float]
) -> list[Row]:
    """A row for each product that was announced or received, in the order in which they are named.

    :param announced: None is a product that is named without a quantity: then any quantity is as announced
    """
    products = dict.fromkeys([*ordered, *announced, *received])
    return [
        _judge(product, ordered, announced, received)
        for product in products
        if product in announced or received.get(product)
    ]


def _judge(
    product: Hashable,
    ordered: Mapping[Hashable, float],
    announced: Mapping[Hashable, float | None],
    received: Mapping[Hashable, float],
) -> Row:
    wanted, notice, came = ordered.get(product, 0.0), announced.get(product), received.get(product, 0.0)
    return Row(product, wanted, notice, came, _get_kind(wanted, product in announced, notice, came))


def _get_kind(wanted: float, is_announced: bool, notice: float | None, came: float) -> str | None:
    if not is_announced:
        return NOT_ANNOUNCED if wanted else WRONG
    if notice is None:
        return None if came else SHORT
    if came < notice - 1e-6:
        return SHORT
    return OVER if came > notice + 1e-6 else None
