"""What is blanked before a body, an address or headers are stored, logged or shown to a model."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ..base.log_text import one_line

REDACTED = "[redacted]"

#: Request headers that may be stored: an allowlist, so that a new way to sign cannot leak.
STORABLE_HEADERS = frozenset(
    {
        "as-webhook-version",
        "content-length",
        "content-type",
        "date",
        "subscription-id",
        "traceparent",
        "tracestate",
        "user-agent",
        "webhook-id",
        "webhook-timestamp",
        "x-request-id",
        "x-shipengine-timestamp",
        "x-shopify-api-version",
        "x-shopify-event-id",
        "x-shopify-shop-domain",
        "x-shopify-test",
        "x-shopify-topic",
        "x-shopify-triggered-at",
        "x-shopify-webhook-id",
    }
)
_CLOUDEVENTS_HEADER = re.compile(r"ce-[a-z0-9]{1,20}\Z")
_LONGEST_HEADER = 500
_SECRET_NAME = re.compile(
    r"(?:.*[_-])?(?:auth|credential|credentials|hash|hmac|jwt|key|apikey|password|passwd|pwd|secret|sig"
    r"|signature|sign|token|accesstoken)\Z",
    re.IGNORECASE,
)
_LOOKS_SECRET = re.compile(
    r"(?=.*[0-9])(?=.*[A-Za-z])[0-9a-fA-F]{32,}\Z"  # a hash
    r"|(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9_~-]{24,}\Z"  # a random token
    r"|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\Z"  # a JSON Web Token
)

Path = tuple[str, ...]


def redact(payload: Any, paths: Sequence[str]) -> Any:
    """A payload with the values at ``paths`` as ``[redacted]``, whatever their type.

    :param paths: dotted names; ``*`` is any item of a list, ``**`` any depth (none included). A
        path that is not there is no error: senders leave things out.
    :returns: a new payload; the given one is not changed (untouched branches are shared with it).
    :raises ValueError: for a path that is empty, has an empty name, or ends in ``**``.
    """
    return _redact(payload, [_parse_path(path) for path in paths])


def redact_url(url: str) -> str:
    """A URL without user, password, secret-looking path segments and query values, or fragment.

    Tracking numbers and the like stay. A text that is no http(s) URL stays as it is.
    """
    if not url[:8].lower().startswith(("http://", "https://")):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return REDACTED
    segments = (REDACTED if _LOOKS_SECRET.match(part) else part for part in parts.path.split("/"))
    query = "&".join(_redact_parameter(parameter) for parameter in parts.query.split("&") if parameter)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "/".join(segments), query, ""))


def redact_urls(payload: Any) -> Any:
    """A payload in which every text that is a URL went through :func:`redact_url`."""
    if isinstance(payload, str):
        return redact_url(payload)
    if isinstance(payload, dict):
        return {name: redact_urls(value) for name, value in payload.items()}
    if isinstance(payload, list):
        return [redact_urls(item) for item in payload]
    return payload


def looks_secret(text: str) -> bool:
    """Whether one word looks like a hash, a random token or a JSON Web Token."""
    return bool(_LOOKS_SECRET.match(text))


def storable_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers that may be stored, by lower-case name, on one line and at most 500 characters."""
    return {
        name.lower(): one_line(value, _LONGEST_HEADER)
        for name, value in headers
        if name.lower() in STORABLE_HEADERS or _CLOUDEVENTS_HEADER.match(name.lower())
    }


def _parse_path(text: str) -> Path:
    path = tuple(text.split("."))
    if "" in path or path[-1] == "**":
        raise ValueError(f"{text!r} is not a path to redact")
    return path


def _redact(value: Any, paths: list[Path]) -> Any:
    paths = _with_deep_matches(paths)
    if () in paths:
        return REDACTED
    if not paths:
        return value
    if isinstance(value, dict):
        return {name: _redact(member, _below(paths, name)) for name, member in value.items()}
    if isinstance(value, list):
        return [_redact(item, _below(paths, "*")) for item in value]
    return value


def _with_deep_matches(paths: list[Path]) -> list[Path]:
    """``**`` may stand for no level at all: then what follows it begins here."""
    found = list(paths)
    for path in found:
        if path and path[0] == "**" and path[1:] not in found:
            found.append(path[1:])
    return found


def _below(paths: list[Path], step: str) -> list[Path]:
    return [path if path[0] == "**" else path[1:] for path in paths if path[0] in ("**", step)]


def _redact_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if _SECRET_NAME.match(name) or _LOOKS_SECRET.match(value):
        return f"{name}{equals}{REDACTED}"
    return f"{REDACTED}" if _LOOKS_SECRET.match(name) else parameter
