"""What a verification scheme is: proof that a request comes from its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from ...base.errors import VerificationError
from ...base.vault import Key


@dataclass(frozen=True)
class SignedRequest:
    """What a scheme may look at: raw bytes, never a parsed body.

    ``headers`` has lower-case names and every value received, in order. ``path_token`` is the
    last path segment of a source that cannot sign. ``remote_address`` is the peer's IP text.
    """

    body: bytes
    headers: Mapping[str, Sequence[str]]
    path_token: str = ""
    remote_address: str = ""

    def one(self, name: str) -> str:
        """The header's only value.

        :raises VerificationError: when it is missing, empty, repeated or not ASCII.
        """
        values = self.headers.get(name.lower(), ())
        if len(values) != 1 or not values[0] or not values[0].isascii():
            raise VerificationError(f"The {name} header must be there exactly once.")
        return values[0]


@dataclass(frozen=True)
class Verified:
    """The proof: which key matched, and the event id when it was part of what is signed."""

    key_id: str
    event_id: str | None = None


class Scheme:
    """One way to prove where a request comes from."""

    name: ClassVar[str]
    label: ClassVar[str]
    #: False for schemes that cannot prove the body: what they say needs a person.
    signs_body: ClassVar[bool] = True
    #: False when not even the sender is proven (a secret address is all there is). A scheme that
    #: proves the sender and not the body (a bearer token) is as good as the connection's TLS.
    proves_sender: ClassVar[bool] = True

    class Options(BaseModel):
        """What an administrator may set for this scheme; no options by default."""

        model_config = ConfigDict(frozen=True, extra="forbid")

    def __init__(self, options: Mapping | None = None):
        """:raises pydantic.ValidationError: when the options cannot work."""
        self.options = self.Options.model_validate(options or {})

    def verify(self, request: SignedRequest, keys: Sequence[Key], now: float) -> Verified:
        """Check the request against all keys in constant time, without early exit.

        :param now: Unix seconds.
        :raises VerificationError: whenever it is not proven, whatever the cause; nothing else.
        """
        raise NotImplementedError

    def check_secret(self, secret: str) -> None:
        """:raises ConfigurationError: when a new secret is too short or malformed (one sentence)."""

    def new_secret(self) -> str:
        """A fresh random secret in the form that this scheme's senders expect."""
        raise NotImplementedError
