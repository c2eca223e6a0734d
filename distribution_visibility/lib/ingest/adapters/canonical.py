"""Our own form: Standard Webhooks' envelope, one event or a batch, or CloudEvents."""

from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from ..canonical_validation import validated_events
from .base import Adapter, Delivery
from .cloud_event_form import canonical_body, cloud_event_facts, is_cloud_event, single_identity

#: What another installation of this suite sends out, and what it is here.
OF_OUR_OWN = {"shipment.milestone_reached": "shipment.milestone", "shipment.eta_changed": "shipment.eta"}


class CanonicalAdapter(Adapter):
    """What a sender of ours posts; see ``docs/ingest/canonical-events.md``."""

    name = "canonical"
    label = "Canonical events"
    validates_at_door = True

    def identify(self, delivery: Delivery) -> str | None:
        """The ``id`` of a single event.

        A header's id is not taken here: only a scheme that signs it may give it. A batch has
        none: its events are recognised one by one.
        """
        payload = delivery.payload
        if is_cloud_event(delivery):
            return single_identity(payload)
        if isinstance(payload, dict) and "events" not in payload:
            return _text(payload.get("id")) or None
        return None

    def ordering_key(self, delivery: Delivery) -> str | None:
        """The tracking number, when the whole delivery speaks of one."""
        try:
            return shared_tracking_number(_body(delivery))
        except UnknownShape:
            return None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        """:raises InvalidEvents: with each error's place, for an answer 422."""
        if is_cloud_event(delivery):
            return cloud_event_facts(delivery)
        return validated_events(_as_incoming(delivery.payload))


def _as_incoming(payload: Any) -> Any:
    """An event that another installation of this suite sent out, under the name that it has here."""
    if isinstance(payload, dict) and isinstance(payload.get("type"), str) and payload["type"] in OF_OUR_OWN:
        return {**payload, "type": OF_OUR_OWN[payload["type"]]}
    return payload


def shared_tracking_number(payload: Any) -> str | None:
    """The one tracking number that all events of a canonical body name, else None."""
    items = payload.get("events", [payload]) if isinstance(payload, dict) else payload
    numbers = {_tracking_number(item) for item in items} if isinstance(items, list) else set()
    return (numbers.pop() or None) if len(numbers) == 1 else None


def _tracking_number(item: Any) -> str:
    data = item.get("data") if isinstance(item, dict) else None
    return _text(data.get("tracking_number")).upper() if isinstance(data, dict) else ""


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _body(delivery: Delivery) -> Any:
    return canonical_body(delivery) if is_cloud_event(delivery) else delivery.payload
