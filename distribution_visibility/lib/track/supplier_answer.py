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

#: The supplier will not deliver these goods at all.
GONE = frozenset({"rejected", "cancelled"})
#: The supplier will not deliver these goods now.
DEFERRED = frozenset({"backordered", "on_hold"})
#: The supplier will not deliver these goods, now or at all.
REFUSING = GONE | {"backordered"}
#: The supplier wants something else than the order says, even where it gives no value.
CHANGING = frozenset({
    "accepted_with_changes", "date_changed", "quantity_changed", "price_changed", "substituted", "partly_shipped",
    "on_hold",
}) | REFUSING  # fmt: skip
#: Times of day that stand for "some time on that day".
NO_TIME = (dt.time(0, 0), dt.time(23, 59, 59))


@dataclass(frozen=True)
class OrderLine:
    """A line of our order. ``position`` counts from 1; ``codes`` are all codes that its product has.

    ``whole`` is the key of the line that this one was split off, whose position it has: suppliers know one line.
    """

    key: int
    position: int
    codes: frozenset[str]
    quantity: float = 0
    whole: int | None = None


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
    product, and alone where the product is not given or is known to nobody. As many answers as
    there are lines of a product, or parts of a line, are dealt out.
    """
    numbers = _number_lines(order, answers)
    whole = [line for line in order if line.whole is None]
    matched = [_match(whole, answer, numbers.get(_number(answer.line))) for answer in answers]
    for indexes, lines in (*_find_parts(order, matched), *_find_alike(whole, matched, answers)):
        for index, key in zip(indexes, _deal(lines, [answers[index] for index in indexes]), strict=True):
            matched[index] = key
    return matched


def _find_parts(
    order: Sequence[OrderLine], matched: Sequence[int | None]
) -> Iterable[tuple[list[int], list[OrderLine]]]:
    """Answers to a line that was split, with all of its parts."""
    for key in dict.fromkeys(line.whole for line in order if line.whole):
        parts = [line for line in order if key in (line.key, line.whole)]
        yield [index for index, found in enumerate(matched) if found == key], parts


def _find_alike(
    order: Sequence[OrderLine], matched: Sequence[int | None], answers: Sequence[Answer]
) -> Iterable[tuple[list[int], list[OrderLine]]]:
    """Answers without a number to a product that several lines have, when there is one for each of these."""
    for code in dict.fromkeys(normalise_code(answer.product) for answer in answers):
        lines = [line for line in order if code and code in line.codes and line.key not in matched]
        indexes = [
            index
            for index, answer in enumerate(answers)
            if matched[index] is None and not answer.line and normalise_code(answer.product) == code
        ]
        if len(indexes) == len(lines):
            yield indexes, lines


def _deal(lines: Sequence[OrderLine], answers: Sequence[Answer]) -> list[int | None]:
    """One line for each answer: by quantity where these are the same, else in order; None where that is a guess."""
    if len(answers) != len(lines):
        return [_find_by_quantity(lines, answer) for answer in answers]
    ordered = sorted(line.quantity for line in lines)
    if ordered == sorted(answer.quantity or 0 for answer in answers):
        ranks = sorted(range(len(lines)), key=lambda index: answers[index].quantity or 0)
        keys = [line.key for line in sorted(lines, key=lambda line: line.quantity)]
        return [keys[ranks.index(index)] for index in range(len(lines))]
    return [line.key for line in lines]


def _find_by_quantity(lines: Sequence[OrderLine], answer: Answer) -> int | None:
    keys = [line.key for line in lines if answer.quantity is not None and line.quantity == answer.quantity]
    return keys[0] if len(keys) == 1 else None


def _match(order: Sequence[OrderLine], answer: Answer, by_number: int | None) -> int | None:
    code = normalise_code(answer.product)
    by_code = [line.key for line in order if code and code in line.codes]
    if by_number in by_code or not by_code:
        return by_number
    return by_code[0] if len(by_code) == 1 else None


def _number_lines(order: Sequence[OrderLine], answers: Sequence[Answer]) -> dict[int | None, int]:
    """How the answer counts our lines: 1, 2, 3; 10, 20, 30; or by Odoo's own ids."""
    whole = [line for line in order if line.whole is None]
    ways = [
        {line.position: line.key for line in whole},
        {line.position * 10: line.key for line in whole},
        {line.key: line.whole or line.key for line in order},
    ]
    given = {_number(answer.line) for answer in answers} - {None}
    return next((way for way in ways if given <= way.keys()), ways[0])


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def settle(matched: Iterable[tuple[int | None, Answer]], ordered: dict[int, float]) -> list[tuple[int | None, Answer]]:
    """One answer for each line of the order, or for each of its parts where it comes on several dates.

    Two answers for one line are one when the second only says what does not come at all (6 of 10
    come, 4 are rejected). What comes on several dates stays apart and is marked as a split, and
    what is backordered or on hold comes, too: nobody has taken it off the order.

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
        return _divide(answers[0], ordered) or [_with_quantity(answers[0], ordered)]
    gone = [answer for answer in answers if answer.status in GONE]
    coming = _fill([answer for answer in answers if answer.status not in GONE], gone, ordered)
    if not coming:
        missing = [answer.quantity for answer in gone if answer.quantity is not None]
        total = sum(missing) if len(missing) == len(gone) else None
        return [_with_quantity(replace(gone[0], quantity=total, reason=_join_reasons(gone)), ordered)]
    if len(coming) == 1 and coming[0].quantity is not None:
        status = coming[0].status if coming[0].status in DEFERRED else "quantity_changed"
        return [replace(coming[0], status=status, reason=_join_reasons(answers))]
    if len(coming) == 1:
        return [replace(answer, is_split=True) for answer in answers]
    first = replace(coming[0], reason=_join_reasons([coming[0], *gone]))
    return [replace(answer, is_split=True) for answer in (first, *coming[1:])]


def _divide(answer: Answer, ordered: float) -> list[Answer]:
    """The parts of a line of which one answer tells only one: the rest is backordered, or comes as it was ordered."""
    if not answer.quantity or answer.quantity >= ordered:
        return []
    rest = Answer(line=answer.line, product=answer.product, quantity=ordered - answer.quantity, is_split=True)
    if answer.status == "partly_shipped":
        return [replace(answer, is_split=True), replace(rest, status="backordered")]
    if answer.status in DEFERRED and answer.date:
        return [replace(rest, status="accepted"), replace(answer, is_split=True)]
    return []


def _fill(coming: list[Answer], gone: list[Answer], ordered: float) -> list[Answer]:
    """The one part that is told without a quantity is what the others leave of the order."""
    silent = [answer for answer in coming if answer.quantity is None]
    told = [answer.quantity for answer in (*coming, *gone) if answer.quantity is not None]
    rest = ordered - sum(told)
    if len(silent) != 1 or len(told) != len(coming) + len(gone) - 1 or rest <= 0:
        return coming
    return [replace(answer, quantity=rest) if answer is silent[0] else answer for answer in coming]


def _join_reasons(answers: Iterable[Answer]) -> str:
    return "; ".join(dict.fromkeys(answer.reason for answer in answers if answer.reason))


def _with_quantity(answer: Answer, ordered: float) -> Answer:
    """A quantity beside a refusal is what does not come, not what the order should say."""
    if answer.status in GONE:
        missing = ordered if answer.quantity is None else min(answer.quantity, ordered)
        return replace(answer, quantity=ordered - missing)
    if answer.status in DEFERRED:
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
    if answer.status in GONE or answer.is_split or is_different:
        return True
    if answer.status == "backordered":
        return not answer.date
    return answer.status == "on_hold" or (answer.status in CHANGING and not answer.says_something)
