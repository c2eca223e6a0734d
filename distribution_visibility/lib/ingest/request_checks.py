"""What is checked of a request before anything is read, hashed or looked up.

Headers come as a list of name and value pairs, as received. A WSGI server may already have joined
repeated headers with a comma: then the strict forms below, and those of the signature schemes,
refuse the joined text.
"""

import re
from collections.abc import Sequence

from . import problem
from .problem import ProblemError

Headers = Sequence[tuple[str, str]]

JSON_TYPES = ("application/json", "application/cloudevents+json", "application/cloudevents-batch+json")
MAX_HEADERS = 100
MAX_HEADER_BYTES = 8192
MAX_ALL_HEADERS_BYTES = 32768
#: Headers of which two would leave open which one was meant.
SINGLE_HEADERS = frozenset(
    {"content-length", "content-type", "content-encoding", "transfer-encoding", "authorization", "host"}
)
_DIGITS = re.compile(r"[0-9]{1,15}\Z")
_CHARSET = re.compile(r'charset=(?:utf-?8|"utf-?8")\Z')


def check_request(
    method: str,
    headers: Headers,
    *,
    limit: int,
    allowed_types: Sequence[str] = JSON_TYPES,
    security_headers: Sequence[str] = (),
) -> int:
    """All checks, the cheap ones first. Gives the declared length of the body in bytes.

    :param limit: most bytes of a body.
    :param security_headers: lower-case names that this source's signature is read from.
    :raises ProblemError: with 400, 405, 411, 413, 415 or 431.
    """
    check_method(method)
    check_header_size(headers)
    check_single(headers, security_headers)
    values = {name.lower(): value for name, value in headers}
    check_content_type(values.get("content-type"), allowed_types)
    check_content_encoding(values.get("content-encoding"))
    return check_length(values.get("content-length"), values.get("transfer-encoding"), limit)


def check_method(method: str, allowed: Sequence[str] = ("POST",)) -> None:
    """:raises ProblemError: 405 for another method."""
    if method not in allowed:
        raise ProblemError(problem.method_not_allowed(allowed))


def check_header_size(headers: Headers) -> None:
    """:raises ProblemError: 431 for too many headers, one of over 8 kB, or over 32 kB in all."""
    sizes = [len(name) + len(value) for name, value in headers]
    too_long = max(sizes, default=0) > MAX_HEADER_BYTES or sum(sizes) > MAX_ALL_HEADERS_BYTES
    if too_long or len(sizes) > MAX_HEADERS:
        raise ProblemError(problem.headers_too_large())


def check_single(headers: Headers, security_headers: Sequence[str] = ()) -> None:
    """:raises ProblemError: 400 when a header that must be unique is there twice."""
    single = SINGLE_HEADERS.union(name.lower() for name in security_headers)
    seen = set()
    for name, _value in headers:
        lower = name.lower()
        if lower in single and lower in seen:
            raise ProblemError(problem.bad_request(f"The {lower} header is there more than once."))
        seen.add(lower)


def check_content_type(value: str | None, allowed: Sequence[str] = JSON_TYPES) -> None:
    """The media type must be allowed, its charset absent or UTF-8; other parameters are ignored.

    :raises ProblemError: 415.
    """
    media_type, *parameters = (part.strip().lower() for part in (value or "").split(";"))
    charsets = [parameter for parameter in parameters if parameter.startswith("charset")]
    if media_type not in allowed or len(charsets) > 1 or not all(map(_CHARSET.match, charsets)):
        raise ProblemError(problem.unsupported_media_type(allowed))


def check_content_encoding(value: str | None) -> None:
    """:raises ProblemError: 415 for a compressed body, which could unpack to any size."""
    if value is not None and value.strip().lower() != "identity":
        raise ProblemError(problem.unsupported_encoding())


def check_length(content_length: str | None, transfer_encoding: str | None, limit: int) -> int:
    """The declared length in bytes: digits only (no sign, blank or underscore that int() takes).

    :raises ProblemError: 411 without a length or with any Transfer-Encoding, 400 when it is no
        number, 413 when it is over ``limit``.
    """
    if transfer_encoding is not None or content_length is None or content_length == "":
        raise ProblemError(problem.length_required())
    if not _DIGITS.match(content_length):
        raise ProblemError(problem.bad_request("Content-Length is not a number of bytes."))
    length = int(content_length)
    check_size(length, limit)
    return length


def check_size(size: int, limit: int) -> None:
    """:raises ProblemError: 413 when ``size`` bytes, declared or read, are over ``limit``."""
    if size > limit:
        raise ProblemError(problem.too_large(limit))
