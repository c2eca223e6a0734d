"""Suppliers' answers: whose line it is, what two answers to one line mean, and what differs."""

import datetime as dt
from dataclasses import replace

import pytest

from distribution_visibility.lib.track.supplier_answer import (
    Answer,
    OrderLine,
    differs,
    match_lines,
    needs_decision,
    normalise_code,
    proposed_date,
    read_answers,
    settle,
)

ORDER = [
    OrderLine(71, 1, frozenset({"PUMP1", "4006381333931"})),
    OrderLine(72, 2, frozenset({"VALVE2", "VW22"})),
    OrderLine(73, 3, frozenset({"PUMP1"})),
]
DAY = dt.datetime(2026, 3, 12, 9, 30)
LATER = dt.datetime(2026, 4, 1, 9, 30)


def match(*answers):
    return match_lines(ORDER, answers)


def test_a_line_is_found_by_its_number_in_each_of_the_usual_ways_to_count():
    assert match(Answer(line="2"), Answer(line="003")) == [72, 73]
    assert match(Answer(line="10"), Answer(line="30")) == [71, 73]
    assert match(Answer(line="71"), Answer(line="73")) == [71, 73]


def test_a_product_code_is_compared_by_letters_and_digits():
    assert normalise_code("vw-22 ") == "VW22"
    assert match(Answer(product="vw-22")) == [72]


def test_a_product_goes_before_a_number_that_may_be_the_suppliers_own():
    assert match(Answer(line="1", product="VALVE2")) == [72]


def test_the_number_tells_two_lines_of_one_product_apart():
    assert match(Answer(line="3", product="PUMP-1")) == [73]
    assert match(Answer(product="PUMP-1")) == [None]


def test_a_product_that_nobody_knows_is_found_by_its_number_and_else_by_nobody():
    assert match(Answer(line="2", product="XYZ")) == [72]
    assert match(Answer(product="XYZ"), Answer()) == [None, None]


def test_what_comes_and_what_is_rejected_of_one_line_are_one_proposal():
    come, rest = Answer(status="accepted", quantity=6, date=DAY), Answer(status="rejected", quantity=4, reason="Gone")
    [(key, answer)] = settle([(71, come), (71, rest)], {71: 10})
    assert (key, answer.status, answer.quantity, answer.reason) == (71, "quantity_changed", 6, "Gone")


def test_deliveries_on_two_dates_stay_two():
    both = settle([(71, Answer(quantity=6, date=DAY)), (71, Answer(quantity=4))], {71: 10})
    assert [answer.is_split for _key, answer in both] == [True, True]


def test_a_rejected_quantity_is_what_does_not_come():
    quantities = [
        settle([(71, Answer(status="rejected", quantity=given))], {71: 10})[0][1].quantity for given in (None, 4, 12)
    ]
    assert quantities == [0, 6, 0]
    assert settle([(71, Answer(status="backordered", quantity=10))], {71: 10})[0][1].quantity is None


def parts(*answers):
    settled = settle([(71, answer) for answer in answers], {71: 100})
    return [(one.status, one.quantity, one.date, one.is_split) for _key, one in settled]


@pytest.mark.parametrize("status", ["backordered", "on_hold"])
def test_what_comes_later_is_no_refusal_of_it(status):
    come, later = Answer(status="accepted", quantity=60, date=DAY), Answer(status=status, quantity=40, date=LATER)
    assert parts(come, later) == [("accepted", 60, DAY, True), (status, 40, LATER, True)]
    assert parts(come, replace(later, quantity=None))[1] == (status, 40, LATER, True)
    assert parts(come, replace(later, date=None))[1] == (status, 40, None, True)
    assert parts(later) == [("accepted", 60, None, True), (status, 40, LATER, True)]


def test_what_is_partly_shipped_leaves_a_balance():
    assert parts(Answer(status="partly_shipped", quantity=60, date=DAY)) == [
        ("partly_shipped", 60, DAY, True),
        ("backordered", 40, None, True),
    ]
    assert parts(Answer(status="partly_shipped", quantity=100)) == [("partly_shipped", 100, None, False)]


def test_what_is_rejected_beside_two_parts_goes_off_the_order():
    come, later = Answer(status="accepted", quantity=50), Answer(status="backordered", date=LATER)
    told = settle([(71, come), (71, later), (71, Answer(status="rejected", quantity=20, reason="Gone"))], {71: 100})
    assert [(one.quantity, one.reason) for _key, one in told] == [(50, "Gone"), (30, "")]


def test_two_refusals_of_one_line_are_one():
    assert parts(Answer(status="rejected", quantity=60), Answer(status="cancelled", quantity=40)) == [
        ("rejected", 0, None, False)
    ]
    assert parts(Answer(status="backordered", quantity=40, date=LATER), Answer(status="rejected", quantity=60)) == [
        ("backordered", 40, LATER, False)
    ]


