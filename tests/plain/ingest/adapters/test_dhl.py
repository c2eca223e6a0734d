"""DHL Shipment Tracking Unified, push."""

import pytest
from carrier_bodies import codes, dhl, dhl_event, doubts, estimates, parse, scans

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest.adapters import ADAPTERS, Delivery


def test_scans_without_offset_say_so():
    events = scans(parse("dhl", dhl()))
    assert [codes(event)[0][1] for event in events] == ["pre-transit", "transit"]
    assert all("offset_unknown" in event.doubts for event in events)
    assert events[0].data.place.city == "Leipzig"


def test_a_number_id_is_text():
    assert parse("dhl", dhl())[0].data.tracking_number == "7000000001"
    assert ADAPTERS["dhl"].ordering_key(Delivery(dhl())) == "7000000001"


def test_the_code_wins_over_a_text_that_contradicts_it():
    body = dhl(events=[dhl_event("pre-transit", "DELIVERED", "2026-03-02T11:00:00Z")], status=None)
    events = parse("dhl", body)
    assert codes(events[0]) == [("dhl.status_code", "pre-transit")]
    assert "status_vs_code" in doubts(events)


def test_one_shipment_without_the_list_is_understood():
    assert len(scans(parse("dhl", dhl()["shipments"][0]))) == 2


def test_the_estimate_is_the_end_of_the_time_frame():
    assert estimates(parse("dhl", dhl()))[0].data.eta.at.hour == 18


def test_proof_of_delivery_names_who_signed():
    delivered = dhl_event("delivered", "DELIVERED", "2026-03-05T10:00:00Z")
    proof = {"signed": {"name": "R. Receiver"}, "documentUrl": "https://webpod.example/7000000001"}
    event = parse("dhl", dhl(status=delivered, events=[delivered], details={"proofOfDelivery": proof}))[-1]
    assert (event.data.signed_by, event.data.proof_url) == (
        "R. Receiver",
        "https://webpod.example/7000000001",
    )


def test_a_shipment_with_only_a_status_gives_one_event():
    assert len(scans(parse("dhl", dhl(events=[])))) == 1


def test_the_customers_reference_is_the_order():
    assert parse("dhl", dhl())[0].data.order_reference == "SO31"


@pytest.mark.parametrize("body", [{}, {"shipments": []}, {"shipments": [None]}, []])
def test_a_body_without_shipments_is_an_unknown_shape(body):
    with pytest.raises(UnknownShape):
        parse("dhl", body)
