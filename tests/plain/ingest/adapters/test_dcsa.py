"""DCSA Track & Trace 2 and 3."""

import copy

import pytest

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.adapters.dcsa import Dcsa

META = {
    "eventID": "5a1de1c4-0001-4a11-9c55-111111111111",
    "eventCreatedDateTime": "2026-02-03T06:00:00Z",
    "eventType": "EQUIPMENT",
    "publisher": {"partyName": "Blue Anchor Line", "carrierCode": "BAL", "carrierCodeListProvider": "SMDG"},
}
LOADED = {
    "metadata": META,
    "payload": {
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-02-03T11:30:00+08:00",
        "equipmentEventTypeCode": "LOAD",
        "equipmentReference": "BALU1234560",
        "emptyIndicatorCode": "LADEN",
        "transportCall": {
            "modeOfTransport": "VESSEL",
            "location": {"locationType": "UNLO", "locationName": "Yantian", "UNLocationCode": "CNYTN"},
        },
        "relatedDocumentReferences": [
            {"type": "BKG", "value": "BK77001"},
            {"type": "TRD", "value": "TD5500"},
            {"type": "SHI", "value": "not a shipment"},
        ],
        "references": [{"type": "EQ", "value": "BALU1234560"}, {"type": "FF", "value": "forwarder's"}],
    },
}
FLAT = {
    "eventID": "5a1de1c4-0002-4a11-9c55-222222222222",
    "eventType": "TRANSPORT",
    "eventCreatedDateTime": "2026-02-20T05:00:00Z",
    "eventDateTime": "2026-02-20T04:10:00+01:00",
    "eventClassifierCode": "ACT",
    "transportEventTypeCode": "ARRI",
    "delayReasonCode": "WEA",
    "changeRemark": "Storm in the channel",
    "documentReferences": [{"documentReferenceType": "TRD", "documentReferenceValue": "TD5500"}],
    "transportCall": {"modeOfTransport": "VESSEL", "UNLocationCode": "BEANR"},
}


def parse(body):
    return Dcsa().parse(Delivery(body))


def codes(event):
    return [(code.vocabulary, code.value) for code in event.data.codes]


def event(base=LOADED, meta=None, **payload):
    body = copy.deepcopy(base)
    body["metadata"].update(meta or {})
    body["payload"].update(payload)
    return body


def test_an_equipment_event_is_filed_under_its_container_and_knows_the_other_numbers():
    (found,) = parse([LOADED])
    assert found.data.tracking_number == "BALU1234560"
    assert found.data.related_numbers == ("TD5500", "BK77001")
    assert (codes(found), found.data.carrier) == ([("dcsa.equipment", "LOAD")], "BAL")
    assert found.data.occurred.at.isoformat() == "2026-02-03T03:30:00+00:00"
    assert found.data.place.unlocode == "CNYTN"


def test_a_flat_event_of_version_two_is_understood_too():
    (found,) = parse([FLAT])
    assert found.data.tracking_number == "TD5500"
    assert codes(found) == [
        ("dcsa.transport.mode", "VESSEL.ARRI"),
        ("dcsa.transport", "ARRI"),
        ("smdg.delay", "WEA"),
    ]
    assert (found.data.reason_code, found.data.reason) == ("WEA", "Storm in the channel")
    assert found.data.place.unlocode == "BEANR"


def test_one_event_without_a_list_is_understood():
    assert len(parse(LOADED)) == 1


@pytest.mark.parametrize("classifier", ["EST", "PLN"])
def test_an_estimate_is_an_eta_and_never_a_milestone(classifier):
    (found,) = parse(
        [
            event(
                eventClassifierCode=classifier,
                equipmentEventTypeCode="DISC",
                delayReasonCode="STR",
            )
        ]
    )
    assert found.type == "shipment.eta"
    assert codes(found) == [("dcsa.classifier", classifier), ("smdg.delay", "STR")]
    assert found.data.eta.at.isoformat() == "2026-02-03T03:30:00+00:00"
    assert found.data.occurred.at.isoformat() == "2026-02-03T06:00:00+00:00"


@pytest.mark.parametrize(
    "payload",
    [
        {"equipmentEventTypeCode": "LOAD"},
        {"equipmentEventTypeCode": "DISC", "isTransshipmentMove": True},
    ],
)
def test_an_estimated_departure_or_transshipment_is_no_eta_of_the_goods(payload):
    (found,) = parse([event(eventClassifierCode="EST", **payload)])
    assert (found.type, found.data.eta) == ("shipment.eta", None)


