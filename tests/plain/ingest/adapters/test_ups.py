"""UPS Track Alert."""

import pytest
from carrier_bodies import codes, doubts, estimates, parse, scans, ups

from distribution_visibility.lib.base.errors import UnknownShape


def test_gmt_gives_the_time_and_the_local_text_is_kept():
    (event,) = scans(parse("ups", ups()))
    assert event.data.occurred.at.isoformat() == "2026-03-03T14:15:19+00:00"
    assert event.data.occurred.raw == "20260303 091519"
    assert event.doubts == ()


def test_codes_are_strings_with_their_zeros():
    (event,) = scans(parse("ups", ups()))
    assert codes(event) == [("ups.description_code", "021"), ("ups.status_code", "OT"), ("ups.type", "I")]


@pytest.mark.parametrize("offset", ["-05.00", "-05:00", "-0500", "-05"])
def test_local_time_with_any_writing_of_the_offset(offset):
    (event,) = scans(parse("ups", ups(gmtActivityDate=None, gmtActivityTime=None, gmtOffset=offset)))
    assert event.data.occurred.at.hour == 14 and event.data.occurred.offset_known


def test_local_time_without_offset_is_not_known():
    (event,) = scans(parse("ups", ups(gmtActivityDate=None, gmtActivityTime=None, gmtOffset=None)))
    assert not event.data.occurred.offset_known


def test_a_local_time_that_contradicts_gmt_is_doubted():
    assert "local_vs_gmt" in doubts(parse("ups", ups(gmtOffset="-04.00")))


def test_a_scheduled_day_holds_until_its_local_end():
    eta = estimates(parse("ups", ups()))[0].data.eta
    assert eta.at.isoformat() == "2026-03-04T04:59:59+00:00" and not eta.offset_known


def test_the_end_of_the_window_is_the_estimate():
    eta = estimates(parse("ups", ups(deliveryStartTime="150000", deliveryEndTime="170000")))[0].data.eta
    assert eta.at.isoformat() == "2026-03-03T22:00:00+00:00"


def test_a_scheduled_date_of_another_life_of_the_number_is_left_out():
    events = parse("ups", ups(scheduledDeliveryDate="20190417"))
    assert not estimates(events) and "eta_implausible" in doubts(events)


def test_numbers_of_the_test_environment_are_marked():
    assert all(event.is_test for event in parse("ups", ups(trackingNumber="1ZCIETST0111111114")))


def test_a_body_without_activity_is_an_unknown_shape():
    with pytest.raises(UnknownShape):
        parse("ups", {"trackingNumber": "1Z1"})