def test_answers_to_a_line_that_was_split_go_to_its_parts():
    pump, valve = frozenset({"P"}), frozenset({"V"})
    order = [OrderLine(71, 1, pump, 60), OrderLine(75, 1, pump, 40, 71), OrderLine(72, 2, valve, 3)]

    def find(*quantities):
        return match_lines(order, [Answer(line="1", product="P", quantity=quantity) for quantity in quantities])

    assert find(60, 40) == [71, 75]
    assert find(40, 60) == [75, 71]
    assert find(50, 30) == [71, 75]
    assert find(40) == [75]
    assert find(100) == [None], "which part is meant is for a person to say"
    assert match_lines(order, [Answer(line="2")]) == [72]
    assert match_lines(order, [Answer(line="75", quantity=40)]) == [75]


def test_two_lines_of_one_product_are_answered_in_order():
    order = [OrderLine(71, 1, frozenset({"P"}), 10), OrderLine(72, 2, frozenset({"P"}), 5)]
    assert match_lines(order, [Answer(product="P"), Answer(product="P")]) == [71, 72]
    assert match_lines(order, [Answer(product="P", quantity=5), Answer(product="P", quantity=10)]) == [72, 71]
    assert match_lines(order, [Answer(product="P", quantity=5), Answer(product="P", quantity=9)]) == [71, 72]
    assert match_lines(order, [Answer(product="P")]) == [None]


def test_only_what_differs_from_the_order_needs_a_decision():
    same = Answer(status="date_changed", date=DAY.replace(hour=20), quantity=10, price=40)
    assert not differs(same, DAY, 10, 40)
    assert not needs_decision(same, False)
    later = Answer(status="accepted", date=DAY + dt.timedelta(days=1))
    assert differs(later, DAY, 10, 40)
    assert needs_decision(later, True)
    assert needs_decision(Answer(status="price_changed"), False), "a change without a value"
    assert needs_decision(Answer(status="rejected"), False)
    assert needs_decision(Answer(status="backordered"), False)
    assert not needs_decision(Answer(status="backordered", date=DAY), False), "it comes as the order says already"
    assert not needs_decision(Answer(status="unknown"), False)


def test_a_date_without_time_keeps_the_orders_time_of_day():
    day = dt.datetime(2026, 3, 20)
    assert proposed_date(Answer(date=day), DAY) == dt.datetime(2026, 3, 20, 9, 30)
    assert proposed_date(Answer(date=day.replace(hour=7)), DAY) == day.replace(hour=7)
    assert proposed_date(Answer(date=day), None) == day


def test_stored_lines_are_read_in_utc():
    [answer] = read_answers([{"line": "1", "promised": "2026-03-12T09:30:00+02:00", "unit_price": 41.5}])
    assert (answer.date, answer.price) == (dt.datetime(2026, 3, 12, 7, 30), 41.5)
    assert read_answers(None) == []


LOS_ANGELES, AUCKLAND = "America/Los_Angeles", "Pacific/Auckland"
FIVE_IN_THE_EVENING = dt.datetime(2026, 12, 11, 1)  # of 10 December in Los Angeles


@pytest.mark.parametrize(
    ("said", "is_other"),
    [
        ("2026-12-10T23:59:59", False),  # 10 December, by a sender whose offset is not known
        ("2026-12-11T07:59:59", False),  # 10 December, by a sender in Los Angeles
        ("2026-12-11T00:00:00", False),  # four o'clock that afternoon
        ("2026-12-10T17:00:00", False),  # nine o'clock that morning
        ("2026-12-11T23:00:00", True),  # three o'clock of the next afternoon
        ("2026-12-11T23:59:59", True),
        ("2026-12-10T07:30:00", True),
    ],
)
def test_an_answer_names_another_day_only_where_the_goods_are_received(said, is_other):
    answer = Answer(date=dt.datetime.fromisoformat(said))
    assert differs(answer, FIVE_IN_THE_EVENING, 10, 40, LOS_ANGELES) == is_other


def test_midnight_in_utc_is_an_hour_for_who_accepts_and_a_day_for_who_changes():
    midnight = dt.datetime(2026, 12, 11)
    for status, is_other in (("accepted", False), ("unknown", False), ("date_changed", True)):
        assert differs(Answer(status=status, date=midnight), FIVE_IN_THE_EVENING, 10, 40, LOS_ANGELES) == is_other


def test_a_day_without_time_is_that_day_at_the_orders_hour_on_the_wall_clock_there():
    day = Answer(date=dt.datetime(2026, 12, 14, 23, 59, 59))
    assert proposed_date(day, FIVE_IN_THE_EVENING, LOS_ANGELES) == dt.datetime(2026, 12, 15, 1)
    eight_in_auckland = dt.datetime(2026, 12, 9, 19)
    assert proposed_date(day, eight_in_auckland, AUCKLAND) == dt.datetime(2026, 12, 13, 19)
    summer = Answer(date=dt.datetime(2026, 7, 14, 23, 59, 59))
    assert proposed_date(summer, FIVE_IN_THE_EVENING, LOS_ANGELES) == dt.datetime(2026, 7, 15, 0)
