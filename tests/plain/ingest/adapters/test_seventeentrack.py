"""17TRACK."""

import pytest
from carrier_bodies import codes, doubts, estimates, parse, scans, seventeentrack, seventeentrack_event

from distribution_visibility.lib.base.errors import UnknownShape

WAITING = {
    "latest_status": {"status": "Exception", "sub_status": "Exception_Other"},
    "milestone": [
        {"key_stage": "AvailableForPickup", "time_utc": "2026-02-03T10:00:00Z"},
        {"key_stage": "Delivered", "time_utc": None},
    ],
}


def test_events_of_all_carriers_come_oldest_first_and_once():
    body = seventeentrack()
    body["data"]["track_info"]["tracking"]["providers"] *= 2
    events = scans(parse("seventeentrack", body))
    assert [codes(event)[0][1] for event in events] == ["InTransit_PickedUp", "InTransit_Departure"]
    assert events[0].data.carrier == "3011"


def test_a_parcel_uncollected_for_weeks_is_told_by_status_and_milestone_together():
    event = scans(parse("seventeentrack", seventeentrack(**WAITING)))[-1]
    assert codes(event)[0] == ("seventeentrack.situation", "exception_after_available_for_pickup")


def test_an_exception_after_the_return_began_does_not_wait_for_pickup():
    returning = [*WAITING["milestone"], {"key_stage": "Returning", "time_utc": "2026-03-01T10:00:00Z"}]
    event = scans(parse("seventeentrack", seventeentrack(**{**WAITING, "milestone": returning})))[-1]
    assert codes(event)[0][0] == "seventeentrack.sub_status"


def test_utc_wins_over_a_local_time_that_differs():
    event = seventeentrack_event("InTransit_Other", None, "2026-03-02T22:00:00+01:00", "2026-03-02T20:00:00Z")
    body = seventeentrack(tracking={"providers": [{"events": [event]}]})
    first = scans(parse("seventeentrack", body))[0]
    assert first.data.occurred.at.hour == 20
    assert first.data.occurred.raw == "2026-03-02T22:00:00+01:00"
    assert "time_iso_vs_utc" in first.doubts


def test_an_offset_that_the_carrier_did_not_give_is_not_known():
    event = seventeentrack_event(
        "InTransit_Other", None, "2026-09-02T22:00:00+01:00", "2026-09-02T21:00:00Z", zone=None
    )
    body = seventeentrack(tracking={"providers": [{"events": [event]}]})
    assert not scans(parse("seventeentrack", body))[0].data.occurred.offset_known


def test_a_day_as_estimate_holds_until_its_end():
    assert (
        estimates(parse("seventeentrack", seventeentrack()))[0].data.eta.at.isoformat() == "2026-03-09T23:59:59+00:00"
    )


def test_without_events_the_milestones_are_the_history():
    events = scans(parse("seventeentrack", seventeentrack(tracking={}, latest_event=None)))
    assert codes(events[0]) == [("seventeentrack.stage", "PickedUp")]


def test_tracking_stopped_is_said_once():
    body = {"event": "TRACKING_STOPPED", "data": {"number": "RR1CN", "carrier": 3011, "tag": "x"}}
    events = parse("seventeentrack", body)
    assert codes(events[0]) == [("seventeentrack.event", "TRACKING_STOPPED")]
    assert events[0].data.carrier == "3011"


def test_a_sub_status_of_another_status_is_doubted_and_the_status_wins():
    body = seventeentrack(latest_status={"status": "Delivered", "sub_status": "InTransit_Other"})
    events = parse("seventeentrack", body)
    assert codes(scans(events)[-1])[0] == ("seventeentrack.status", "Delivered")
    assert "status_vs_sub_status" in doubts(events)


def test_another_event_is_an_unknown_shape():
    with pytest.raises(UnknownShape):
        parse("seventeentrack", {"event": "SOMETHING", "data": {"number": "1"}})
