"""Only what comes again is a repetition, and only what has a weight counts."""

import pytest

from distribution_visibility.lib.detect.exception.priority import MOST, Situation, Weight, weigh


def repeats(seen, full_at):
    return weigh(Situation(seen=seen), {"repeats": Weight(10, full_at)})


@pytest.mark.parametrize("full_at", [0, 1, 2, 5])
@pytest.mark.parametrize("seen", [0, 1])
def test_the_first_time_is_no_repetition_however_soon_all_points_are_earned(seen, full_at):
    score = repeats(seen, full_at)
    assert (score.total, score.parts) == (0, {})


@pytest.mark.parametrize(("seen", "full_at", "total"), [(2, 1, 10), (2, 2, 10), (2, 3, 5), (3, 3, 10), (9, 3, 10)])
def test_the_second_time_counts_and_the_last_that_counts_earns_all(seen, full_at, total):
    assert repeats(seen, full_at).total == total


@pytest.mark.parametrize(
    "situation", [{"seen": 3}, {"value": 5}, {"hours": 5}, {"hours": -5}, {"severity": "blocking"}]
)
def test_what_has_no_weight_earns_nothing(situation):
    score = weigh(Situation(**situation), {})
    assert (score.total, score.parts) == (0, {})


def test_nothing_is_worth_more_than_a_hundred():
    assert MOST == 100
    assert weigh(Situation(tier="key", seen=2), {"tier_key": Weight(100), "repeats": Weight(1, 2)}).total == 100
