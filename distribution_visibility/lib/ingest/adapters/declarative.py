"""The adapter for everybody else: an administrator's mapping instead of code."""

from ...base.errors import IngestError
from ..canonical import CanonicalEvent, ShipmentEvent
from .base import Adapter, Delivery
from .declarative_mapping import DeclarativeMapping
from .reading import normalised_number


class DeclarativeAdapter(Adapter):
    """One instance for each source, made with the source's mapping.

    :raises ConfigurationError: when the mapping cannot work, with the first reason.
    """

    name = "declarative"
    label = "Any JSON, with a mapping of your own"
    preset = "bearer"

    def __init__(self, mapping: DeclarativeMapping):
        mapping.check()
        self.mapping = mapping

    def identify(self, delivery: Delivery) -> str | None:
        """The id of the only event in the body, when the mapping has an expression for it."""
        events = self._events(delivery)
        return (events[0].id or None) if len(events) == 1 else None

    def ordering_key(self, delivery: Delivery) -> str | None:
        """The tracking number that all events share."""
        numbers = {_subject(event) for event in self._events(delivery)}
        return (numbers.pop() or None) if len(numbers) == 1 else None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        return self.mapping.apply(delivery)

    def _events(self, delivery: Delivery) -> list[CanonicalEvent]:
        try:
            return self.mapping.apply(delivery)
        except IngestError:
            return []


def _subject(event: CanonicalEvent) -> str:
    if isinstance(event, ShipmentEvent):
        return normalised_number(event.data.tracking_number)
    return getattr(event.data, "order", "")
