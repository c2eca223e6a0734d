from datetime import datetime, timedelta

import pytest

from distribution_visibility.lib.respond.message.message_timing import Cap, QuietHours, find_moment

NIGHT = QuietHours(20, 7)
NO_CAP = Cap(0, 0)


def at(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "zone", "end"),
    [
        ("2026-03-02 12:00", "UTC", None),
        ("2026-03-02 20:00", "UTC", "2026-03-03 07:00"),
        ("2026-03-02 23:59", "UTC", "2026-03-03 07:00"),
        ("2026-03-02 00:00", "UTC", "2026-03-02 07:00"),
        ("2026-03-02 06:59", "UTC", "2026-03-02 07:00"),
        ("2026-03-02 07:00", "UTC", None),
        # 22:30 on Sunday in New York, half past noon on Monday in Tokyo
        ("2026-03-02 03:30", "America/New_York", "2026-03-02 12:00"),
        ("2026-03-02 03:30", "Asia/Tokyo", None),
        # The night in which clocks go forward is an hour shorter
        ("2026-03-08 04:00", "America/New_York", "2026-03-08 11:00"),
        # Half an hour off
        ("2026-03-02 00:00", "Asia/Kolkata", "2026-03-02 01:30"),
    ],
)
def test_night_is_by_the_recipients_clock(moment, zone, end):
    assert NIGHT.get_end(at(moment), zone) == (at(end) if end else None)


def test_quiet_hours_may_lie_within_a_day():
    noon = QuietHours(12, 13.5)
    assert noon.get_end(at("2026-03-02 13:00"), "UTC") == at("2026-03-02 13:30")
    assert noon.get_end(at("2026-03-02 14:00"), "UTC") is None


@pytest.mark.parametrize("hours", [(0, 0), (9, 9), (0, 24), (24, 0)])
def test_the_same_hour_twice_is_never_quiet(hours):
    assert QuietHours(*hours).get_end(at("2026-03-02 09:30"), "UTC") is None


def test_there_is_room_again_when_the_oldest_is_a_day_old():
    sent = [at("2026-03-02 09:00"), at("2026-03-02 08:00")]
    assert Cap(3, 0).get_room(at("2026-03-02 10:00"), sent) is None
    assert Cap(2, 0).get_room(at("2026-03-02 10:00"), sent) == at("2026-03-03 08:00")
    assert Cap(1, 0).get_room(at("2026-03-02 10:00"), sent) == at("2026-03-03 09:00")


def test_the_later_of_day_and_week_counts():
    sent = [at("2026-03-02 09:00") + timedelta(days=day) for day in range(3)]
    assert Cap(1, 3).get_room(at("2026-03-04 10:00"), sent) == at("2026-03-09 09:00")


def test_room_at_night_is_no_room():
    sent = [at("2026-03-01 22:00")]
    assert find_moment(at("2026-03-02 12:00"), "UTC", NIGHT, Cap(1, 0), sent) == (at("2026-03-03 07:00"), "cap")


def test_nothing_in_the_way_is_now():
    assert find_moment(at("2026-03-02 12:00"), "UTC", NIGHT, NO_CAP, []) == (at("2026-03-02 12:00"), None)


def test_many_at_once_to_one_spread_over_days_and_none_is_lost():
    now, sent = at("2026-03-02 12:00"), []
    for _message in range(7):
        moment, _reason = find_moment(now, "UTC", NIGHT, Cap(2, 0), sent)
        sent.append(moment)
    assert [moment.day for moment in sent] == [2, 2, 3, 3, 4, 4, 5]
