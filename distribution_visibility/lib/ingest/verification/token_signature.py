"""A JSON Web Token in a header (Easyship)."""

import base64
import hmac
import re
import secrets
from collections.abc import Sequence

from ...base.errors import InvalidJson, VerificationError
from .. import strict_json
from .base import Key, Scheme, SignedRequest, Verified
from .primitives import (
    TOLERANCE,
    HeaderName,
    Tolerance,
    equal,
    match_key,
    refusing_slowly,
    require_length,
    usable,
)

_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,1000})\.([A-Za-z0-9_-]{1,4000})\.([A-Za-z0-9_-]{43})\Z")


class TokenSignature(Scheme):
    """A JWT (RFC 7519) signed with HS256, and nothing else: ``none`` and other algorithms are refused.

    The token is not bound to the body, so it proves the sender only. ``exp`` and ``nbf`` are
    obeyed when they are there.
    """

    name = "token_signature"
    label = "Signed token (JWT) in a header"
    signs_body = False

    class Options(Scheme.Options):
        """The header, and the seconds by which clocks may differ."""

        header: HeaderName = "x-easyship-signature"
        tolerance: Tolerance = TOLERANCE

    def verify(self, request: SignedRequest, keys: Sequence[Key], now: float) -> Verified:
        """See :meth:`Scheme.verify`."""
        with refusing_slowly(request):
            parts = _TOKEN.match(request.one(self.options.header))
            head = _read_part(parts[1]) if parts else {}
            # "crit" names what a receiver must understand (RFC 7515 section 4.1.11): we know none.
            if head.get("alg") != "HS256" or "crit" in head:
                raise VerificationError("The token is not a JSON Web Token with HS256.")
            content = f"{parts[1]}.{parts[2]}".encode()
            key = match_key(keys, lambda key: equal(_sign(key.secret, content), parts[3].encode()))
            self._check_times(_read_part(parts[2]), now)
        return Verified(key.id)

    def check_secret(self, secret: str) -> None:
        """See :meth:`Scheme.check_secret`."""
        require_length(secret)

    def new_secret(self) -> str:
        """32 random bytes in URL-safe text."""
        return secrets.token_urlsafe(32)

    def _check_times(self, claims: dict, now: float) -> None:
        for name, sign in (("exp", 1), ("nbf", -1)):
            moment = claims.get(name)
            if moment is None:
                continue
            if type(moment) not in (int, float):
                raise VerificationError(f"The token's {name} is not a number.")
            if sign * (now - moment) > self.options.tolerance:
                raise VerificationError("The token is not valid at this time.")


def _sign(secret: str, content: bytes) -> bytes:
    # Compared as text: base64url of 32 bytes has spare bits, and a token has one spelling.
    digest = hmac.digest(usable(secret.encode()), content, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=")


def _read_part(text: str) -> dict:
    try:
        value = strict_json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, InvalidJson) as error:
        raise VerificationError("The token is malformed.") from error
    if not isinstance(value, dict):
        raise VerificationError("The token is malformed.")
    return value
