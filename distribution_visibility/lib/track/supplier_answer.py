"""What a supplier's answer says about the lines of an order: whose line it is, and what differs.

An answer names lines by our numbers, by our product codes, by its own codes or by barcodes, and
often by a mixture. What cannot be told for certain is left to a person.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..base.days import at_local, days_between, local_day, to_local

#: The supplier will not deliver these goods, now or at all.
REFUSING = frozenset({"rejected", "cancelled", "backordered"})
#: The supplier wants something else than the order says, even where it gives no value.
CHANGING = frozenset({
    "accepted_with_changes", "date_changed", "quantity_changed", "price_changed", "substituted", "partly_shipped",
    "on_hold",
}) | REFUSING  # fmt: skip
#: Times of day that stand for "some time on that day".
NO_TIME = (dt.time(0, 0), dt.time(23, 59, 59))


@dataclass(frozen=True)
class OrderLine:
    """A line of our order. ``position`` counts from 1; ``codes`` are all codes that its product has."""

    key: int
    position: int
    codes: frozenset[str]


@dataclass(frozen=True)
class Answer:
    """What is said about one line. ``date`` is naive UTC; None is what was not said."""

    line: str = ""
    product: str = ""
    status: str = "unknown"
    quantity: float | None = None
    price: float | None = None
    date: dt.datetime | None = None
    substitute: str = ""
    reason: str = ""
    is_split: bool = False

    @property
    def says_something(self) -> bool:
        """Whether there is a value in it, beside a status."""
        return bool(self.quantity is not None or self.price is not None or self.date or self.substitute)


def normalise_code(code: str) -> str:
    """Product codes as they are compared: letters and digits only, in capitals."""
    return re.sub(r"[^0-9A-Z]", "", (code or "").upper())


def read_answers(lines: Iterable[dict[str, Any]] | None) -> list[Answer]:
    """Answers from the lines of an order response as they are stored with its event."""
    return [_read(line) for line in lines or ()]


def _read(line: dict[str, Any]) -> Answer:
    promised = line.get("promised")
    return Answer(
        line=line.get("line") or "",
        product=line.get("product") or "",
        status=line.get("status") or "unknown",
        quantity=line.get("quantity"),
        price=line.get("unit_price"),
        date=_to_naive(promised) if promised else None,
        substitute=line.get("substitute") or "",
        reason=line.get("reason") or "",
    )


def _to_naive(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.astimezone(dt.timezone.utc).replace(tzinfo=None, microsecond=0)


def match_lines(order: Sequence[OrderLine], answers: Sequence[Answer]) -> list[int | None]:
    """The key of the order's line for each answer; None where a person must say which.

    A product that exactly one line has decides; the number decides among several lines of one
    product, and alone where the product is not given or is known to nobody.
    """
    numbers = _number_lines(order, answers)
    return [_match(order, answer, numbers.get(_number(answer.line))) for answer in answers]


def _match(order: Sequence[OrderLine], answer: Answer, by_number: int | None) -> int | None:
    code = normalise_code(answer.product)
    by_code = [line.key for line in order if code and code in line.codes]
    if by_number in by_code or not by_code:
        return by_number
    return by_code[0] if len(by_code) == 1 else None


def _number_lines(order: Sequence[OrderLine], answers: Sequence[Answer]) -> dict[int | None, int]:
    """How the answer counts our lines: 1, 2, 3; 10, 20, 30; or by Odoo's own ids."""
    ways = [
        {line.position: line.key for line in order},
        {line.position * 10: line.key for line in order},
        {line.key: line.key for line in order},
    ]
    given = {_number(answer.line) for answer in answers} - {None}
    return next((way for way in ways if given <= way.keys()), ways[0])


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def settle(matched: Iterable[tuple[int | None, Answer]], ordered: dict[int, float]) -> list[tuple[int | None, Answer]]:
    """One answer for each line of the order.

    Two answers for one line are one when the second only says what the first leaves out (6 of 10
    come, 4 are rejected). Deliveries on several dates stay apart and are marked as a split.

    :param matched: pairs of line key (None where unknown) and answer
    :param ordered: ordered quantity by line key
    """
    groups: dict[int, list[Answer]] = {}
    result: list[tuple[int | None, Answer]] = []
    for key, answer in matched:
        if key is None:
            result.append((None, answer))
        else:
            groups.setdefault(key, []).append(answer)
    for key, answers in groups.items():
        result += [(key, answer) for answer in _settle_one(answers, ordered[key])]
    return result


def _settle_one(answers: list[Answer], ordered: float) -> list[Answer]:
    if len(answers) == 1:
        return [_with_quantity(answers[0], ordered)]
    coming = [answer for answer in answers if answer.status not in REFUSING]
    if len(coming) == 1 and coming[0].quantity is not None:
        reasons = "; ".join(dict.fromkeys(answer.reason for answer in answers if answer.reason))
        return [replace(coming[0], status="quantity_changed", reason=reasons)]
    return [replace(answer, is_split=True) for answer in answers]


def _with_quantity(answer: Answer, ordered: float) -> Answer:
    """A quantity beside a refusal is what does not come, not what the order should say."""
    if answer.status in ("rejected", "cancelled"):
        missing = ordered if answer.quantity is None else min(answer.quantity, ordered)
        return replace(answer, quantity=ordered - missing)
    if answer.status in ("backordered", "on_hold"):
        return replace(answer, quantity=None)
    return answer


def proposed_date(answer: Answer, current: dt.datetime | None, zone: str = "") -> dt.datetime | None:
    """The date that is proposed (naive UTC); a date without time keeps the order's time of day.

    :param zone: where the goods are received: its days and its wall clock count; empty for UTC
    """
    return with_time_of(answer.date, answer.status, current, zone)


def with_time_of(
    date: dt.datetime | None, status: str, current: dt.datetime | None, zone: str = ""
) -> dt.datetime | None:
    """A date that stands for a day, at the order's time of that day; any other date as it is."""
    day = _get_named_day(date, status, current, zone) if date and current else None
    return at_local(day, to_local(current, zone).time(), zone) if day else date


def _get_named_day(date: dt.datetime, status: str, current: dt.datetime, zone: str) -> dt.date | None:
    """The day that a date without time names; None where it has a time.

    A sender's offset is not always known: then its day is that of UTC. Midnight in UTC is an hour like others
    elsewhere: where it falls on the ordered day, and the supplier says that nothing changes, it is that day.
    """
    if to_local(date, zone).time() in NO_TIME:
        return local_day(date, zone)
    if date.time() not in NO_TIME:
        return None
    is_hour = date.time() == dt.time(0) and status not in CHANGING
    return None if is_hour and local_day(date, zone) == local_day(current, zone) else date.date()


def differs(answer: Answer, date: dt.datetime | None, quantity: float, price: float, zone: str = "") -> bool:
    """Whether the answer wants another date (day), quantity or price than the order has now, or another product.

    :param zone: where the goods are received: its days count; empty for UTC
    """
    proposed = proposed_date(answer, date, zone)
    return bool(
        answer.substitute
        or (proposed and (not date or days_between(date, proposed, zone)))
        or (answer.quantity is not None and abs(answer.quantity - quantity) > 1e-6)
        or (answer.price is not None and abs(answer.price - price) > 1e-6)
    )


def needs_decision(answer: Answer, is_different: bool) -> bool:
    """Whether somebody has to decide: not when it says what the order says already."""
    if answer.status in REFUSING or answer.is_split or is_different:
        return True
    return answer.status == "on_hold" or (answer.status in CHANGING and not answer.says_something)
