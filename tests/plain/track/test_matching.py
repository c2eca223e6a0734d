"""Which shipment a number means, and when only a person can tell."""

import datetime as dt

import pytest

from distribution_visibility.lib.track.matching import Candidate, fitting

MARCH = dt.datetime(2026, 3, 1)


def day(number):
    return MARCH + dt.timedelta(days=number)


def keys(candidates, carrier="ups", moment=None):
    return [one.key for one in fitting(candidates, carrier, moment or day(1))]


def test_nothing_fits_another_carrier():
    assert keys([Candidate("a", "fedex")]) == []


def test_the_exact_carrier_goes_before_a_longer_name_and_that_before_none():
    exact, longer, unnamed = Candidate("a", "ups"), Candidate("b", "upsground"), Candidate("c", "")
    assert keys([unnamed, longer, exact]) == ["a"]
    assert keys([unnamed, longer]) == ["b"]
    assert keys([unnamed]) == ["c"]


def test_a_sender_that_names_no_carrier_leaves_two_carriers_to_a_person():
    assert keys([Candidate("a", "ups"), Candidate("b", "fedex")], carrier="") == ["a", "b"]


def test_two_services_of_the_carrier_are_left_to_a_person():
    assert keys([Candidate("a", "upsground"), Candidate("b", "upsexpress")]) == ["a", "b"]


def test_long_after_the_last_scan_it_is_another_parcel():
    assert keys([Candidate("a", "ups", day(0), day(4))], moment=day(125)) == []


OLD = Candidate("old", "ups", day(0), day(4), is_current=False, is_ended=True)
NEW = Candidate("new", "ups", day(150), day(152))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (day(2), ["old"]),  # within the first one's time
        (day(151), ["new"]),
        (day(160), ["new"]),
        (day(-1), ["old"]),  # over four months before the second one began
        (day(100), ["old", "new"]),  # after the one and before the other: who knows
    ],
)
def test_a_number_that_was_used_again_means_the_parcel_whose_time_it_is(moment, expected):
    assert keys([OLD, NEW], moment=moment) == expected


def test_a_number_whose_second_parcel_has_no_scan_yet_means_that_once_the_first_has_ended():
    waiting = Candidate("new", "ups")
    assert keys([OLD, waiting], moment=day(30)) == ["new"]
    assert keys([OLD, waiting], moment=day(3)) == ["old"]
    assert keys([OLD._replace(is_ended=False), waiting], moment=day(30)) == ["old", "new"]
