"""What all schemes share: strict reading of what a stranger sent, and comparing without a clock."""

import base64
import binascii
import datetime as dt
import hmac
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from ...base.errors import ConfigurationError, VerificationError
from .base import Key, SignedRequest

#: Seconds that a signed time may be away from ours, in both directions.
TOLERANCE = 300
#: Fewest characters of a secret that a provider issued. A signature can be attacked offline by
#: whoever sees one request, so eight characters are hours of work; sixteen hexadecimal ones are
#: 64 bits. All providers in ``presets`` issue more; secrets of our own have 256 bits.
MIN_SECRET_LENGTH = 16
#: A signature header may hold several signatures while keys are rotated; more is abuse.
MAX_SIGNATURES = 20

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$"), AfterValidator(str.lower)]
Tolerance = Annotated[int, Field(ge=10, le=3600, description="Seconds, both ways")]

_DUMMY_KEY = secrets.token_bytes(32)
_UNIX_SECONDS = re.compile(r"[0-9]{1,12}\Z")
_ISO_8601 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})\Z"
)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+\Z")


def equal(one: bytes, other: bytes) -> bool:
    """Compare in constant time. Only bytes: ``compare_digest`` raises on text beyond ASCII."""
    return hmac.compare_digest(one, other)


def decode_base64(text: str) -> bytes:
    """Strict standard base64 with padding, in its one canonical spelling.

    :raises ValueError: for anything else, such as junk that lenient decoders skip.
    """
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if base64.b64encode(value).decode() != text:
        raise ValueError("not canonical base64")
    return value


def decode_base64_secret(text: str) -> bytes:
    """Like :func:`decode_base64`, but padding may be missing: issued secrets come both ways."""
    return decode_base64(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def decode_hex(text: str) -> bytes:
    """Hexadecimal in either case, nothing else: ``bytes.fromhex`` would allow spaces.

    :raises ValueError: for anything else.
    """
    if not _HEX.match(text):
        raise ValueError("not hexadecimal")
    return bytes.fromhex(text)


def read_unix_seconds(text: str) -> float:
    """A signed time as digits only: no sign, space, fraction, underscore or exponent.

    :raises VerificationError: when it is anything else.
    """
    if not _UNIX_SECONDS.match(text):
        raise VerificationError("The signed timestamp is not a whole number of seconds.")
    return float(text)


def read_signed_time(text: str) -> float:
    """Unix seconds from digits, or from an ISO 8601 time with an offset.

    :raises VerificationError: when it is neither.
    """
    if not _ISO_8601.match(text):
        return read_unix_seconds(text)
    # Python 3.10 reads neither "Z" nor fractions of other than 3 or 6 digits; a fraction of a
    # second does not matter within minutes of tolerance.
    plain = re.sub(r"\.[0-9]+", "", text[:-1] + "+00:00" if text.endswith("Z") else text)
    if plain[-3] != ":":
        plain = f"{plain[:-2]}:{plain[-2:]}"
    try:
        return dt.datetime.fromisoformat(plain).timestamp()
    except (ValueError, OverflowError) as error:
        raise VerificationError("The signed timestamp is not a time.") from error


def check_tolerance(signed_at: float, now: float, tolerance: float) -> None:
    """:raises VerificationError: when the two are more than ``tolerance`` seconds apart, either way."""
    if not abs(now - signed_at) <= tolerance:
        raise VerificationError("The signed timestamp is too far from the present time.")


def match_key(keys: Sequence[Key], proves: Callable[[Key], bool]) -> Key:
    """The first key that proves the request, after trying *all*: time tells nothing of which.

    A key that cannot be used at all (malformed, empty) proves nothing and stops nobody.

    :raises VerificationError: when none does.
    """
    found = None
    for key in keys:
        try:
            proven = proves(key)
        except ValueError:
            proven = False
        if proven and found is None:
            found = key
    if found is None:
        raise VerificationError("No valid key of this source matches the request.")
    return found


def usable(secret: bytes) -> bytes:
    """:raises ValueError: for an empty secret, with which anybody could sign."""
    if not secret:
        raise ValueError("empty secret")
    return secret


def burn(body: bytes) -> None:
    """Spend the time that checking a signature over ``body`` takes."""
    hmac.digest(_DUMMY_KEY, body, "sha256")


@contextmanager
def refusing_slowly(request: SignedRequest) -> Iterator[None]:
    """Make a refusal that comes before any signature is computed cost as much as one after it.

    Otherwise the time of the answer would tell an existing source from one that is not there.
    """
    try:
        yield
    except VerificationError:
        burn(request.body)
        raise


def dummy_verify(request: SignedRequest) -> None:
    """What is done for a source that does not exist: the same work, then the same refusal.

    :raises VerificationError: always.
    """
    burn(request.body)
    raise VerificationError("No valid key of this source matches the request.")


def require_length(secret: str, shortest: int = MIN_SECRET_LENGTH) -> None:
    """:raises ConfigurationError: for a short secret, or one with blanks that copying left at its ends."""
    if secret != secret.strip():
        raise ConfigurationError("The secret has blanks at its beginning or end: paste it without them.")
    if len(secret) < shortest:
        raise ConfigurationError(f"The secret is too short: it needs at least {shortest} characters.")
    try:
        secret.encode()
    except UnicodeEncodeError as error:
        raise ConfigurationError("The secret holds characters that cannot be encoded.") from error
