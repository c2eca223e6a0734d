"""Who is covered when: what is there first, then what comes, in the order of the promises."""

import datetime as dt

from distribution_visibility.lib.detect.condition.stock_projection import Demand, Supply, project


def day(number):
    return dt.datetime(2026, 3, number)


def test_the_first_promised_is_the_first_served():
    demands = [Demand("late", day(9), 5), Demand("early", day(3), 5)]
    assert project(5, [Supply(day(8), 5)], demands) == {"early": dt.datetime.min, "late": day(8)}


def test_a_later_supply_moves_only_those_who_need_it():
    demands = [Demand("a", day(3), 5), Demand("b", day(4), 5)]
    assert project(5, [Supply(day(20), 5)], demands)["a"] == dt.datetime.min
    assert project(5, [Supply(day(20), 5)], demands)["b"] == day(20)


def test_what_nothing_covers_has_no_date_and_neither_has_what_comes_after_it():
    demands = [Demand("a", day(3), 8), Demand("b", day(4), 1)]
    assert project(2, [Supply(day(5), 3)], demands) == {"a": None, "b": None}


def test_several_supplies_add_up_in_the_order_of_their_dates():
    assert project(0, [Supply(day(9), 2), Supply(day(7), 2)], [Demand("a", day(1), 3)]) == {"a": day(9)}


def test_stock_below_zero_is_owed_first():
    assert project(-2, [Supply(day(5), 2), Supply(day(6), 1)], [Demand("a", day(1), 1)]) == {"a": day(6)}
