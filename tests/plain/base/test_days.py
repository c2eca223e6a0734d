"""Days on the wall clock of the place where goods are delivered."""

import datetime as dt

import pytest

from distribution_visibility.lib.base.days import at_local, days_between, end_of_day, is_later_day, local_day

LOS_ANGELES, AUCKLAND, KIRITIMATI, BERLIN = (
    "America/Los_Angeles",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Europe/Berlin",
)


def utc(text):
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", 10), ("", 10), (False, 10), (LOS_ANGELES, 10), (AUCKLAND, 11), (KIRITIMATI, 11), (BERLIN, 11)],
)
def test_half_past_eleven_at_night_in_utc_is_tomorrow_in_the_east(zone, day):
    assert local_day(utc("2026-12-10T23:30"), zone) == dt.date(2026, 12, day)


def test_an_afternoon_in_los_angeles_is_one_day_although_utc_changes_its_date():
    three, half_past_four = utc("2026-12-10T23:00"), utc("2026-12-11T00:30")
    assert days_between(three, half_past_four, LOS_ANGELES) == 0
    assert days_between(half_past_four, three, LOS_ANGELES) == 0
    assert days_between(three, half_past_four, "UTC") == 1


def test_the_next_afternoon_in_los_angeles_is_a_day_later_although_utc_keeps_its_date():
    half_past_four, next_three = utc("2026-12-11T00:30"), utc("2026-12-11T23:00")
    assert days_between(half_past_four, next_three, LOS_ANGELES) == 1
    assert days_between(next_three, half_past_four, LOS_ANGELES) == -1
    assert days_between(half_past_four, next_three, "UTC") == 0


def test_a_day_of_23_or_25_hours_is_a_day():
    # 2026-03-08 and 2026-11-01 in Los Angeles; 2026-04-05 (25 hours) and 2026-09-27 (23 hours) in Auckland
    for zone, first in ((LOS_ANGELES, "2026-03-08"), (LOS_ANGELES, "2026-11-01"), (AUCKLAND, "2026-04-05"),
                        (AUCKLAND, "2026-09-27")):  # fmt: skip
        day = dt.date.fromisoformat(first)
        start, end = at_local(day, dt.time.min, zone), at_local(day + dt.timedelta(days=1), dt.time.min, zone)
        assert end - start in (dt.timedelta(hours=23), dt.timedelta(hours=25))
        assert days_between(start, end, zone) == 1
        assert days_between(start, end - dt.timedelta(seconds=1), zone) == 0
        assert end_of_day(start, zone) == end - dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("zone", "moment", "end"),
    [
        ("UTC", "2026-12-10T12:00", "2026-12-10T23:59:59"),
        (LOS_ANGELES, "2026-12-11T00:30", "2026-12-11T07:59:59"),
        (LOS_ANGELES, "2026-07-01T12:00", "2026-07-02T06:59:59"),
        (AUCKLAND, "2026-12-10T12:00", "2026-12-11T10:59:59"),
        (AUCKLAND, "2026-07-10T11:59:59", "2026-07-10T11:59:59"),
        (KIRITIMATI, "2026-12-10T09:59:59", "2026-12-10T09:59:59"),
        (KIRITIMATI, "2026-12-10T10:00", "2026-12-11T09:59:59"),
    ],
)
def test_a_promise_of_a_day_is_kept_until_that_day_ends_where_the_goods_are_delivered(zone, moment, end):
    assert end_of_day(utc(moment), zone) == utc(end)
    assert not is_later_day(utc(end), utc(moment), zone)
    assert is_later_day(utc(end) + dt.timedelta(seconds=1), utc(moment), zone)


def test_a_time_of_a_day_is_found_on_either_side_of_the_date_line():
    assert at_local(dt.date(2026, 12, 10), dt.time(17), LOS_ANGELES) == utc("2026-12-11T01:00")
    assert at_local(dt.date(2026, 12, 10), dt.time(9), KIRITIMATI) == utc("2026-12-09T19:00")
