"""The priority of an exception is a sum that people can follow."""

import pytest

from distribution_visibility.lib.detect.exception.priority import Situation, Weight, weigh

WEIGHTS = {
    "tier_strategic": Weight(25),
    "tier_key": Weight(15),
    "severity_blocking": Weight(20),
    "severity_warning": Weight(10),
    "value": Weight(25, 50_000),
    "hours": Weight(25, 72),
    "repeats": Weight(5, 5),
}


def total(**situation):
    return weigh(Situation(**situation), WEIGHTS).total


def test_the_worst_of_everything_is_a_hundred_and_nothing_at_all_is_zero():
    assert total(tier="strategic", value=80_000, hours=-3, severity="blocking", seen=9) == 100
    assert total() == 0


def test_more_at_risk_never_makes_an_exception_less_urgent():
    values = [total(value=value) for value in (0, 100, 1_000, 12_500, 50_000, 1e9)]
    assert values == sorted(values)
    assert values[3:] == [12, 25, 25], "a quarter of the full amount earns half of the points"


def test_the_nearer_the_promise_the_more_urgent_and_a_broken_one_stays_urgent():
    hours = [total(hours=hours) for hours in (None, 72, 36, 1, 0, -500)]
    assert hours == [0, 0, 12, 25, 25, 25]


def test_each_further_report_counts_until_enough_is_enough():
    assert [total(seen=seen) for seen in (0, 1, 2, 3, 5, 50)] == [0, 0, 1, 2, 5, 5]


def test_severity_and_tier_count_apart():
    assert total(tier="strategic") == 25
    assert total(severity="warning") == 10
    assert total(tier="standard", severity="information") == 0


def test_the_parts_say_where_the_points_come_from():
    score = weigh(Situation(tier="key", severity="warning", hours=36), WEIGHTS)
    assert score.parts == {"tier": 15, "severity": 10, "hours": 12.5}


@pytest.mark.parametrize("full_at", [0, 1, -5])
def test_senseless_limits_break_nothing(full_at):
    weights = {code: Weight(10, full_at) for code in ("value", "hours", "repeats")}
    assert 0 <= weigh(Situation(value=5, hours=5, seen=3), weights).total <= 100


def test_points_that_were_set_too_high_end_at_a_hundred_and_debts_at_zero():
    assert weigh(Situation(severity="blocking"), {"severity_blocking": Weight(500)}).total == 100
    assert weigh(Situation(severity="blocking"), {"severity_blocking": Weight(-5)}).total == 0
