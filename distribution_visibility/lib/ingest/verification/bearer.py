"""A shared token in a header (RFC 6750 and its relatives)."""

import secrets
from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints

from ...base.errors import VerificationError
from .base import Key, Scheme, SignedRequest, Verified
from .primitives import HeaderName, equal, match_key, refusing_slowly, require_length, usable


class Bearer(Scheme):
    """The sender is proven by a secret it knows; the body only by the connection that carried it."""

    name = "bearer"
    label = "Token in a header"
    signs_body = False

    class Options(Scheme.Options):
        """The header, and the word before the token (in any case, as RFC 9110 has it); may be empty."""

        header: HeaderName = "authorization"
        prefix: Annotated[str, StringConstraints(max_length=40)] = "Bearer "

    def verify(self, request: SignedRequest, keys: Sequence[Key], now: float) -> Verified:
        """See :meth:`Scheme.verify`."""
        with refusing_slowly(request):
            token = self._read(request)
            return Verified(match_key(keys, lambda key: equal(usable(key.secret.encode()), token)).id)

    def check_secret(self, secret: str) -> None:
        """See :meth:`Scheme.check_secret`."""
        require_length(secret)

    def new_secret(self) -> str:
        """32 random bytes in URL-safe text."""
        return secrets.token_urlsafe(32)

    def _read(self, request: SignedRequest) -> bytes:
        value = request.one(self.options.header)
        prefix = self.options.prefix
        if value[: len(prefix)].lower() != prefix.lower():
            raise VerificationError("The token's header does not begin as this sender's headers do.")
        return value[len(prefix) :].encode()
