"""When something is due, by working hours, cut-off and the wall clock of a time zone."""

import datetime as dt

import pytest

from distribution_visibility.lib.base.due_time import DueRule, OutOfHorizon, WorkingTime, get_due

UTC = dt.timezone.utc
BERLIN = "Europe/Berlin"


def week(zone=BERLIN, first="2026-03-16", days=28, hours=((8, 12), (13, 17))):
    """Working time from Monday to Friday."""
    clock, found = WorkingTime(zone), []
    for index in range(days):
        day = dt.date.fromisoformat(first) + dt.timedelta(days=index)
        if day.weekday() < 5:
            found += [(clock.at(day, start), clock.at(day, end)) for start, end in hours]
    return WorkingTime(zone, found)


def due(base, working=None, **rule):
    return f"{get_due(dt.datetime.fromisoformat(base), DueRule(**rule), working or week()):%a %d %H:%M}"


# 2026-03-27 is a Friday; in the night to Sunday 29 Berlin goes from UTC+1 to UTC+2.
@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (0, "working_hours", "Fri 27 14:00"),
        (1, "working_hours", "Fri 27 15:00"),
        (3, "working_hours", "Mon 30 07:00"),
        (4, "hours", "Fri 27 18:00"),
        (1, "working_days", "Mon 30 13:00"),
        (3, "working_days", "Wed 01 13:00"),
        (3, "days", "Mon 30 13:00"),
        (72, "hours", "Mon 30 14:00"),
    ],
)
def test_time_after_a_friday_afternoon_before_summer_time(amount, unit, expected):
    assert due("2026-03-27T14:00", amount=amount, unit=unit) == expected


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (1, "working_hours", "Fri 27 15:00"),
        (9, "working_hours", "Thu 26 15:00"),
        (1, "working_days", "Fri 27 07:00"),
        (2, "days", "Sat 28 07:00"),
        (5, "hours", "Mon 30 01:00"),
    ],
)
def test_time_before_a_monday_morning_in_summer_time(amount, unit, expected):
    assert due("2026-03-30T06:00", amount=amount, unit=unit, is_before=True) == expected


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("2026-03-26T15:59", "Thu 26 16:00"),
        ("2026-03-26T16:00", "Thu 26 16:00"),
        ("2026-03-26T16:01", "Fri 27 16:00"),
        ("2026-03-27T16:01", "Mon 30 15:00"),
        ("2026-03-28T10:00", "Mon 30 15:00"),
    ],
)
def test_what_comes_after_the_cut_off_counts_for_the_next_working_day(base, expected):
    assert due(base, cut_off=17) == expected


def test_a_cut_off_of_24_is_the_end_of_the_day_on_the_wall_clock():
    assert due("2026-03-26T11:00", cut_off=24) == "Thu 26 23:00"
    assert due("2026-03-30T11:00", cut_off=24) == "Mon 30 22:00"


def test_the_cut_off_comes_before_the_offset():
    assert due("2026-03-27T16:01", amount=1, unit="working_days", cut_off=17) == "Tue 31 15:00"


def test_counted_backwards_the_cut_off_is_that_of_the_day_that_is_reached():
    assert due("2026-03-31T05:00", amount=2, unit="days", is_before=True, cut_off=12) == "Fri 27 11:00"


def test_grace_is_no_part_of_the_due_time_and_tells_somebody_so_much_later():
    assert due("2026-03-26T15:00", cut_off=17, grace_hours=1.5) == "Thu 26 16:00"
    told = DueRule(cut_off=17, grace_hours=1.5).get_tell_at(dt.datetime(2026, 3, 26, 16))
    assert told == dt.datetime(2026, 3, 26, 17, 30)


def test_without_working_time_every_day_counts():
    every = WorkingTime(BERLIN)
    assert due("2026-03-27T14:00", every, amount=1, unit="working_days") == "Sat 28 14:00"
    assert due("2026-03-28T17:00", every, cut_off=17) == "Sun 29 15:00"


def test_the_same_moment_is_another_day_elsewhere():
    assert due("2026-03-27T02:00", week("America/New_York"), cut_off=24) == "Fri 27 04:00"
    assert due("2026-03-27T02:00", week("Asia/Tokyo"), cut_off=24) == "Fri 27 15:00"


def test_too_little_working_time_is_an_error_and_no_wrong_answer():
    for rule in ({"amount": 500, "unit": "working_hours"}, {"amount": 90, "unit": "working_days"}):
        with pytest.raises(OutOfHorizon):
            due("2026-03-27T14:00", **rule)
        with pytest.raises(OutOfHorizon):
            due("2026-03-27T14:00", is_before=True, **rule)
    with pytest.raises(OutOfHorizon):
        due("2026-05-27T14:00", cut_off=17)


def test_hours_pass_while_it_is_worked_and_begin_when_it_is_worked_the_next_time():
    saturday = dt.datetime(2026, 3, 28, 10, tzinfo=UTC)
    assert f"{week().pass_hours(saturday, 0):%a %d %H:%M}" == "Mon 30 06:00"
    assert f"{week().pass_hours(saturday, 9):%a %d %H:%M}" == "Tue 31 07:00"
    assert WorkingTime(BERLIN).pass_hours(saturday, 9) == saturday + dt.timedelta(hours=9)


def test_office_hours_are_those_of_the_wall_clock_from_monday_to_friday():
    clock = WorkingTime(BERLIN)
    hours = clock.get_office_hours(dt.date(2026, 3, 27), dt.date(2026, 3, 31))
    assert [f"{start:%a %H}-{end:%H}" for start, end in hours] == ["Fri 07-11", "Fri 12-16", "Mon 06-10", "Mon 11-15"]


def test_working_days_that_have_passed_are_counted_from_one_time_of_day_to_the_same():
    days = [dt.datetime(2026, 2, day, tzinfo=dt.timezone.utc) for day in (2, 3, 4, 5, 6, 9, 10)]
    working = WorkingTime("UTC", [(day + dt.timedelta(hours=8), day + dt.timedelta(hours=17)) for day in days])

    def count(start, end):
        return working.count_days(*(dt.datetime.fromisoformat(f"2026-02-{one}+00:00") for one in (start, end)))

    assert count("02T10:00", "03T09:59") == 0
    assert count("02T10:00", "03T10:00") == 1
    assert count("05T10:00", "09T10:00") == 2, "Friday and Monday: the weekend is not counted"
    assert count("07T10:00", "08T18:00") == 0, "a weekend alone"
    assert count("09T10:00", "05T10:00") == 0
    assert WorkingTime("UTC").count_days(days[0], days[-1]) == 8, "every day, where nobody says when is worked"
