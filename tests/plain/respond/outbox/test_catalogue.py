"""The catalogue: bodies are what it says, the inbox reads them, and the documentation agrees."""

import datetime as dt
import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from distribution_visibility.lib.ingest import openapi as incoming
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.adapters.canonical import CanonicalAdapter
from distribution_visibility.lib.respond.outbox import openapi
from distribution_visibility.lib.respond.outbox.catalogue import EVENT_TYPES, VERSION, describe, write_body

MOMENT = dt.datetime(2026, 11, 24, 10, 0, 5)
SHIPMENT = {
    "tracking_number": "1Z999AA10123456784", "carrier": "UPS", "milestone": "out_for_delivery",
    "occurred_at": "2026-11-24T09:59:00Z", "eta": "2026-11-24T16:00:00Z", "direction": "outbound", "url": "https://x/1",
}  # fmt: skip


def body(event_type, data):
    return json.loads(write_body(event_type, "msg_1", MOMENT, describe(event_type, data)))


def test_the_envelope_is_that_of_standard_webhooks():
    found = body("test", {"message": "Hello"})
    assert found == {
        "type": "test", "timestamp": "2026-11-24T10:00:05Z", "id": "msg_1", "version": VERSION,
        "data": {"message": "Hello"},
    }  # fmt: skip


def test_what_is_not_in_the_catalogue_cannot_be_sent():
    with pytest.raises(ValidationError):
        describe("test", {"message": "Hello", "phone": "+49 30 1234"})


@pytest.mark.parametrize("event_type", ["shipment.milestone_reached", "shipment.eta_changed"])
def test_the_inbox_of_another_installation_reads_what_we_send(event_type):
    (event,) = CanonicalAdapter().parse(Delivery(body(event_type, SHIPMENT)))
    assert event.id == "msg_1" and event.data.milestone == "out_for_delivery"
    assert event.data.eta.at.isoformat() == "2026-11-24T16:00:00+00:00"


def test_the_openapi_document_describes_each_type_and_refers_to_what_it_holds():
    document = incoming.document("https://x", "1", openapi.webhooks(), openapi.schemas())
    assert document["webhooks"].keys() == EVENT_TYPES.keys()
    text = json.dumps(document)
    for name in openapi.schemas():
        assert f"#/components/schemas/{name}" in text
    for reference in set(text.split('"$ref": "#/components/schemas/')[1:]):
        assert reference.partition('"')[0] in document["components"]["schemas"]


def test_every_type_is_in_the_documentation_with_its_meaning():
    page = (Path(__file__).resolve().parents[4] / "docs/respond/events-out.md").read_text(encoding="utf-8")
    for event_type in EVENT_TYPES.values():
        assert f"| `{event_type.name}` | {event_type.meaning} |" in page
        for name in event_type.data.model_fields:
            assert f"`{name}`" in page, f"{name} of {event_type.name}"
    assert f"version {VERSION}" in page
