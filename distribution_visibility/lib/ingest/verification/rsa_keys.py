"""RSA signatures whose public keys a person pasted (ShipEngine, ShipStation API)."""

import base64
import functools
import re
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ...base.errors import ConfigurationError, InvalidJson, VerificationError
from .. import strict_json
from .base import Key, Scheme, SignedRequest, Verified
from .primitives import (
    TOLERANCE,
    HeaderName,
    Tolerance,
    check_tolerance,
    decode_base64,
    match_key,
    read_signed_time,
    refusing_slowly,
)

_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
_BASE64_URL = re.compile(r"[A-Za-z0-9_-]+\Z")
_SHORTEST_BITS, _LONGEST_BITS = 2048, 8192
_MAX_KEYS = 20


class RsaKeys(Scheme):
    """RSASSA-PKCS1-v1_5 with SHA-256 over ``{timestamp}.{raw body}``, base64.

    A key's secret is one or more PEM public keys, or the provider's JWKS document (RFC 7517)
    pasted as text: nothing is fetched while a request is being checked. With a JWKS the key id
    of the request selects the key; PEM keys have no id, so each of them is tried.
    """

    name = "rsa_keys"
    label = "RSA signature with the provider's public keys"

    class Options(Scheme.Options):
        """Names of the three headers, and the tolerance in seconds."""

        signature_header: HeaderName = "x-shipengine-rsa-sha256-signature"
        key_id_header: HeaderName = "x-shipengine-rsa-sha256-key-id"
        timestamp_header: HeaderName = "x-shipengine-timestamp"
        tolerance: Tolerance = TOLERANCE

    def verify(self, request: SignedRequest, keys: Sequence[Key], now: float) -> Verified:
        """See :meth:`Scheme.verify`. The timestamp may be Unix seconds or ISO 8601 with offset."""
        with refusing_slowly(request):
            key_id = request.one(self.options.key_id_header)
            timestamp = request.one(self.options.timestamp_header)
            check_tolerance(read_signed_time(timestamp), now, self.options.tolerance)
            signature = self._read_signature(request)
        content = timestamp.encode() + b"." + request.body
        return Verified(match_key(keys, lambda key: _is_signed(key.secret, key_id, signature, content)).id)

    def check_secret(self, secret: str) -> None:
        """See :meth:`Scheme.check_secret`."""
        try:
            read_public_keys(secret)
        except ValueError as error:
            raise ConfigurationError(f"These are no RSA public keys (PEM or JWKS): {error}.") from error

    def new_secret(self) -> str:
        """:raises ConfigurationError: always, for the private key is the provider's."""
        raise ConfigurationError("The provider makes these keys: paste its public keys (PEM or JWKS).")

    def _read_signature(self, request: SignedRequest) -> bytes:
        try:
            return decode_base64(request.one(self.options.signature_header))
        except ValueError as error:
            raise VerificationError("The signature is malformed.") from error


@functools.lru_cache(maxsize=64)
def read_public_keys(text: str) -> tuple[tuple[str | None, RSAPublicKey], ...]:
    """Pairs of key id (None for PEM, which has none) and key. Cached: they are public and long-lived.

    :raises ValueError: when there is none, or one is not an RSA key of 2048 to 8192 bits.
    """
    keys = tuple(_read_jwks(text) if text.lstrip().startswith("{") else _read_pem(text))
    if not 1 <= len(keys) <= _MAX_KEYS:
        raise ValueError(f"there must be 1 to {_MAX_KEYS} keys")
    for _key_id, key in keys:
        if not isinstance(key, RSAPublicKey) or not _SHORTEST_BITS <= key.key_size <= _LONGEST_BITS:
            raise ValueError(f"a key is not an RSA key of {_SHORTEST_BITS} to {_LONGEST_BITS} bits")
    return keys


def _read_pem(text: str):
    for block in _PEM.findall(text):
        try:
            yield None, load_pem_public_key(block.encode())
        except UnsupportedAlgorithm as error:
            raise ValueError("a key is of an unknown kind") from error


def _read_jwks(text: str):
    try:
        document = strict_json.loads(text.encode())
    except InvalidJson as error:
        raise ValueError(str(error).rstrip(".")) from error
    members = document.get("keys", [document])
    if not isinstance(members, list):
        raise ValueError("the member keys is not a list")
    for member in members:
        # RFC 7517 section 5: keys of a kind or use that we do not know are ignored.
        if _is_for_signatures(member):
            yield member["kid"], RSAPublicNumbers(_number(member, "e"), _number(member, "n")).public_key()


def _is_for_signatures(member: object) -> bool:
    return (
        isinstance(member, Mapping)
        and member.get("kty") == "RSA"
        and member.get("use", "sig") == "sig"
        and member.get("alg", "RS256") == "RS256"
        and isinstance(member.get("kid"), str)
    )


def _number(member: Mapping, name: str) -> int:
    text = member.get(name)
    if not isinstance(text, str) or not _BASE64_URL.match(text):
        raise ValueError(f"the member {name} of a key is not base64url")
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def _is_signed(secret: str, key_id: str, signature: bytes, content: bytes) -> bool:
    proven = False
    for known_id, key in read_public_keys(secret):
        if known_id in (None, key_id):
            try:
                key.verify(signature, content, PKCS1v15(), hashes.SHA256())
                proven = True
            except InvalidSignature:
                continue
    return proven
