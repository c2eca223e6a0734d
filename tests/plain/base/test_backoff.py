"""When work and deliveries are tried again."""

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distribution_visibility.lib.base.backoff import HOURLY, INBOX, OUTBOX, Schedule, parse_retry_after

NOW = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))  # 08:00 in UTC


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([INBOX, OUTBOX]), st.integers(1, 12), st.integers())
def test_a_wait_is_within_20_percent_of_its_schedule_and_ends_with_it(schedule, attempt, seed):
    wait = schedule.delay(attempt, random.Random(seed))
    if attempt > len(schedule.delays):
        assert wait is None
    else:
        assert 0.8 * schedule.delays[attempt - 1] <= wait <= 1.2 * schedule.delays[attempt - 1]


def test_what_failed_together_does_not_come_back_together():
    waits = {round(INBOX.delay(3)) for _message in range(200)}
    assert len(waits) > 30 and min(waits) < 110 and max(waits) > 130


def test_what_people_are_told_is_tried_five_times_exactly_an_hour_apart():
    assert HOURLY.max_attempts == 5
    assert [HOURLY.delay(attempt) for attempt in range(1, 6)] == [3600, 3600, 3600, 3600, None]


def test_deliveries_are_tried_ten_times_over_three_days_as_standard_webhooks_suggests():
    assert OUTBOX.max_attempts == 10
    assert sum(OUTBOX.delays) == 75 * 3600 + 35 * 60 + 5


def test_processing_waits_longer_each_time():
    assert list(INBOX.delays) == sorted(INBOX.delays) and INBOX.max_attempts == 9


@pytest.mark.parametrize("attempt", [0, -1])
def test_attempts_count_from_one(attempt):
    with pytest.raises(ValueError):
        INBOX.delay(attempt)


@settings(max_examples=50, deadline=None)
@given(st.floats(1, 86400), st.integers())
def test_who_asked_for_time_is_given_at_least_that(asked, seed):
    wait = OUTBOX.delay(1, random.Random(seed), retry_after=asked)
    assert asked <= wait <= max(6, asked * 1.2)


def test_asking_for_time_does_not_add_attempts():
    assert Schedule((5,)).delay(2, retry_after=60) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 1),
        ("9999999999", 86400),
        ("Sun, 01 Mar 2026 08:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 07:00:00 GMT", 1),
        ("Fri, 01 Mar 2030 08:00:00 GMT", 86400),
        ("Sun, 1 Mar 2026 08:00:30 GMT", 30),
        ("Sunday, 01-Mar-26 08:00:30 GMT", 30),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 1),
        ("Sun Mar  1 08:00:30 2026", 30),
        ("Sun Nov  6 08:49:37 2094", 86400),
        ("Sun, 01 Mar 2026 08:00:60 GMT", 59),
        ("Sunday, 01-Mar-26 08:00:60 GMT", 59),
        ("Sun Mar  1 08:00:60 2026", 59),
    ],
)
def test_retry_after_is_read_in_both_forms_and_kept_within_bounds(text, seconds):
    assert parse_retry_after(text, NOW) == seconds


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "-5",
        "1.5",
        "1e3",
        "soon",
        "٣",
        "Sun, 31 Feb 2026 08:00:00 GMT",
        "Sun, 01 Mrz 2026 08:00:00 GMT",
        "Sun, 01 Mar 2026 08:00:00 CET",
        "Sun, 01 Mar 2026 08:00:00 +0100",
        "Sun, 01 Mar 2026 08:00:00 +99999999999999999999",
        "Sun, 01 Mar 2026 08:00:61 GMT",
        "Sun Mar  1 08:60:60 2026",
        "Sunday, 31-Feb-26 08:00:30 GMT",
        "Sun Feb 31 08:00:30 2026",
        "Sun, 01 Mar 0000 08:00:00 GMT",
        "Sun, 01 Mar 2026 25:00:00 GMT",
        "2026-03-01T08:00:00Z",
    ],
)
def test_a_retry_after_that_is_neither_form_leaves_the_schedule_alone(text):
    assert parse_retry_after(text, NOW) is None


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_no_receiver_can_break_the_sender_with_its_retry_after(text):
    assert parse_retry_after(text, NOW) is None or 1 <= parse_retry_after(text, NOW) <= 86400
