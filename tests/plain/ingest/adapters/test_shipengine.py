"""ShipEngine and ShipStation API v2."""

from carrier_bodies import codes, doubts, estimates, parse, scans, shipengine, shipengine_event


def test_scans_come_oldest_first_although_the_body_has_the_newest_first():
    events = scans(parse("shipengine", shipengine()))
    assert [codes(event)[0][1] for event in events] == ["COLLECTION_MADE", "HUB_SCAN_IN"]
    assert events[0].data.reason_code == "PU"


def test_the_carrier_is_read_from_the_address_when_the_body_lacks_it():
    assert parse("shipengine", shipengine())[0].data.carrier == "fedex"
    assert parse("shipengine", shipengine(carrier_code="ups"))[0].data.carrier == "ups"


def test_a_delivery_before_its_own_scans_takes_the_scans_time_with_a_doubt():
    body = shipengine(status_code="DE", status_detail_code="DELIVERED", actual_delivery_date="2026-02-01T05:04:39Z")
    events = parse("shipengine", body)
    assert codes(events[-1])[0][1] == "DELIVERED"
    assert events[-1].data.occurred.at.month == 3
    assert "delivered_before_scans" in doubts(events)


def test_a_delivery_without_scan_takes_the_delivery_date():
    body = shipengine(status_code="DE", status_detail_code="DELIVERED", actual_delivery_date="2026-03-04T15:04:00Z")
    assert parse("shipengine", body)[-1].data.occurred.raw == "2026-03-04T15:04:00Z"


def test_the_shipstation_event_with_an_estimate_without_offset():
    body = {
        "resource_type": "TRACK_EVENT_V2",
        "data": {
            "tracking_number": "1Z1",
            "status_code": "NY",
            "carrier_code": "ups",
            "events": [],
            "estimated_delivery_date": "2026-03-30T00:00:00",
        },
    }
    events = parse("shipengine", body)
    assert codes(events[0]) == [("shipengine.status", "NY")]
    eta = estimates(events)[0].data.eta
    assert eta.at.isoformat() == "2026-03-30T23:59:59+00:00" and not eta.offset_known


def test_equal_times_keep_the_order_of_the_body():
    same = "2026-03-03T12:42:00Z"
    body = shipengine(
        events=[
            shipengine_event("DE", "DELIVERED", same, "DL"),
            shipengine_event("IT", "IN_TRANSIT", same, "OD"),
        ]
    )
    assert [event.data.reason_code for event in scans(parse("shipengine", body))][:2] == ["OD", "DL"]


def test_who_signed_is_kept():
    event = {**shipengine_event("DE", "DELIVERED", "2026-03-04T12:00:00Z", "DL"), "signer": "R. Receiver"}
    assert parse("shipengine", shipengine(events=[event]))[0].data.signed_by == "R. Receiver"


def test_other_resources_say_nothing_here():
    assert parse("shipengine", {"resource_type": "BATCH_PROCESSED_V2", "resource_url": "https://x.example"}) == []
