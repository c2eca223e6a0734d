"""Times as senders write them."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distribution_visibility.lib.ingest.moments import (
    parse_compact,
    parse_epoch,
    parse_expected,
    parse_moment,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00+00:00"),
        ("2026-03-01t09:00:00z", "2026-03-01T09:00:00+00:00"),
        ("2026-03-01 09:00:00+02:00", "2026-03-01T07:00:00+00:00"),
        ("2026-03-01T09:00:00+0200", "2026-03-01T07:00:00+00:00"),
        ("2026-03-01T09:00:00+02", "2026-03-01T07:00:00+00:00"),
        ("2026-03-01T09:00:00-04.00", "2026-03-01T13:00:00+00:00"),
        ("2026-03-01T09:00:00.1Z", "2026-03-01T09:00:00.100000+00:00"),
        ("2026-03-01T09:00:00.123456789Z", "2026-03-01T09:00:00.123456+00:00"),
        ("2026-03-01T09:00:00,5Z", "2026-03-01T09:00:00.500000+00:00"),
        ("2026-03-01T09:00Z", "2026-03-01T09:00:00+00:00"),
        ("20260301T090000Z", "2026-03-01T09:00:00+00:00"),
        ("2026-06-30T23:59:60Z", "2026-06-30T23:59:59+00:00"),
        (" 2026-03-01T09:00:00Z ", "2026-03-01T09:00:00+00:00"),
    ],
)
def test_a_time_with_an_offset_is_known_and_its_text_kept(text, expected):
    moment = parse_moment(text)
    assert moment.at.isoformat() == expected and moment.offset_known and moment.raw == text


@pytest.mark.parametrize("text", ["2026-03-01T09:00:00", "2026-03-01", "20260301", "2026-03-01 09:00"])
def test_a_time_without_offset_counts_as_utc_and_is_not_known(text):
    moment = parse_moment(text)
    assert moment.at.tzinfo == dt.timezone.utc and not moment.offset_known


def test_a_zone_that_the_sender_promises_makes_the_offset_known():
    moment = parse_moment("2026-03-01T09:00:00", dt.timezone(dt.timedelta(hours=8)))
    assert moment.at.hour == 1 and moment.offset_known


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Z",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30",
        "1969-12-31T23:59:59Z",
        "9999-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2026-W09-1",
        "2026-060",
        "2026-03-01T25:00:00Z",
        "2026-03-01T09:00:61Z",
        "2026-03-01T09:00:00+24:00",
        "2026-03-01T09:00:00+02:60",
        "2026-03-01T09",
        "２０２６-03-01T09:00:00Z",
    ],
)
def test_what_is_no_time_is_a_value_error(text):
    with pytest.raises(ValueError):
        parse_moment(text)


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_a_value_error(text):
    for parser in (parse_moment, parse_expected, parse_epoch, lambda date: parse_compact(date, text, text)):
        with contextlib.suppress(ValueError):
            parser(text)


@given(st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(9998, 1, 1), timezones=st.just(dt.timezone.utc)))
def test_what_python_writes_is_read_back(moment):
    assert parse_moment(moment.isoformat()).at == moment


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-03-06", "2026-03-06T23:59:59+00:00"),
        ("2026-03-06T00:00:00Z", "2026-03-06T23:59:59+00:00"),
        ("2026-03-06T00:00:00-05:00", "2026-03-07T04:59:59+00:00"),
    ],
)
def test_an_expected_day_holds_until_its_end_and_its_offset_is_not_known(text, end):
    moment = parse_expected(text)
    assert moment.at.isoformat() == end and not moment.offset_known and moment.raw == text


def test_an_expected_time_is_itself():
    moment = parse_expected("2026-03-06T17:00:00+01:00")
    assert moment.at.hour == 16 and moment.offset_known


def test_seconds_and_milliseconds_are_told_apart():
    assert parse_epoch(1772604600).at == parse_epoch("1772604600000").at
    assert parse_epoch(1772604600.5).at.microsecond == 500000


@pytest.mark.parametrize("value", [True, -1, "1e9", "", "abc", float("nan"), float("inf"), 10**15])
def test_what_is_no_epoch_is_a_value_error(value):
    with pytest.raises(ValueError):
        parse_epoch(value)


def test_compact_fields_with_odd_offsets():
    for offset in ("-04.00", "-04:00", "-0400", "-04"):
        assert parse_compact("20260301", "091519", offset).at.hour == 13
    assert parse_compact("20260301").raw == "20260301T000000"
    with pytest.raises(ValueError):
        parse_compact("2026-03-01", "09:15")


def test_dates_are_told_from_times():
    hours = [parse_expected(text).at.hour for text in ("2026-03-01", "20260301", "2026-03-01T09:00:00Z")]
    assert hours == [23, 23, 9]
