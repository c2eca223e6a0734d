"""EasyPost trackers."""

import pytest
from carrier_bodies import codes, doubts, easypost, easypost_detail, estimates, parse, scans

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest.adapters import ADAPTERS, Delivery


def test_each_scan_of_the_history_is_one_event_oldest_first():
    events = scans(parse("easypost", easypost()))
    assert [codes(event)[0][1] for event in events] == [
        "label_created",
        "received_at_origin_facility",
        "arrived_at_facility",
    ]
    assert [event.data.occurred.at.day for event in events] == [2, 2, 4]
    assert events[2].data.place.city == "Lyon" and events[2].data.place.country == "FR"
    assert {event.data.carrier for event in events} == {"DHLExpress"}


def test_a_resent_history_gives_each_scan_once_and_the_same_fingerprint():
    before = scans(parse("easypost", easypost()))
    more = easypost(updated_at="2026-03-04T09:00:00Z", est_delivery_date="2026-03-07T17:00:00Z")
    more["result"]["tracking_details"].append(
        easypost_detail("out_for_delivery", "out_for_delivery", "2026-03-04T08:00:00Z")
    )
    more["result"].update(status="out_for_delivery", status_detail="out_for_delivery")
    after = scans(parse("easypost", more))
    assert [event.fingerprint() for event in before] == [event.fingerprint() for event in after][:3]
    assert len(after) == 4


def test_a_scan_repeated_within_one_body_counts_once():
    body = easypost()
    body["result"]["tracking_details"] *= 2
    assert len(scans(parse("easypost", body))) == 3


def test_the_summary_is_not_counted_again_when_a_scan_says_the_same():
    assert len(scans(parse("easypost", easypost(status_detail="status_update")))) == 3


def test_a_tracker_without_details_still_gives_one_event_from_its_summary():
    events = scans(parse("easypost", easypost(tracking_details=[], status="delivered", status_detail="status_update")))
    assert [codes(event)[-1][1] for event in events] == ["delivered"]
    assert events[0].data.occurred.raw == "2026-03-04T06:00:00Z"


def test_a_summary_resent_at_another_time_is_the_same_fact():
    first, second = (
        scans(parse("easypost", easypost(status="delivered", status_detail="delivered", updated_at=when)))[-1]
        for when in ("2026-03-04T06:00:00Z", "2026-03-04T08:00:00Z")
    )
    assert first.fingerprint() == second.fingerprint()


def test_a_tracker_that_is_ahead_of_its_scans_gives_its_own_status_too():
    events = scans(parse("easypost", easypost(status="delivered", status_detail="delivered", signed_by="R. Receiver")))
    assert len(events) == 4
    assert events[-1].data.signed_by == "R. Receiver"


def test_the_status_wins_over_a_detail_that_contradicts_it():
    detail = easypost_detail("delivered", "label_created", "2026-03-04T08:00:00Z")
    event = scans(parse("easypost", easypost(tracking_details=[detail], status="delivered", status_detail="")))[0]
    assert codes(event)[0] == ("easypost.status", "delivered")
    assert event.doubts == ("status_vs_detail",)


def test_an_exception_detail_does_not_contradict_a_status():
    detail = easypost_detail("in_transit", "damaged", "2026-03-04T08:00:00Z")
    body = easypost(tracking_details=[detail], status_detail="damaged")
    assert doubts(parse("easypost", body)) == set()


def test_a_changed_estimate_is_an_event_of_its_own_although_the_scans_are_known():
    first, second = (
        estimates(parse("easypost", easypost(est_delivery_date=f"2026-03-0{day}T17:00:00Z")))[0] for day in (6, 7)
    )
    assert (first.data.eta.at.day, second.data.eta.at.day) == (6, 7)
    assert first.fingerprint() != second.fingerprint()


def test_a_delivered_parcel_is_not_expected_any_more():
    assert not estimates(parse("easypost", easypost(status="delivered", status_detail="delivered")))


def test_test_mode_is_marked():
    assert all(event.is_test for event in parse("easypost", easypost(mode="test")))
    assert not any(event.is_test for event in parse("easypost", easypost()))


def test_a_return_label_is_a_return():
    assert all(event.data.is_return for event in parse("easypost", easypost(is_return=True)))


def test_the_event_id_identifies_and_the_normalised_number_orders():
    delivery = Delivery(easypost())
    assert ADAPTERS["easypost"].identify(delivery) == "evt_77"
    assert ADAPTERS["easypost"].ordering_key(delivery) == "EZ40000001"


def test_events_about_other_things_say_nothing_here():
    assert parse("easypost", {"object": "Event", "id": "evt_1", "description": "batch.updated", "result": {}}) == []


def test_an_unreadable_time_is_kept_with_a_doubt():
    body = easypost(tracking_details=[easypost_detail("in_transit", "in_transit", "last Tuesday")])
    assert "time_unreadable" in doubts(parse("easypost", body))


@pytest.mark.parametrize("number", [None, "", {}, [], "---", True])
def test_a_body_without_a_tracking_number_is_an_unknown_shape(number):
    with pytest.raises(UnknownShape):
        parse("easypost", easypost(tracking_code=number))
