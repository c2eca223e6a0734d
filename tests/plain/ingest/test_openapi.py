"""The OpenAPI document says what the receiver does."""

import copy
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest import openapi
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.adapters.canonical import CanonicalAdapter

jsonschema_rs = pytest.importorskip("jsonschema_rs")
DOCUMENT = openapi.document("https://shop.example", "19.0.1.0.0")
OPERATION = DOCUMENT["paths"]["/visibility/v1/sources/{code}/events"]["post"]
CONTENT = OPERATION["requestBody"]["content"]
JSON, CLOUD = "application/json", "application/cloudevents+json"

SCAN = {
    "id": "s-1",
    "type": "shipment.milestone",
    "timestamp": "2026-08-01T10:00:00Z",
    "is_test": False,
    "data": {
        "tracking_number": "RX77",
        "milestone": "in_transit",
        "occurred_at": "2026-08-01T09:59:00.5+02:00",
        "codes": [{"vocabulary": "rx.status", "value": "IT"}],
        "location": {"city": "Lyon", "country": "FR"},
        "responsible_party": "carrier",
        "is_return": False,
        "related_numbers": ["BK-1"],
    },
}
RESPONSE = {
    "type": "supplier.order_response",
    "data": {
        "order": "P00077",
        "status": "accepted",
        "responded_at": "2026-08-01T09:00:00Z",
        "lines": [{"line": "1", "quantity": 4, "unit_price": 2.25, "code": {"vocabulary": "a", "value": "b"}}],
    },
}
DESPATCH = {
    "type": "supplier.despatch_advice",
    "data": {
        "despatch_number": "D1",
        "lines": [{"quantity": 1.5}],
        "is_cancelled": False,
        "eta": None,
    },
}
WITHDRAWAL = {"type": "shipment.retraction", "data": {"event_id": "s-1", "corrected_by": ["s-2"]}}
BATCH = {"events": [SCAN, RESPONSE, DESPATCH, WITHDRAWAL]}
CLOUD_EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "/wms",
    "type": "com.example.shipment.milestone",
    "time": "2026-08-01T10:00:00Z",
    "data": SCAN["data"],
}
BODIES = [SCAN, RESPONSE, DESPATCH, WITHDRAWAL, BATCH]
SAMPLES = [*((JSON, body) for body in BODIES), (CLOUD, CLOUD_EVENT)]
STRANGE = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**13,
    "",
    " ",
    "\u00a0",
    "\u001c",
    "\u001b",
    "x",
    "x" * 128,
    "x" * 129,
    "x" * 2001,
    [],
    {},
    ["x"],
    [None],
    {"x": 1},
    "1.0",
    "2026-08-01T10:00:00Z",
    "2026-08-01T10:00:00",
    "2026-02-30T10:00:00Z",
    "2026-08-01 10:00:00Z",
    "2026-08-01t10:00:00z",
    "1969-12-31T23:59:59Z",
    "9999-01-01T00:00:00Z",
    "2026-08-01T10:00:60Z",
    "2026-08-01T10:00:00.123456789Z",
    "shipment.eta",
    "supplier.order_response",
    "accepted",
    "carrier",
    "true",
    1,
    ["x"] * 21,
    "a.shipment.milestone",
    "javascript:x",
]


def validator(media_type):
    schema = {**CONTENT[media_type]["schema"], "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


VALIDATORS = {name: validator(name) for name in (JSON, CLOUD)}


def received(media_type, body):
    try:
        CanonicalAdapter().parse(Delivery(body, {"content-type": media_type}))
    except UnknownShape:
        return False
    return True


def agree(media_type, body):
    assert VALIDATORS[media_type].is_valid(body) == received(media_type, body), json.dumps(body)[:2000]


def places(value, path=()):
    yield path
    children = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    for key, child in children.items():
        yield from places(child, (*path, key))


def changed(body, path, value):
    if not path:
        return value
    body = copy.deepcopy(body)
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return body


@pytest.mark.parametrize(("media_type", "body"), SAMPLES)
def test_what_is_right_is_right_for_both(media_type, body):
    assert VALIDATORS[media_type].is_valid(body) and received(media_type, body)


@pytest.mark.parametrize(("media_type", "body"), SAMPLES)
def test_schema_and_receiver_agree_on_every_change_of_every_field(media_type, body):
    for path in places(body):
        for value in [..., *STRANGE] if path else STRANGE:
            agree(media_type, changed(body, path, value))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_schema_and_receiver_agree_on_any_value(sample, data):
    media_type, body = sample
    plain = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=140)
    path = data.draw(st.sampled_from(list(places(body))))
    value = data.draw(plain | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False))
    agree(media_type, changed(body, path, value))


def test_a_body_that_is_both_one_event_and_a_batch_is_a_batch_for_both():
    agree(JSON, {**SCAN, "events": 5})
    agree(JSON, {**BATCH, "type": "anything"})
    agree(JSON, {**SCAN, "specversion": "1.0"})


def test_five_hundred_events_and_no_more():
    for count in (0, 1, 500, 501):
        agree(JSON, {"events": [WITHDRAWAL] * count})


def test_the_examples_in_the_document_are_valid():
    for example in CONTENT[JSON]["examples"].values():
        assert VALIDATORS[JSON].is_valid(example["value"]) and received(JSON, example["value"])


def test_every_answer_that_a_sender_can_get_is_documented():
    answers = OPERATION["responses"]
    promised = "200 202 204 400 401 404 405 411 413 415 422 429 503"
    assert set(promised.split()) <= set(answers)
    for status in ("429", "503"):
        assert "Retry-After" in answers[status]["headers"]
    for status, answer in answers.items():
        if status >= "400":
            assert list(answer["content"]) == ["application/problem+json"]


def test_every_public_address_is_documented():
    assert set(DOCUMENT["paths"]) == {
        "/visibility/v1/sources/{code}/events",
        "/visibility/v1/openapi.json",
        "/visibility/health/live",
        "/visibility/health/ready",
        "/visibility/metrics",
    }
    assert DOCUMENT["openapi"] == "3.1.0" and DOCUMENT["servers"] == [{"url": "https://shop.example"}]


def test_every_reference_leads_somewhere():
    text = json.dumps(DOCUMENT)
    for pointer in set(re.findall(r'"\$ref": "#/([^"]+)"', text)):
        found = DOCUMENT
        for step in pointer.split("/"):
            found = found[step]
        assert found


def test_the_document_names_what_only_adapters_may_say_nowhere():
    assert "doubts" not in json.dumps(DOCUMENT)
