"""FedEx Advanced Integrated Visibility."""

import pytest
from carrier_bodies import codes, doubts, estimates, fedex, fedex_result, fedex_scan, parse, scans

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest.adapters import ADAPTERS, Delivery

ERROR = {"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": "Not found"}


def test_scans_are_ordered_by_their_time():
    events = scans(parse("fedex", fedex()))
    assert [codes(event)[0] for event in events] == [("fedex.event", "PU"), ("fedex.event", "DP")]
    assert events[0].data.occurred.at.isoformat() == "2026-03-02T22:00:00+00:00"
    assert events[0].data.order_reference == "PO33"


def test_the_estimate_is_the_end_of_the_window():
    assert estimates(parse("fedex", fedex()))[0].data.eta.at.isoformat() == "2026-03-07T03:00:00+00:00"


def test_another_number_inside_is_doubted_and_the_one_subscribed_to_wins():
    events = parse("fedex", fedex(trackingNumberInfo={"trackingNumber": "999", "carrierCode": "FDXE"}))
    assert {event.data.tracking_number for event in events} == {"794000000001"}
    assert "number_inside_differs" in doubts(events)


def test_an_error_beside_data_is_noted_and_the_data_used():
    events = parse("fedex", fedex(error=ERROR))
    assert len(scans(events)) == 2 and "error_beside_data" in doubts(events)


def test_a_result_that_is_only_an_error_is_skipped():
    body = fedex()
    body["output"]["completeTrackResults"].append({"trackingNumber": "39936862321", "trackResults": [{"error": ERROR}]})
    assert {event.data.tracking_number for event in parse("fedex", body)} == {"794000000001"}


def test_a_body_of_errors_only_names_them():
    body = {"output": {"completeTrackResults": [{"trackingNumber": "1", "trackResults": [{"error": ERROR}]}]}}
    with pytest.raises(UnknownShape, match="NOTFOUND"):
        parse("fedex", body)


def test_two_shipments_under_one_number_are_two_histories_with_a_doubt():
    body = fedex()
    other = fedex_result(scanEvents=[fedex_scan("RS", "RS", "2025-03-03T21:00:00-06:00")], latestStatusDetail={})
    body["output"]["completeTrackResults"][0]["trackResults"].append(other)
    events = parse("fedex", body)
    assert len(scans(events)) == 3 and "several_shipments_for_number" in doubts(events)


def test_a_delay_is_the_most_telling_code():
    detail = {"derivedCode": "IT", "delayDetail": {"type": "WEATHER", "subType": "SNOW", "status": "DELAYED"}}
    event = scans(parse("fedex", fedex(latestStatusDetail=detail)))[-1]
    assert codes(event) == [("fedex.delay", "WEATHER"), ("fedex.status", "IT")]


def test_a_delay_detail_that_is_on_time_is_no_delay():
    detail = {"derivedCode": "IT", "delayDetail": {"type": "WEATHER", "status": "ON_TIME"}}
    assert len(scans(parse("fedex", fedex(latestStatusDetail=detail)))) == 2


def test_delivery_names_who_signed():
    body = fedex(
        scanEvents=[fedex_scan("DL", "DL", "2026-03-04T10:00:00-06:00")],
        latestStatusDetail={"code": "DL"},
        deliveryDetails={"signedByName": "R. Receiver"},
    )
    (event,) = parse("fedex", body)
    assert event.data.signed_by == "R. Receiver"


def test_the_number_orders():
    assert ADAPTERS["fedex"].ordering_key(Delivery(fedex())) == "794000000001"


def test_scans_that_arrive_out_of_order_are_put_in_order():
    body = fedex(
        scanEvents=[
            fedex_scan("AR", "IT", "2026-03-03T05:00:00-06:00"),
            fedex_scan("DP", "IT", "2026-03-03T21:00:00-06:00"),
            fedex_scan("PU", "PU", "2026-03-02T16:00:00-06:00"),
        ]
    )
    assert [codes(event)[0][1] for event in scans(parse("fedex", body))] == ["PU", "AR", "DP"]
