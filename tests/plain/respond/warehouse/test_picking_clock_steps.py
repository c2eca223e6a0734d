"""When a transfer should be done, counted back from the promise."""

import datetime as dt

import pytest

from distribution_visibility.lib.base.due_time import OutOfHorizon, WorkingTime
from distribution_visibility.lib.respond.warehouse.picking_clock import Way, get_clock_due, get_spare_hours, get_within

# 2026-03-06 is a Friday
FRIDAY_NOON = dt.datetime(2026, 3, 6, 12)


def week(days=28):
    """Monday to Friday, 8 to 16, from two weeks before."""
    clock, found = WorkingTime("UTC"), []
    for index in range(days):
        day = dt.date(2026, 2, 23) + dt.timedelta(days=index)
        if day.weekday() < 5:
            found.append((clock.at(day, 8), clock.at(day, 16)))
    return WorkingTime("UTC", found)


def due(promised=FRIDAY_NOON, **way):
    return f"{get_clock_due(promised, Way(**way), week()):%a %d %H:%M}"


def test_what_takes_no_time_may_be_done_at_the_last_moment():
    assert due() == "Fri 06 12:00"


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ({"hours": 3}, "Fri 06 09:00"),
        ({"hours": 6}, "Thu 05 14:00"),
        ({"transit_days": 1}, "Thu 05 12:00"),
        ({"transit_days": 5}, "Fri 27 12:00"),
        ({"transit_days": 1, "cut_off": 10}, "Thu 05 10:00"),
        ({"transit_days": 1, "cut_off": 10, "hours": 3}, "Wed 04 15:00"),
        ({"cut_off": 9}, "Fri 06 09:00"),
    ],
)
def test_transit_cut_off_and_work_are_taken_off_the_promise_in_this_order(way, expected):
    assert due(**way) == expected


def test_a_cut_off_after_the_promise_does_not_put_it_off():
    assert due(cut_off=17) == "Fri 06 12:00"
    assert due(cut_off=17, hours=1) == "Fri 06 11:00"


@pytest.mark.parametrize(
    ("way", "needs"), [({}, False), ({"transit_days": 1}, True), ({"cut_off": 0}, True), ({"hours": 1}, True)]
)
def test_working_time_is_only_asked_for_where_it_is_needed(way, needs):
    assert bool(Way(**way).needs_working_time()) is needs


def test_the_further_back_it_goes_the_more_working_time_is_asked_for():
    spans = [Way(*way).get_span() for way in ((), (0, None, 8), (5, None, 8), (10, None, 8))]
    assert spans == sorted(set(spans))
    assert Way(5, None, 8).get_span() >= dt.timedelta(days=7), "over a weekend"


def test_where_the_known_working_time_ends_more_is_asked_for():
    with pytest.raises(OutOfHorizon):
        get_clock_due(FRIDAY_NOON, Way(transit_days=30), week())


def test_spare_hours_are_less_than_zero_when_it_was_done_too_late():
    later = FRIDAY_NOON + dt.timedelta(minutes=90)
    assert get_spare_hours(later, FRIDAY_NOON) == 1.5
    assert get_spare_hours(FRIDAY_NOON, later) == -1.5
    assert get_spare_hours(later, later) == 0


def test_so_many_working_hours_from_now_go_over_the_weekend():
    assert get_within(FRIDAY_NOON, 3, week()) == dt.datetime(2026, 3, 6, 15)
    assert get_within(FRIDAY_NOON, 6, week()) == dt.datetime(2026, 3, 9, 10)


def test_where_hardly_ever_is_worked_the_clock_on_the_wall_counts():
    sparse = WorkingTime("UTC", [(dt.datetime(2026, 3, 7, 8, tzinfo=dt.timezone.utc),) * 2])
    assert get_within(FRIDAY_NOON, 6, sparse) == dt.datetime(2026, 3, 6, 18)