def test_the_moves_of_an_empty_container_say_nothing_about_the_goods():
    (found,) = parse([event(emptyIndicatorCode="EMPTY", equipmentEventTypeCode="GTOT")])
    assert codes(found) == [("dcsa.equipment.empty", "GTOT")]


def test_a_withdrawn_event_is_withdrawn_without_any_payload():
    (found,) = parse([{"metadata": {**META, "retractedEventID": "old-77"}}])
    assert (found.type, found.data.event_id) == ("shipment.retraction", "old-77")


def test_a_booking_confirmed_is_told_from_a_document_confirmed():
    shipment = {"eventType": "SHIPMENT"}
    (booking,) = parse([event(meta=shipment, shipmentEventTypeCode="CONF", documentTypeCode="BKG")])
    (document,) = parse([event(meta=shipment, shipmentEventTypeCode="CONF", documentTypeCode="SHI")])
    assert codes(booking) == [("dcsa.shipment.booking", "CONF")]
    assert codes(document) == [("dcsa.shipment", "CONF")]


def test_a_transport_event_for_many_containers_is_filed_under_the_transport_document():
    body = event(
        meta={"eventType": "TRANSPORT"},
        transportEventTypeCode="DEPA",
        equipmentReference=None,
        references=[{"type": "EQ", "value": "BALU1"}, {"type": "EQ", "value": "BALU2"}],
    )
    (found,) = parse([body])
    assert found.data.tracking_number == "TD5500"
    assert found.data.related_numbers == ("BK77001", "BALU1", "BALU2")


def test_a_second_event_that_reuses_an_id_in_one_body_is_not_lost():
    first, second = parse([LOADED, event(equipmentReference="OTHR7654321")])
    assert first.fingerprint() != second.fingerprint()
    assert {*first.doubts, *second.doubts} == {"event_id_reused"}


def test_the_same_event_twice_in_one_body_is_one_fact():
    first, second = parse([LOADED, LOADED])
    assert first.fingerprint() == second.fingerprint()


def test_the_same_event_in_the_next_push_is_the_same_fact():
    assert parse([LOADED])[0].fingerprint() == parse([FLAT, LOADED])[0].fingerprint()


def test_facts_come_oldest_first():
    assert [found.data.tracking_number for found in parse([FLAT, LOADED])] == ["BALU1234560", "TD5500"]


def test_an_event_that_cannot_be_read_does_not_hold_up_the_others():
    (found,) = parse([LOADED, event(meta={"eventType": "WEATHER"})])
    assert "scan_skipped" in found.doubts


def test_a_time_without_offset_is_assumed_utc_and_says_so():
    (found,) = parse([event(eventDateTime="2026-02-03T11:30:00")])
    assert "offset_unknown" in found.doubts and not found.data.occurred.offset_known


def test_an_event_without_its_required_time_takes_its_creation_and_says_so():
    body = {
        "eventID": "x-9",
        "eventType": "SHIPMENT",
        "eventCreatedDateTime": "2026-02-01T00:00:00Z",
        "eventSubtype": "ISSU",
        "documentID": "TD5501",
        "documentTypeCode": "TRD",
    }
    (found,) = parse([body])
    assert (found.data.tracking_number, codes(found)) == ("TD5501", [("dcsa.shipment", "ISSU")])
    assert "occurred_missing" in found.doubts


@pytest.mark.parametrize(
    "body",
    [
        None,
        4,
        "x",
        {},
        [],
        [None],
        [{}],
        {"metadata": 4},
        {"metadata": {}, "payload": []},
        {"eventType": []},
        [event(equipmentReference=None, references=[], relatedDocumentReferences=[])],
        [event(meta={"eventType": "EQUIPMENT"}, equipmentEventTypeCode={})],
        [LOADED] * 501,
    ],
)
def test_anything_else_is_an_unknown_shape(body):
    with pytest.raises(UnknownShape):
        parse(body)


def test_events_of_one_container_are_worked_in_order():
    assert Dcsa().ordering_key(Delivery([LOADED])) == "BALU1234560"
    assert Dcsa().ordering_key(Delivery([LOADED, FLAT])) is None
    assert Dcsa().ordering_key(Delivery("x")) is None
