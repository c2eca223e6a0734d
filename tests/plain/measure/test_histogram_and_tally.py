"""Counting at the door and reading histograms."""

import pytest

from distribution_visibility.lib.measure.door_tally import DoorTally, get_refusal
from distribution_visibility.lib.measure.histogram import END_TO_END_SECONDS, bucket, cumulative


@pytest.mark.parametrize(("seconds", "label"), [(0, "1"), (1, "1"), (1.01, "2"), (86400, "86400"), (86401, "+Inf")])
def test_a_duration_belongs_to_the_smallest_bucket_that_holds_it(seconds, label):
    assert bucket(seconds, END_TO_END_SECONDS) == label


def test_buckets_count_everything_up_to_them_and_the_infinite_one_counts_all():
    assert cumulative({"1": 3, "10": 2, "+Inf": 1}, (1, 5, 10)) == [("1", 3), ("5", 3), ("10", 5), ("+Inf", 6)]


def test_counts_of_buckets_that_are_gone_are_not_lost():
    assert cumulative({"7": 4}, (1, 5))[-1] == ("+Inf", 4)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (202, ""),
        (200, ""),
        (401, "rejected_signature"),
        (413, "rejected_size"),
        (429, "rate_limited"),
        (503, "overloaded"),
        (400, "invalid"),
        (415, "invalid"),
    ],
)
def test_every_refusal_has_a_reason(status, reason):
    assert get_refusal(status) == reason


def test_the_first_note_since_the_last_taking_asks_for_somebody_to_take():
    tally = DoorTally()
    assert tally.note("db", 1, "duplicate", 0.004)
    assert not tally.note("db", 1, "duplicate", 0.004)
    assert tally.note("other", None, "", 1)
    assert tally.take("db")["received", 1, "duplicate"] == 2
    assert tally.take("db") == {}
    assert tally.note("db", 1, "", 0.004)


def test_an_accepted_request_counts_its_time_only():
    tally = DoorTally()
    tally.note("db", 1, "", 0.004)
    counts = tally.take("db")
    assert counts["accept_seconds", None, "0.005"] == 1
    assert {name for name, _source, _label in counts} == {"accept_seconds", "accept_seconds_sum"}
