"""CloudEvents 1.0 in its three content modes."""

import pytest

from distribution_visibility.lib.base.errors import InvalidEvents, UnknownShape
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.adapters.cloudevents import CloudEventsAdapter

DATA = {"tracking_number": "KV-5512", "milestone": "delivered", "occurred_at": "2026-05-02T14:03:11Z"}
EVENT = {
    "specversion": "1.0",
    "id": "77",
    "source": "https://wms.example/lane/3",
    "type": "com.example.wms.shipment.milestone",
    "time": "2026-05-02T14:03:12Z",
    "datacontenttype": "application/json",
    "data": DATA,
}


def parse(body, headers=None):
    return CloudEventsAdapter().parse(Delivery(body, headers or {}))


def test_a_structured_event_is_read_and_the_prefix_of_its_type_is_the_senders_own():
    (event,) = parse(EVENT, {"content-type": "application/cloudevents+json"})
    assert (event.type, event.data.milestone) == ("shipment.milestone", "delivered")
    assert event.timestamp.at.isoformat() == "2026-05-02T14:03:12+00:00"


@pytest.mark.parametrize("name", ["shipment.milestone", "example.shipment.milestone"])
def test_our_type_is_known_with_and_without_prefix(name):
    assert parse({**EVENT, "type": name})[0].type == "shipment.milestone"


@pytest.mark.parametrize(
    "name",
    [
        "com.example.shipped",
        "com.exampleshipment.milestone",
        "shipment.milestone.v2",
    ],
)
def test_a_type_that_only_looks_like_ours_is_refused(name):
    with pytest.raises(InvalidEvents) as caught:
        parse({**EVENT, "type": name})
    assert caught.value.errors[0]["pointer"] == "#/type"


def test_source_and_id_together_are_the_identity():
    first, other_source = EVENT, {**EVENT, "source": "/lane/4"}
    adapter = CloudEventsAdapter()
    assert parse(first)[0].fingerprint() == parse({**first, "time": "2026-05-02T15:00:00Z"})[0].fingerprint()
    assert parse(first)[0].fingerprint() != parse(other_source)[0].fingerprint()
    assert adapter.identify(Delivery(first)) == adapter.identify(Delivery({**first, "data": {}}))
    assert adapter.identify(Delivery(first)) != adapter.identify(Delivery(other_source))


def test_a_batch_is_a_list_and_may_be_empty():
    assert [event.id != "" for event in parse([EVENT, {**EVENT, "id": "78"}])] == [True, True]
    assert parse([], {"content-type": "application/cloudevents-batch+json"}) == []


def test_binary_mode_takes_attributes_from_headers_and_data_from_the_body():
    headers = {
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": "77",
        "ce-source": "https://wms.example/lane/3",
        "ce-type": "org.example.shipment.milestone",
        "ce-time": "2026-05-02T14:03:12Z",
    }
    (event,) = parse(DATA, headers)
    assert event.fingerprint() == parse(EVENT)[0].fingerprint()


def test_percent_encoded_header_values_are_the_same_identity_as_plain_ones():
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "77",
        "ce-source": "/caf%C3%A9%20lane",
        "ce-type": "shipment.milestone",
    }
    structured = {**EVENT, "source": "/café lane", "type": "shipment.milestone"}
    assert parse(DATA, headers)[0].id == parse(structured)[0].id


def test_headers_that_nobody_signed_name_no_identity():
    headers = {"ce-specversion": "1.0", "ce-id": "77", "ce-source": "/a", "ce-type": "shipment.milestone"}
    assert CloudEventsAdapter().identify(Delivery(DATA, headers)) is None


@pytest.mark.parametrize("name", ["id", "source", "type"])
def test_a_missing_attribute_is_named(name):
    body = {key: value for key, value in EVENT.items() if key != name}
    with pytest.raises(InvalidEvents) as caught:
        parse([EVENT, body])
    assert caught.value.errors[0]["pointer"] == f"#/1/{name}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("data_base64", "e30="),
        ("time", "noon"),
    ],
)
def test_what_is_not_understood_is_refused_at_its_place(name, value):
    with pytest.raises(InvalidEvents) as caught:
        parse({**EVENT, name: value})
    assert caught.value.errors[0]["pointer"] == f"#/{name}"


def test_an_error_in_the_data_points_into_the_data():
    with pytest.raises(InvalidEvents) as caught:
        parse([{**EVENT, "data": {"milestone": "delivered"}}])
    assert caught.value.errors[0]["pointer"] == "#/0/data/tracking_number"


@pytest.mark.parametrize("body", [None, 3, {}, [], [{}], {"specversion": "1.0"}, [3], {"specversion": 1}])
def test_anything_else_raises_unknown_shape_only(body):
    with pytest.raises(UnknownShape):
        parse(body)


def test_a_test_event_says_so_in_an_extension_attribute():
    assert parse({**EVENT, "istest": True})[0].is_test
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/", "ce-type": "shipment.milestone"}
    assert parse(DATA, {**headers, "ce-istest": "true"})[0].is_test


def test_deliveries_about_one_parcel_share_its_order():
    assert CloudEventsAdapter().ordering_key(Delivery(EVENT)) == "KV-5512"
    assert CloudEventsAdapter().ordering_key(Delivery({"specversion": "9"})) is None


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/cloudevents-batch+json", EVENT),
        ("application/cloudevents+json; charset=utf-8", [EVENT]),
    ],
)
def test_a_body_that_is_not_what_its_content_type_says_is_refused(media_type, body):
    with pytest.raises(InvalidEvents):
        parse(body, {"content-type": media_type})


def test_attributes_that_are_null_count_as_missing():
    assert parse({**EVENT, "time": None, "data_base64": None})[0].timestamp is None
