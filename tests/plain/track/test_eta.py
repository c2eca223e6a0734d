"""Estimates and odds are counts of what happened before."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distribution_visibility.lib.track import eta

OBSERVED = [40, 44, 46, 48, 50, 52, 60, 70, 72, 96]
hours = st.lists(st.floats(0, 500), max_size=50).map(sorted)


def test_the_examples_in_the_code_are_so():
    assert doctest.testmod(eta).failed == 0


@pytest.mark.parametrize(
    ("elapsed", "left", "odds"),
    [
        (0, 52, (4, 10)),  # as long as is left is still in time
        (0, 100, (0, 10)),
        (0, 10, (10, 10)),
        (47, 52, (4, 7)),  # those that were faster say nothing any more
        (100, 120, (0, 0)),
        (60, 50, (3, 3)),  # the promise has passed
    ],
)
def test_the_odds_are_those_of_parcels_that_were_still_under_way(elapsed, left, odds):
    assert eta.odds(OBSERVED, elapsed, left) == odds


def test_slower_than_everything_before_is_late_for_all_we_know():
    assert eta.odds(OBSERVED, 100, 120).percent == 100
    assert eta.odds(OBSERVED, 0, 52).percent == 40


@given(hours, st.floats(-50, 500), st.floats(-50, 500), st.floats(0, 100))
def test_more_time_is_never_more_risk_and_a_percentage_stays_one(observed, elapsed, left, more):
    risk = eta.odds(observed, elapsed, left)
    assert 0 <= risk.percent <= 100
    assert eta.odds(observed, elapsed, left + more).percent <= risk.percent


@given(hours, st.floats(-50, 500))
def test_the_expected_time_is_never_one_that_has_passed(observed, elapsed):
    expected = eta.expected(observed, elapsed)
    assert expected is None or elapsed < expected <= observed[-1]


def test_lanes_go_from_fine_to_coarse():
    parts = {
        "company": "1", "carrier": "ups", "method": "M3", "origin": "W2", "zip": "US-041", "state": "US-ME",
        "country": "US", "weekday": "4",
    }  # fmt: skip
    keys = eta.lane_keys(parts)
    assert (len(keys), keys[0], keys[-1]) == (8, "0|1|ups|M3|W2|US-041|4", "7|1|ups|US")
    assert [key.split("|")[0] for key in eta.lane_keys({**parts, "state": "", "zip": ""})] == ["4", "5", "6", "7"]
