"""Estimates and odds are counts of what happened before."""

import datetime as dt
import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distribution_visibility.lib.track import eta

OBSERVED = [40, 44, 46, 48, 50, 52, 60, 70, 72, 96]
hours = st.lists(st.floats(0, 500), min_size=1, max_size=50).map(sorted)


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
    assert eta.odds(OBSERVED, elapsed, left)[:2] == odds


def test_the_percentage_follows_the_odds_and_how_far_the_parcels_lie_apart():
    assert eta.odds(OBSERVED, 0, 52).percent == 46
    assert eta.odds(OBSERVED, 0, 56).percent == 41, "between two of them"
    assert eta.odds(OBSERVED, 100, 120).percent == 63, "slower than all before"
    assert eta.odds(OBSERVED, 100, 100).percent == 100


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


NOW = dt.datetime(2026, 3, 6, 12)


def hours_from_now(hours):
    return NOW + dt.timedelta(hours=hours)


def test_what_is_certain_needs_no_history():
    assert eta.assess(NOW, None, observed=OBSERVED) is None
    assert eta.assess(NOW, hours_from_now(10)) is None
    assert eta.assess(NOW, hours_from_now(-2), delivered=hours_from_now(-3)) == eta.Risk("delivered", 0)
    assert eta.assess(NOW, hours_from_now(-2), delivered=hours_from_now(-1)) == eta.Risk("delivered", 100)
    assert eta.assess(NOW, hours_from_now(-2), observed=OBSERVED) == eta.Risk("passed", 100)


def test_a_parcel_under_way_is_compared_with_those_that_were_under_way_as_long():
    risk = eta.assess(NOW, hours_from_now(5), started=hours_from_now(-47), observed=OBSERVED)
    assert risk == eta.Risk("lane", 67, 4, 7, 5, 47)


def test_a_parcel_that_waits_for_the_carrier_is_compared_as_if_it_left_now():
    assert eta.assess(NOW, hours_from_now(52), observed=OBSERVED) == eta.Risk("waiting", 46, 4, 10, 52, 0)


def test_what_the_carrier_expects_goes_before_the_lane():
    late = eta.assess(NOW, hours_from_now(5), eta=hours_from_now(6), observed=OBSERVED)
    assert late == eta.Risk("eta", 100, left=-1)
    assert eta.assess(NOW, hours_from_now(7), eta=hours_from_now(6), observed=OBSERVED).percent == 0


def test_an_estimate_that_has_passed_says_nothing_and_the_lane_does():
    passed = {"started": hours_from_now(-47), "eta": hours_from_now(-1)}
    assert eta.assess(NOW, hours_from_now(5), **passed).basis == "stale"
    assert eta.assess(NOW, hours_from_now(5), observed=OBSERVED, **passed).basis == "lane"


def test_a_carriers_estimate_is_worth_what_its_estimates_were_worth():
    errors = [-10, -5, -1, 0, 0, 1, 2, 3, 20, 30]
    risk = eta.assess(NOW, hours_from_now(12), eta=hours_from_now(8), errors=errors)
    assert risk == eta.Risk("estimate", 31, 2, 9, 4)
    # an estimate that has passed says less: those that were met are not under way any more
    assert eta.assess(NOW, hours_from_now(2), eta=hours_from_now(-2), errors=errors).out_of == 3
