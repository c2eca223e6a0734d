"""The queue's own heartbeat: a message that says nothing and travels like every other."""

from ..canonical import CanonicalEvent
from .base import Adapter, Delivery


class Heartbeat(Adapter):
    """Reads nothing out of a message, so that only the way through the queue is tested.

    It is not among ``ADAPTERS``: no person chooses it, and no sender can speak it.
    """

    name = "heartbeat"
    label = "Heartbeat (internal)"

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        """No facts, whatever the body."""
        return []
