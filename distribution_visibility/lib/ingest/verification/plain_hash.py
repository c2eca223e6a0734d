"""A plain SHA-256 with the key at its end (17TRACK)."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints

from ...base.errors import VerificationError
from .base import Key, Scheme, SignedRequest, Verified
from .primitives import (
    HeaderName,
    decode_hex,
    equal,
    match_key,
    refusing_slowly,
    require_length,
    usable,
)


class PlainHash(Scheme):
    """SHA-256 in hexadecimal over ``{raw body}{separator}{key}``.

    Weaker by design than an HMAC, but it does prove the body: with the secret at the end no
    length can be appended, and a forgery needs a collision of SHA-256.
    """

    name = "plain_hash"
    label = "SHA-256 of body and key"

    class Options(Scheme.Options):
        """The header that carries the hash, and what stands between body and key."""

        header: HeaderName = "sign"
        separator: Annotated[str, StringConstraints(max_length=10)] = "/"

    def verify(self, request: SignedRequest, keys: Sequence[Key], now: float) -> Verified:
        """See :meth:`Scheme.verify`."""
        with refusing_slowly(request):
            try:
                given = decode_hex(request.one(self.options.header))
            except ValueError as error:
                raise VerificationError("The signature is malformed.") from error
        return Verified(match_key(keys, lambda key: equal(self.digest(key.secret, request.body), given)).id)

    def check_secret(self, secret: str) -> None:
        """See :meth:`Scheme.check_secret`."""
        require_length(secret)

    def new_secret(self) -> str:
        """32 hexadecimal digits as 17TRACK issues them: 128 random bits."""
        return secrets.token_hex(16)

    def digest(self, secret: str, body: bytes) -> bytes:
        """The hash's bytes. :raises ValueError: for an empty secret."""
        return hashlib.sha256(body + self.options.separator.encode() + usable(secret.encode())).digest()
