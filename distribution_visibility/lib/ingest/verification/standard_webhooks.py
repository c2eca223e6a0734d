"""Standard Webhooks 1.0.0, symmetric (``v1``) and asymmetric (``v1a``)."""

import base64
import hmac
import re
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ...base.errors import ConfigurationError, VerificationError
from .base import Key, Scheme, SignedRequest, Verified
from .primitives import (
    MAX_SIGNATURES,
    TOLERANCE,
    HeaderName,
    Tolerance,
    check_tolerance,
    decode_base64,
    decode_base64_secret,
    equal,
    match_key,
    read_unix_seconds,
    refusing_slowly,
    usable,
)

SYMMETRIC, PUBLIC, PRIVATE = "whsec_", "whpk_", "whsk_"
_EVENT_ID = re.compile(r"[\x21-\x7e]{1,128}\Z")


class StandardWebhooks(Scheme):
    """HMAC-SHA256 or ed25519 over ``{id}.{timestamp}.{raw body}``.

    The id is signed, so it is given back as the event's id: it may serve as idempotency key.
    A key's secret is ``whsec_`` + base64 of 24 to 64 bytes (the prefix may be missing), or
    ``whpk_`` + base64 of an ed25519 public key.
    """

    name = "standard_webhooks"
    label = "Standard Webhooks"

    class Options(Scheme.Options):
        """``header_prefix`` gives ``<prefix>-id``, ``-timestamp`` and ``-signature``."""

        header_prefix: HeaderName = "webhook"
        tolerance: Tolerance = TOLERANCE

    def verify(self, request: SignedRequest, keys: Sequence[Key], now: float) -> Verified:
        """See :meth:`Scheme.verify`."""
        with refusing_slowly(request):
            event_id, content, signatures = self._read(request, now)
        key = match_key(keys, lambda key: _is_signed(key.secret, content, signatures))
        return Verified(key.id, event_id)

    def check_secret(self, secret: str) -> None:
        """See :meth:`Scheme.check_secret`."""
        if secret.startswith(PRIVATE):
            raise ConfigurationError("This is a private key: paste the public key (whpk_) instead.")
        try:
            size = len(secret_bytes(secret))
        except ValueError as error:
            raise ConfigurationError("The secret is not whsec_ or whpk_ followed by base64.") from error
        if secret.startswith(PUBLIC):
            if size != 32:
                raise ConfigurationError("An ed25519 public key has 32 bytes.")
        elif not 24 <= size <= 64:
            raise ConfigurationError("The secret needs 24 to 64 random bytes.")

    def new_secret(self) -> str:
        """``whsec_`` and 32 random bytes in base64."""
        return SYMMETRIC + base64.b64encode(secrets.token_bytes(32)).decode()

    def _read(self, request: SignedRequest, now: float) -> tuple[str, bytes, list[tuple[str, bytes]]]:
        prefix = self.options.header_prefix
        event_id = request.one(f"{prefix}-id")
        timestamp = request.one(f"{prefix}-timestamp")
        signatures = _read_signatures(request.one(f"{prefix}-signature"))
        if not _EVENT_ID.match(event_id):
            raise VerificationError("The event's id is not 1 to 128 printable characters.")
        check_tolerance(read_unix_seconds(timestamp), now, self.options.tolerance)
        return event_id, signed_content(event_id, timestamp, request.body), signatures


def signed_content(event_id: str, timestamp: str, body: bytes) -> bytes:
    """The bytes that are signed."""
    return b"%s.%s.%s" % (event_id.encode(), timestamp.encode(), body)


def secret_bytes(secret: str) -> bytes:
    """:raises ValueError: when the text is not base64 after its optional prefix, or empty."""
    if secret.startswith((SYMMETRIC, PUBLIC, PRIVATE)):
        secret = secret.partition("_")[2]
    return usable(decode_base64_secret(secret))


def _read_signatures(header: str) -> list[tuple[str, bytes]]:
    # Versions that we do not know are another receiver's business (the specification says so).
    entries = [entry.partition(",") for entry in header.split(" ")[:MAX_SIGNATURES]]
    signatures = []
    for version, _comma, text in entries:
        if version in ("v1", "v1a"):
            try:
                signatures.append((version, decode_base64(text)))
            except ValueError:
                continue
    if not signatures:
        raise VerificationError("The signature header holds no v1 or v1a signature.")
    return signatures


def _is_signed(secret: str, content: bytes, signatures: list[tuple[str, bytes]]) -> bool:
    if secret.startswith(PRIVATE):
        return False
    if secret.startswith(PUBLIC):
        return _is_signed_v1a(secret_bytes(secret), content, signatures)
    expected = hmac.digest(secret_bytes(secret), content, "sha256")
    # Counted, not any(): all are compared.
    return sum(equal(expected, given) for version, given in signatures if version == "v1") > 0


def _is_signed_v1a(public: bytes, content: bytes, signatures: list[tuple[str, bytes]]) -> bool:
    key = Ed25519PublicKey.from_public_bytes(public)
    proven = False
    for version, given in signatures:
        if version == "v1a":
            try:
                key.verify(given, content)
                proven = True
            except InvalidSignature:
                continue
    return proven
