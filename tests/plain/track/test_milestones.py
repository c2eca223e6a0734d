"""Where a shipment is does not depend on the order in which its facts come."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from distribution_visibility.lib.track.milestones import Correction, Position, furthest, stands_at, still_counts

NOON = dt.datetime(2026, 3, 2, 12)
moments = st.integers(0, 60).map(lambda hours: NOON + dt.timedelta(hours=hours))
ranks = st.sampled_from([40, 50, 60, 62, 80, 82, 90, 100, 110, 200])
positions = st.builds(Position, ranks, moments, st.integers(1, 4))
corrections = st.builds(Correction, moments, positions)
histories = st.tuples(st.lists(positions, max_size=8), st.lists(corrections, max_size=3))


@given(histories, st.randoms(use_true_random=False))
def test_any_order_of_the_same_facts_and_any_repetition_gives_the_same_position(history, random):
    facts, corrected = history
    shuffled = [*facts, *random.choices(facts, k=3)] if facts else []
    again = [*corrected, *random.choices(corrected, k=2)] if corrected else []
    random.shuffle(shuffled)
    random.shuffle(again)
    assert stands_at(shuffled, again) == stands_at(facts, corrected)


@given(histories, st.randoms(use_true_random=False), st.integers(0, 7))
def test_a_withdrawn_fact_leaves_what_the_others_say_in_any_order(history, random, which):
    facts, corrected = history
    left = [fact for number, fact in enumerate(facts) if number != which]
    shuffled = left[:]
    random.shuffle(shuffled)
    assert stands_at(shuffled, corrected) == stands_at(left, corrected)


@given(st.lists(positions, max_size=8), st.lists(corrections, max_size=3), st.integers(0, 8))
def test_news_in_batches_gives_what_all_at_once_gives(facts, corrected, cut):
    """What the database does: the position so far, and those of the new facts that may move it."""
    last = max(corrected, default=None)
    decided = last and last.decided_at
    so_far = stands_at(facts[:cut], corrected)
    new = [fact for fact in facts[cut:] if still_counts(fact.at, decided)]
    assert furthest([so_far, *new]) == stands_at(facts, corrected)


def test_a_person_sets_a_delivered_parcel_back_and_old_scans_do_not_undo_it():
    delivered, out = Position(90, NOON, 9), Position(80, NOON - dt.timedelta(hours=4), 8)
    back = Correction(NOON + dt.timedelta(hours=2), Position(60, NOON, 6))
    assert stands_at([out, delivered], [back]) == back.position
    assert stands_at([out, delivered, Position(82, NOON + dt.timedelta(hours=1), 7)], [back]) == back.position


def test_what_happens_after_a_correction_goes_on_from_there():
    back = Correction(NOON, Position(60, NOON, 6))
    again = Position(90, NOON + dt.timedelta(days=1), 9)
    assert stands_at([Position(90, NOON, 9), again], [back]) == again


def test_the_later_correction_counts():
    first = Correction(NOON, Position(90, NOON, 9))
    second = Correction(NOON + dt.timedelta(hours=1), Position(50, NOON, 5))
    assert stands_at([], [second, first]) == second.position
    assert stands_at([], []) is None
