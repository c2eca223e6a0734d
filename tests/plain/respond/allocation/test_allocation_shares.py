"""What each part of the score is worth, and what is left for the next delivery."""

import dataclasses

import pytest

from distribution_visibility.lib.respond.allocation.allocation import (
    HORIZON_HOURS,
    OLDEST_DAYS,
    Claim,
    Weights,
    allocate,
)

MOST_URGENT = Claim("a", wanted=5, hours_to_promise=0, tier=3, tiers=3, value=100, age_days=OLDEST_DAYS)


def award(available=100, weights=None, **values):
    return allocate([dataclasses.replace(MOST_URGENT, **values)], available, weights)[0]


def test_out_of_a_hundred_the_promise_is_worth_40_the_tier_30_the_value_20_and_the_wait_10():
    assert award().parts == {"promise": 40.0, "tier": 30.0, "value": 20.0, "age": 10.0}
    assert award().score == 100


def test_only_the_proportion_of_the_weights_matters():
    assert award(weights=Weights(4, 3, 2, 1)).parts == award().parts


@pytest.mark.parametrize(
    ("hours", "points"), [(None, 0), (HORIZON_HOURS + 1, 0), (HORIZON_HOURS, 0), (HORIZON_HOURS / 2, 20), (-5, 40)]
)
def test_urgency_begins_two_weeks_before_the_promise(hours, points):
    assert HORIZON_HOURS == 14 * 24
    assert award(hours_to_promise=hours).parts["promise"] == points


@pytest.mark.parametrize(("days", "points"), [(-1, 0), (0, 0), (15, 5), (30, 10), (300, 10)])
def test_after_thirty_days_a_longer_wait_makes_no_difference(days, points):
    assert award(age_days=days).parts["age"] == points


def test_without_tiers_or_values_those_parts_are_nothing():
    assert award(tier=0, tiers=0, value=0).parts == {"promise": 40, "tier": 0, "value": 0, "age": 10}


def test_a_value_below_one_is_a_value():
    assert award(value=0.5).parts["value"] == 20


def test_what_is_picked_already_is_a_part_of_what_was_wanted():
    first = dataclasses.replace(MOST_URGENT, key="first", locked=2)
    second = dataclasses.replace(MOST_URGENT, key="second", hours_to_promise=90)
    awards = {one.key: one.quantity for one in allocate([first, second], 6)}
    assert awards == {"first": 5, "second": 3}, "three more for the first leave three"


def test_more_picked_than_wanted_gives_nothing_back_and_takes_nothing():
    first = dataclasses.replace(MOST_URGENT, key="first", locked=7)
    second = dataclasses.replace(MOST_URGENT, key="second", hours_to_promise=90)
    awards = {one.key: one.quantity for one in allocate([first, second], 4)}
    assert awards == {"first": 7, "second": 4}


def test_of_equal_scores_the_earlier_promise_and_then_the_longer_wait_goes_first():
    weights = Weights(promise=0, tier=1, value=0, age=0)
    claims = [
        dataclasses.replace(MOST_URGENT, key="never", hours_to_promise=None),
        dataclasses.replace(MOST_URGENT, key="young", hours_to_promise=9, age_days=1),
        dataclasses.replace(MOST_URGENT, key="old", hours_to_promise=9, age_days=2),
        dataclasses.replace(MOST_URGENT, key="soon", hours_to_promise=1, age_days=1),
    ]
    assert [one.key for one in allocate(claims, 100, weights)] == ["soon", "old", "young", "never"]
