"""Shippo tracks."""

from carrier_bodies import codes, estimates, parse, scans, shippo, shippo_status


def test_history_and_newest_status_are_not_counted_twice():
    events = scans(parse("shippo", shippo()))
    assert [codes(event)[0][1] for event in events] == ["information_received", "package_departed"]


def test_delivered_with_the_substatus_information_received_is_delivered_with_a_doubt():
    status = shippo_status("DELIVERED", "information_received", "2026-03-04T13:00:00Z")
    event = scans(parse("shippo", shippo(tracking_status=status, tracking_history=[status])))[0]
    assert codes(event)[0] == ("shippo.status", "DELIVERED")
    assert event.doubts == ("status_vs_substatus",)


def test_an_estimate_at_midnight_is_the_whole_day():
    eta = estimates(parse("shippo", shippo()))[0].data.eta
    assert eta.at.isoformat() == "2026-03-06T23:59:59+00:00" and not eta.offset_known


def test_a_test_parcel_is_marked():
    assert all(event.is_test for event in parse("shippo", {**shippo(), "test": True}))
    assert all(event.is_test for event in parse("shippo", shippo(carrier="shippo")))
    assert not any(event.is_test for event in parse("shippo", shippo()))


def test_a_track_without_history_gives_its_status():
    events = scans(parse("shippo", shippo(tracking_history=None)))
    assert [codes(event)[0][1] for event in events] == ["package_departed"]


def test_an_unknown_status_gives_no_event_while_an_estimate_still_does():
    body = shippo(tracking_history=[], tracking_status={"status": "UNKNOWN", "substatus": None})
    assert [event.type for event in parse("shippo", body)] == ["shipment.eta"]


def test_other_events_say_nothing_here():
    assert parse("shippo", {"event": "transaction_created", "data": {"object_id": "1"}}) == []


def test_the_objects_own_ids_change_with_each_push_and_are_not_used():
    body = shippo()
    for entry in body["data"]["tracking_history"]:
        entry["object_id"] = "another"
    before, after = scans(parse("shippo", shippo())), scans(parse("shippo", body))
    assert [event.fingerprint() for event in before] == [event.fingerprint() for event in after]
