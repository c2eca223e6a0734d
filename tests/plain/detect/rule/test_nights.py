"""Two at night is another moment in each company."""

from datetime import datetime

import pytest

from distribution_visibility.lib.detect.rule.nights import last_night, next_night

NOON = datetime(2026, 3, 2, 12)


@pytest.mark.parametrize(
    ("zone", "last", "following"),
    [
        ("UTC", datetime(2026, 3, 2, 2), datetime(2026, 3, 3, 2)),
        ("Europe/Berlin", datetime(2026, 3, 2, 1), datetime(2026, 3, 3, 1)),
        ("America/New_York", datetime(2026, 3, 2, 7), datetime(2026, 3, 3, 7)),
        ("Asia/Tokyo", datetime(2026, 3, 1, 17), datetime(2026, 3, 2, 17)),
    ],
)
def test_the_night_is_the_companys_own(zone, last, following):
    assert last_night(NOON, zone) == last
    assert next_night(NOON, zone) == following


def test_at_two_sharp_the_night_is_now_and_the_next_one_is_tomorrow():
    assert last_night(datetime(2026, 3, 2, 2), "UTC") == datetime(2026, 3, 2, 2)
    assert next_night(datetime(2026, 3, 2, 2), "UTC") == datetime(2026, 3, 3, 2)


def test_the_night_without_an_hour_of_two_still_has_a_run():
    before = datetime(2026, 3, 28, 12)
    assert datetime(2026, 3, 29, 0) <= next_night(before, "Europe/Berlin") <= datetime(2026, 3, 29, 2)
