"""Quiet hours to midnight and from midnight, which is 0 and 24."""

from datetime import datetime

import pytest

from distribution_visibility.lib.respond.message.message_timing import QuietHours


def end(start, finish, moment):
    found = QuietHours(start, finish).get_end(datetime.fromisoformat(f"2026-03-02 {moment}"), "UTC")
    return found and f"{found:%d %H:%M}"


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        # from 24 is from midnight
        ((24, 7), "06:30", "02 07:00"),
        ((24, 7), "07:00", None),
        ((24, 1), "00:30", "02 01:00"),
        # up to 24, and up to 0, is up to midnight
        ((20, 24), "19:59", None),
        ((20, 24), "23:30", "03 00:00"),
        ((23, 0), "23:30", "03 00:00"),
        ((23, 0), "22:30", None),
        ((1, 24), "00:30", None),
        ((20, 4), "23:00", "03 04:00"),
        # one hour of the day is left
        ((1, 0), "00:30", None),
        ((1, 0), "01:00", "03 00:00"),
        ((0, 23), "22:59", "02 23:00"),
        ((0, 23), "23:00", None),
    ],
)
def test_midnight_is_an_hour_like_any_other(hours, moment, expected):
    assert end(*hours, moment) == expected


@pytest.mark.parametrize("moment", ["00:00", "00:30", "12:00", "23:59"])
@pytest.mark.parametrize("hours", [(0, 24), (24, 0), (24, 24), (13.5, 13.5)])
def test_from_an_hour_to_the_same_is_no_quiet_time_at_all(hours, moment):
    assert end(*hours, moment) is None
