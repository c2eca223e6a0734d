"""Our own form of events."""

import copy

import pytest

from distribution_visibility.lib.base.errors import InvalidEvents, UnknownShape
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.adapters.canonical import CanonicalAdapter
from distribution_visibility.lib.ingest.canonical import (
    DespatchEvent,
    OrderResponseEvent,
    RetractionEvent,
    ShipmentEvent,
)

SCAN = {
    "type": "shipment.milestone",
    "timestamp": "2026-04-11T10:00:00Z",
    "data": {
        "tracking_number": "NW0044",
        "carrier": "northwind",
        "milestone": "out_for_delivery",
        "occurred_at": "2026-04-11T09:58:00+02:00",
        "location": {"city": "Ghent", "country": "BE"},
    },
}
RESPONSE = {
    "type": "supplier.order_response",
    "data": {"order": "P00071", "lines": [{"line": "10", "status": "backordered", "quantity": 4}]},
}
DESPATCH = {"type": "supplier.despatch_advice", "data": {"despatch_number": "D-9", "order": "P00071"}}
WITHDRAWAL = {"type": "shipment.retraction", "data": {"event_id": "e-1"}}


def parse(body, **headers):
    return CanonicalAdapter().parse(Delivery(body, headers))


def refused(body):
    with pytest.raises(InvalidEvents) as caught:
        parse(body)
    return caught.value.errors


def changed(**data):
    return {**SCAN, "data": {**SCAN["data"], **data}}


def test_one_event_is_read_with_its_time_in_utc_and_its_raw_text():
    (event,) = parse(SCAN)
    assert isinstance(event, ShipmentEvent)
    assert event.data.occurred.at.isoformat() == "2026-04-11T07:58:00+00:00"
    assert event.data.occurred.raw == "2026-04-11T09:58:00+02:00"


def test_a_batch_gives_its_events_of_each_type_in_order():
    events = parse({"events": [SCAN, RESPONSE, DESPATCH, WITHDRAWAL]})
    assert [type(event) for event in events] == [
        ShipmentEvent,
        OrderResponseEvent,
        DespatchEvent,
        RetractionEvent,
    ]


def test_five_hundred_events_are_taken_and_one_more_is_not():
    assert len(parse({"events": [SCAN] * 500})) == 500
    assert refused({"events": [SCAN] * 501})[0]["pointer"] == "#/events"


def test_an_empty_batch_is_refused():
    assert refused({"events": []})[0]["code"] == "batch_size"


def test_each_error_is_listed_with_its_place_and_without_the_senders_value():
    broken = changed(tracking_number=4711, eta="tomorrow")
    errors = refused({"events": [SCAN, broken]})
    assert [error["pointer"] for error in errors] == [
        "#/events/1/data/tracking_number",
        "#/events/1/data/eta",
    ]
    assert "4711" not in str(errors) and "tomorrow" not in str(errors)


def test_a_wrong_event_in_a_batch_leaves_nothing_of_the_batch():
    with pytest.raises(UnknownShape):
        parse({"events": [SCAN, {"type": "shipment.milestone"}]})


def test_no_more_than_fifty_errors_are_listed_but_all_are_counted():
    with pytest.raises(InvalidEvents) as caught:
        parse({"events": [changed(tracking_number="")] * 80})
    assert (len(caught.value.errors), caught.value.count) == (50, 80)


@pytest.mark.parametrize("body", [None, 7, "text", True, [], {}, {"type": "other.thing", "data": {}}])
def test_a_body_of_no_known_shape_is_refused_in_words(body):
    assert refused(body)[0]["detail"]


def test_codes_are_strings_and_a_number_is_refused_instead_of_guessed():
    assert refused(changed(tracking_number=17))[0]["code"] == "string_type"
    (event,) = parse(changed(tracking_number="021"))
    assert event.data.tracking_number == "021"


@pytest.mark.parametrize("value", [1, "true", "yes", 0])
def test_only_true_and_false_are_yes_and_no(value):
    assert refused(changed(is_return=value))[0]["pointer"] == "#/data/is_return"


@pytest.mark.parametrize("value", ["4", True, -1, float("inf"), float("nan"), 10**400])
def test_a_quantity_is_a_finite_number_that_is_not_negative(value):
    body = copy.deepcopy(RESPONSE)
    body["data"]["lines"][0]["quantity"] = value
    assert refused(body)[0]["pointer"] == "#/data/lines/0/quantity"


@pytest.mark.parametrize(
    "value",
    [
        "2026-04-11T09:58:00",
        "2026-04-11",
        "2026-02-30T09:58:00Z",
        "1969-04-11T09:58:00Z",
        "9999-12-31T23:59:59Z",
        "20260411T095800Z",
        1775900000,
        {"at": "2026-04-11T09:58:00Z", "offset_known": True},
    ],
)
def test_a_time_without_offset_or_that_never_was_is_refused(value):
    assert refused(changed(occurred_at=value))[0]["pointer"] == "#/data/occurred_at"


def test_a_blank_tracking_number_is_missing():
    assert refused(changed(tracking_number=" \t\u00a0"))[0]["pointer"] == "#/data/tracking_number"


def test_unknown_properties_are_ignored_and_so_are_doubts_that_only_adapters_may_have():
    (event,) = parse({**SCAN, "doubts": ["made_up"], "future": {"a": 1}})
    assert event.doubts == ()


def test_a_link_that_is_no_web_address_is_dropped():
    (event,) = parse(changed(proof_url="javascript:alert(1)"))
    assert event.data.proof_url == ""


def test_the_senders_own_id_is_the_identity_of_a_single_event():
    adapter = CanonicalAdapter()
    assert adapter.identify(Delivery({**SCAN, "id": "n-5"})) == "n-5"
    assert adapter.identify(Delivery(SCAN)) is None
    assert adapter.identify(Delivery({"events": [{**SCAN, "id": "n-5"}]})) is None


def test_an_id_in_an_unsigned_header_is_not_believed():
    assert CanonicalAdapter().identify(Delivery(SCAN, {"webhook-id": "msg_1"})) is None


def test_the_same_scan_without_id_has_one_fingerprint_in_every_push():
    (first,), (again, _new) = parse(SCAN), parse({"events": [SCAN, changed(milestone="delivered")]})
    assert first.fingerprint() == again.fingerprint() != _new.fingerprint()


def test_a_delivery_about_one_parcel_is_worked_in_that_parcels_order():
    adapter = CanonicalAdapter()
    assert adapter.ordering_key(Delivery(SCAN)) == "NW0044"
    assert adapter.ordering_key(Delivery({"events": [SCAN, changed(tracking_number="nw0044")]})) == "NW0044"
    assert adapter.ordering_key(Delivery({"events": [SCAN, changed(tracking_number="X")]})) is None
    assert adapter.ordering_key(Delivery({"events": 5})) is None
    assert adapter.ordering_key(Delivery(None)) is None


def test_a_cloud_event_is_understood_at_the_same_address():
    body = {**SCAN, "specversion": "1.0", "id": "1", "source": "/wms", "time": SCAN["timestamp"]}
    (event,) = parse(body)
    assert event.data.tracking_number == "NW0044"
