"""CloudEvents 1.0: structured, batched and binary content mode over HTTP."""

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from .base import Adapter, Delivery
from .canonical import shared_tracking_number
from .cloud_event_form import canonical_body, cloud_event_facts, is_cloud_event, single_identity


class CloudEventsAdapter(Adapter):
    """Our canonical ``data`` in the envelope of the Cloud Native Computing Foundation.

    ``type`` is one of our types, alone or with a reverse-DNS prefix
    (``com.example.shipment.milestone``). ``source`` and ``id`` together are the identity.
    """

    name = "cloudevents"
    label = "CloudEvents 1.0"
    validates_at_door = True

    def identify(self, delivery: Delivery) -> str | None:
        """``source`` and ``id`` of a single structured event, which are signed with the body."""
        return single_identity(delivery.payload)

    def ordering_key(self, delivery: Delivery) -> str | None:
        try:
            return shared_tracking_number(canonical_body(delivery))
        except UnknownShape:
            return None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        """:raises InvalidEvents: when attributes or ``data`` break their schema."""
        if not is_cloud_event(delivery):
            raise UnknownShape("The body is not a CloudEvent: specversion is missing.")
        return cloud_event_facts(delivery)
