"""A secret address, for senders that can do nothing else."""

import secrets
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from ...base.errors import VerificationError
from .addresses import is_allowed, parse_networks
from .base import Key, Scheme, SignedRequest, Verified
from .primitives import equal, match_key, refusing_slowly, require_length, usable


def _check_networks(networks: tuple[str, ...]) -> tuple[str, ...]:
    parse_networks(networks)
    return networks


class Unsigned(Scheme):
    """A random token as the last path segment, and optionally the sender's addresses.

    Addresses end up in logs and address lists go stale, so this proves neither sender nor body:
    what such a source says needs a person, or to be fetched again.
    """

    name = "unsigned"
    label = "Secret address (unsigned)"
    signs_body = False
    proves_sender = False

    class Options(Scheme.Options):
        """``networks``: addresses or CIDR networks that may send; empty for any."""

        networks: Annotated[tuple[str, ...], Field(max_length=200), AfterValidator(_check_networks)] = ()

    def verify(self, request: SignedRequest, keys: Sequence[Key], now: float) -> Verified:
        """See :meth:`Scheme.verify`."""
        token = request.path_token.encode("utf-8", "backslashreplace")
        with refusing_slowly(request):
            key = match_key(keys, lambda key: equal(usable(key.secret.encode()), token))
            if self.options.networks and not is_allowed(request.remote_address, self.options.networks):
                raise VerificationError("The sender's address is not one that may send.")
        return Verified(key.id)

    def check_secret(self, secret: str) -> None:
        """See :meth:`Scheme.check_secret`. At least 24 characters: this token is all there is."""
        require_length(secret, 24)

    def new_secret(self) -> str:
        """32 random bytes in URL-safe text, fit for a path segment."""
        return secrets.token_urlsafe(32)
