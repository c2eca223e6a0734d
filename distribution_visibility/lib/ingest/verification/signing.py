"""The sender's side: outgoing events, the demo and tests sign with it."""

import base64
import hmac
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ...base.errors import ConfigurationError
from .hmac_body import HmacBody
from .presets import PRESETS
from .standard_webhooks import PRIVATE, PUBLIC, secret_bytes, signed_content


def sign(event_id: str, timestamp: int, body: bytes, secret: str) -> str:
    """One Standard Webhooks signature: ``v1,...``, or ``v1a,...`` with a ``whsk_`` private key.

    :param timestamp: Unix seconds of this attempt.
    :raises ConfigurationError: when the secret is not one to sign with.
    """
    content = signed_content(event_id, str(timestamp), body)
    try:
        key = secret_bytes(secret)
        if secret.startswith(PUBLIC):
            raise ValueError("a public key cannot sign")
        if secret.startswith(PRIVATE):
            # 32 bytes of seed, or seed and public key as libsodium writes them.
            signature = Ed25519PrivateKey.from_private_bytes(key[:32]).sign(content)
            return "v1a," + base64.b64encode(signature).decode()
    except ValueError as error:
        raise ConfigurationError("The signing secret is not whsec_ or whsk_ followed by base64.") from error
    return "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


def sign_headers(event_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers of one attempt, signed with every secret that is valid (rotation).

    :raises ConfigurationError: when there is no secret, or one cannot sign.
    """
    if not secrets:
        raise ConfigurationError("There is no secret to sign with.")
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(event_id, timestamp, body, secret) for secret in secrets),
    }


def sign_hmac_body(body: bytes, secret: str, preset: str = "easypost", timestamp: int | None = None) -> dict[str, str]:
    """The signature headers that the provider of an HMAC preset would send with this body.

    :param timestamp: Unix seconds, for the presets whose provider signs the time.
    :raises ConfigurationError: when the preset is no HMAC, a time is missing, or the secret unusable.
    """
    if preset not in PRESETS or PRESETS[preset].scheme != HmacBody.name:
        raise ConfigurationError(f"The preset {preset!r} does not sign with an HMAC over the body.")
    scheme = HmacBody(PRESETS[preset].options)
    options = scheme.options
    if options.has_timestamp and timestamp is None:
        raise ConfigurationError(f"The preset {preset!r} signs the time: give one.")
    time = str(timestamp) if options.has_timestamp else ""
    try:
        digest = scheme.digest(secret, time, body)
    except ValueError as error:
        raise ConfigurationError("The secret is empty or not in the form that this preset wants.") from error
    signature = options.prefix + (digest.hex() if options.encoding == "hex" else base64.b64encode(digest).decode())
    if options.signature_field:
        return {options.header: f"{options.timestamp_field}={time},{options.signature_field}={signature}"}
    return {options.header: signature, **({options.timestamp_header: time} if time else {})}
