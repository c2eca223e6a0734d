"""What an adapter is: the one place where a provider's own body is understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..canonical import CanonicalEvent


@dataclass(frozen=True)
class Delivery:
    """One authentic request: parsed body (strict JSON) and headers with lower-case names."""

    payload: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Adapter:
    """Turns one provider's body into canonical events.

    An adapter is stateless, does no I/O and never imports Odoo. A new one is one file with one
    subclass, and one line in ``adapters/__init__.py``.
    """

    #: What is stored on the source and never changes, e.g. ``easypost``.
    name: ClassVar[str]
    #: What a person reads, e.g. ``EasyPost``.
    label: ClassVar[str]
    #: Name of the preset in ``verification.presets`` that the provider documents.
    preset: ClassVar[str] = "standard_webhooks"
    #: Dotted paths (``*`` for any list item) whose values are access secrets or personal data
    #: that nothing needs: they are blanked before the body is stored.
    redact: ClassVar[tuple[str, ...]] = ()
    #: True for our own language: its senders are told at once (422) what is wrong with a body.
    validates_at_door: ClassVar[bool] = False

    def identify(self, delivery: Delivery) -> str | None:
        """The provider's id of this delivery, the same over its retries; None when it has none."""
        return None

    def ordering_key(self, delivery: Delivery) -> str | None:
        """What must be worked in order (normally the tracking number); None when nothing."""
        return None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        """All facts in the body, oldest first. Resent history is returned again each time.

        :raises UnknownShape: when the body is not one this adapter understands; its text tells
            a person what was missing. No other exception leaves this method.
        """
        raise NotImplementedError
