"""HMAC over the raw body, in the spellings that carriers and shops use."""

import base64
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

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
    decode_hex,
    equal,
    match_key,
    read_unix_seconds,
    refusing_slowly,
    require_length,
    usable,
)

FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,32}$")]


class HmacBody(Scheme):
    """HMAC-SHA256 or -SHA512 over a text that contains the raw body."""

    name = "hmac_body"
    label = "HMAC over the body"

    class Options(Scheme.Options):
        """How this sender spells its signature.

        ``prefix`` stands before the signature in its header, e.g. ``sha256=``. ``signed_text``
        holds ``{body}`` last and may hold ``{timestamp}``. The timestamp comes from a header of its
        own (``timestamp_header``), or the signature header is a list such as ``t=...,v1=...`` of
        which ``timestamp_field`` and ``signature_field`` are the names. ``secret_form`` says how
        the secret becomes bytes: UTF-8 ``text``, ``base64``, or ``nfkd`` (UTF-8 after Unicode
        normalisation form KD).
        """

        header: HeaderName
        prefix: Annotated[str, StringConstraints(max_length=40)] = ""
        hash: Literal["sha256", "sha512"] = "sha256"
        encoding: Literal["hex", "base64"] = "hex"
        signed_text: Annotated[str, StringConstraints(max_length=100)] = "{body}"
        timestamp_header: HeaderName | Literal[""] = ""
        timestamp_field: FieldName = ""
        signature_field: FieldName = ""
        tolerance: Tolerance = TOLERANCE
        secret_form: Literal["text", "base64", "nfkd"] = "text"

        @model_validator(mode="after")
        def _check(self):
            lead = self.signed_text.removesuffix("{body}")
            if lead == self.signed_text or any(mark in lead.replace("{timestamp}", "", 1) for mark in "{}"):
                raise ValueError("signed_text must end with {body} and may hold {timestamp} once before it")
            if bool(self.timestamp_field) != bool(self.signature_field):
                raise ValueError("timestamp_field and signature_field go together")
            if self.timestamp_field and self.timestamp_header:
                raise ValueError("the timestamp comes from a header or from a field, not from both")
            if self.has_timestamp != ("{timestamp}" in lead):
                raise ValueError("a timestamp must be both received and part of signed_text")
            return self

        @property
        def has_timestamp(self) -> bool:
            """True when this sender signs the time."""
            return bool(self.timestamp_header or self.timestamp_field)

    def verify(self, request: SignedRequest, keys: Sequence[Key], now: float) -> Verified:
        """See :meth:`Scheme.verify`. No event id: none of these senders signs one outside the body."""
        with refusing_slowly(request):
            timestamp, signatures = self._read(request)
            if self.options.has_timestamp:
                check_tolerance(read_unix_seconds(timestamp), now, self.options.tolerance)
        key = match_key(keys, lambda key: self._proves(key, timestamp, request.body, signatures))
        return Verified(key.id)

    def check_secret(self, secret: str) -> None:
        """See :meth:`Scheme.check_secret`."""
        require_length(secret)
        try:
            self._secret_bytes(secret)
        except ValueError as error:
            raise ConfigurationError("The secret is not base64, as this sender issues it.") from error

    def new_secret(self) -> str:
        """32 random bytes, in base64 where the scheme wants that, else in URL-safe text."""
        if self.options.secret_form == "base64":
            return base64.b64encode(secrets.token_bytes(32)).decode()
        return secrets.token_urlsafe(32)

    def digest(self, secret: str, timestamp: str, body: bytes) -> bytes:
        """The signature's bytes.

        :raises ValueError: when the secret is empty or not in its form.
        """
        lead = self.options.signed_text.removesuffix("{body}").replace("{timestamp}", timestamp)
        return hmac.digest(self._secret_bytes(secret), lead.encode() + body, self.options.hash)

    def _proves(self, key: Key, timestamp: str, body: bytes, signatures: list[bytes]) -> bool:
        expected = self.digest(key.secret, timestamp, body)
        return sum(equal(expected, given) for given in signatures) > 0

    def _secret_bytes(self, secret: str) -> bytes:
        if self.options.secret_form == "base64":
            return usable(decode_base64_secret(secret))
        if self.options.secret_form == "nfkd":
            secret = unicodedata.normalize("NFKD", secret)
        return usable(secret.encode())

    def _read(self, request: SignedRequest) -> tuple[str, list[bytes]]:
        options = self.options
        value = request.one(options.header)
        if options.signature_field:
            timestamp, texts = self._read_fields(value)
        else:
            timestamp = request.one(options.timestamp_header) if options.timestamp_header else ""
            texts = [value]
        return timestamp, [self._decode(text) for text in texts]

    def _read_fields(self, value: str) -> tuple[str, list[str]]:
        pairs = [part.strip(" ").partition("=") for part in value.split(",")]
        times = [text for name, _equals, text in pairs if name == self.options.timestamp_field]
        texts = [text for name, _equals, text in pairs if name == self.options.signature_field]
        if len(times) != 1 or not 1 <= len(texts) <= MAX_SIGNATURES:
            raise VerificationError("The signature header does not hold one time and a signature.")
        return times[0], texts

    def _decode(self, text: str) -> bytes:
        if not text.startswith(self.options.prefix):
            raise VerificationError("The signature does not begin as this sender's signatures do.")
        decode = decode_hex if self.options.encoding == "hex" else decode_base64
        try:
            return decode(text.removeprefix(self.options.prefix))
        except ValueError as error:
            raise VerificationError("The signature is malformed.") from error
