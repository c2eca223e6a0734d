"""Of what says 80 %, 80 % come late: replayed over made-up histories of several shapes."""

import datetime as dt
import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distribution_visibility.lib.track import eta

NOW = dt.datetime(2026, 3, 6, 12)
#: How long parcels of a lane take, in hours.
LANES = {
    "always the same day": lambda chance: chance.uniform(20, 24),
    "two days, give or take": lambda chance: max(1, chance.gauss(48, 8)),
    "often late": lambda chance: 24 * chance.lognormvariate(0, 0.5),
    "some wait for the weekend": lambda chance: chance.gauss(30, 3) if chance.random() < 0.8 else chance.gauss(78, 4),
    "some go astray": lambda chance: chance.gauss(40, 6) + (chance.random() < 0.05) * chance.expovariate(1 / 120),
    "any time": lambda chance: 10 + chance.expovariate(1 / 20),
    "scanned once a day": lambda chance: 24.0 * chance.choice((1, 1, 2, 2, 2, 3, 5)),
}
REPLAYS = 1500


def replay(lane, look=None, seed=7):
    """What was said of parcels that were still under way, and what became of them: (odds, whether it was late)."""
    chance = random.Random(seed)
    draw = LANES[lane]
    while True:
        observed = sorted(draw(chance) for _ in range(chance.choice((8, 12, 20, 40, 100))))
        elapsed = look(observed, chance) if look else draw(chance) * chance.uniform(0, 1.1)
        promised, took = draw(chance) + chance.gauss(0, 4), draw(chance)
        if elapsed < promised and elapsed < took:
            yield eta.odds(observed, elapsed, promised), took > promised


def some(lane, count=REPLAYS, **settings):
    replays = replay(lane, **settings)
    return [next(replays) for _ in range(count)]


@pytest.mark.parametrize("lane", LANES)
def test_what_is_said_comes_true_as_often_as_it_is_said(lane):
    table = defaultdict(list)
    for odds, late in some(lane):
        table[min(odds.percent // 20, 4)].append((odds.chance, late))
    for said_and_came in table.values():
        count = len(said_and_came)
        said, came = (sum(column) / count for column in zip(*said_and_came, strict=True))
        # three standard errors for chance, and four points for what twelve parcels cannot know
        assert abs(said - came) < 0.04 + 3 * (0.25 / count) ** 0.5, f"said {said:.2f}, came {came:.2f} of {count}"


@pytest.mark.parametrize("lane", LANES)
def test_it_knows_more_than_mere_counting_and_more_than_nothing(lane):
    replays = some(lane)
    share = sum(late for _odds, late in replays) / len(replays)

    def brier(say):
        return sum((say(odds) - late) ** 2 for odds, late in replays) / len(replays)

    counted = brier(lambda odds: odds.slower / odds.out_of if odds.out_of else 1)
    assert brier(lambda odds: odds.chance) < counted + 0.002
    assert brier(lambda odds: odds.chance) < brier(lambda odds: share)


@pytest.mark.parametrize("lane", ["two days, give or take", "often late", "any time", "some go astray"])
def test_slower_than_all_before_is_as_late_as_such_parcels_were(lane):
    def after_all_others(observed, chance):
        return observed[-1] + chance.uniform(0, 4)

    said, came = zip(*((odds.chance, late) for odds, late in some(lane, 400, look=after_all_others)), strict=True)
    assert abs(sum(said) - sum(came)) / len(said) < 0.15
    assert sum(said) / len(said) < 0.95, "mere counting says 100 % of all of them"


# ------------------------------------------------------------------ what must hold of any history
hours = st.lists(st.floats(0, 500), min_size=1, max_size=50).map(sorted)
moments = st.floats(-50, 600)


@given(hours, moments, moments)
def test_longer_is_never_more_likely(observed, one, other):
    early, late = sorted((one, other))
    assert 1 > eta.survival(observed, early) >= eta.survival(observed, late) > 0


@given(hours, st.floats(0, 400), st.floats(0, 100), st.floats(0, 400))
def test_a_parcel_that_does_not_come_is_never_less_likely_late(observed, elapsed, more, promised):
    assert eta.odds(observed, elapsed + more, promised).chance >= eta.odds(observed, elapsed, promised).chance - 1e-12


@given(hours, st.floats(0, 400), st.floats(0.1, 400))
def test_nothing_is_certain_while_there_is_time(observed, elapsed, left):
    assert eta.odds(observed, elapsed, elapsed + left).percent < 100
    assert eta.odds(observed, elapsed + left, elapsed).percent == 100


# ------------------------------------------------------------------ stories
def test_a_parcel_slower_than_all_before_with_eleven_days_left_is_not_late():
    twelve = [20 + 4 * number / 11 for number in range(12)]
    promise = NOW + dt.timedelta(days=11)
    for elapsed in (24, 25, 30, 40):
        risk = eta.assess(NOW, promise, started=NOW - dt.timedelta(hours=elapsed), observed=twelve)
        assert (risk.basis, risk.out_of) == ("lane", 0)
        assert risk.percent <= 1, f"after {elapsed} hours"


def test_a_parcel_slower_than_all_before_with_minutes_left_is_late():
    twelve = [20 + 4 * number / 11 for number in range(12)]
    risk = eta.assess(NOW, NOW + dt.timedelta(minutes=6), started=NOW - dt.timedelta(hours=26), observed=twelve)
    assert risk.percent >= 90


def test_an_estimate_later_than_any_before_that_leaves_a_week_is_not_late():
    promise, errors = NOW + dt.timedelta(days=7), [-3, -2, -1, 0, 1, 2, 2, 3]
    risk = eta.assess(NOW, promise, eta=NOW - dt.timedelta(hours=4), errors=errors)
    assert (risk.basis, risk.out_of) == ("estimate", 0)
    assert risk.percent <= 1


def test_an_estimate_after_the_promise_is_not_late_where_parcels_come_before_their_estimates():
    promise = NOW + dt.timedelta(hours=20)
    early = eta.assess(NOW, promise, eta=promise + dt.timedelta(hours=1), errors=[-9, -8, -8, -7, -6, -6, -5, -4])
    assert (early.basis, early.percent < 20) == ("estimate", True)
    late = eta.assess(NOW, promise, eta=promise + dt.timedelta(hours=1), errors=[-2, -1, 0, 0, 1, 2, 3, 4])
    assert late.percent > 60
