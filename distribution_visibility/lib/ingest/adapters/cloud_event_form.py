"""CloudEvents 1.0 (cloudevents/spec, HTTP protocol binding) to the canonical body."""

import hashlib
import re
from typing import Any

from ...base.errors import InvalidEvents
from ..canonical import EVENT_TYPES, CanonicalEvent
from ..canonical_validation import validated_events
from ..wire_types import NOT_BLANK
from .base import Delivery

REQUIRED = ("id", "source", "specversion", "type")
MAX_LENGTH = 1000
_IS_BATCH = {"application/cloudevents+json": False, "application/cloudevents-batch+json": True}
_PREFIX = re.compile(r"(?:[A-Za-z0-9-]+\.)*")
_TEXT = re.compile(NOT_BLANK)
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")


def is_cloud_event(delivery: Delivery) -> bool:
    """True for structured and batched mode by body or content type, for binary mode by header."""
    headers, payload = delivery.headers, delivery.payload
    return (
        "ce-specversion" in headers
        or headers.get("content-type", "").lower().startswith("application/cloudevents")
        or (isinstance(payload, list) and all(_has_version(item) for item in payload) and bool(payload))
        or _has_version(payload)
    )


def single_identity(payload: Any) -> str | None:
    """The identity of one structured event: a digest of ``source`` and ``id``, else None.

    The attributes of binary mode are headers, which most schemes do not sign: they name no
    identity here.
    """
    if not isinstance(payload, dict):
        return None
    source, name = payload.get("source"), payload.get("id")
    return _identity(source, name) if isinstance(source, str) and isinstance(name, str) else None


def cloud_event_facts(delivery: Delivery) -> list[CanonicalEvent]:
    """The events; none for an empty batch, which the JSON batch format allows.

    :raises InvalidEvents: when attributes or ``data`` break their schema.
    """
    body = canonical_body(delivery)
    if body == []:
        return []
    try:
        return validated_events(body)
    except InvalidEvents as problem:
        for error in problem.errors:
            # ``timestamp`` is our name for what the sender calls ``time``.
            error["pointer"] = re.sub(r"^(#(?:/\d+)?)/timestamp$", r"\1/time", error["pointer"])
        raise


def canonical_body(delivery: Delivery) -> dict | list[dict]:
    """One event, or a list for a batch, in canonical form and not yet validated.

    :raises InvalidEvents: when the attributes are not those of CloudEvents 1.0.
    """
    is_list = isinstance(delivery.payload, list)
    media_type = delivery.headers.get("content-type", "").lower().partition(";")[0].strip()
    if media_type in _IS_BATCH and _IS_BATCH[media_type] != is_list:
        raise _invalid("#", "The body is not what its content type says: one event or a list")
    if is_list:
        return [_canonical(item, f"#/{number}") for number, item in enumerate(delivery.payload)]
    if "ce-specversion" in delivery.headers:
        return _canonical({**_attributes(delivery.headers), "data": delivery.payload}, "#")
    return _canonical(delivery.payload, "#")


def _has_version(item: Any) -> bool:
    return isinstance(item, dict) and "specversion" in item


def _attributes(headers) -> dict[str, str]:
    """Binary mode: header values are percent-encoded (HTTP binding 3.1.3.2)."""
    names = (name for name in headers if name.startswith("ce-"))
    return {name[3:]: _decoded(headers[name]) for name in names}


def _decoded(value: str) -> str:
    raw = _PERCENT.sub(lambda found: chr(int(found[1], 16)), value)
    try:
        return raw.encode("latin-1").decode()
    except UnicodeError:
        return raw


def _canonical(event: Any, pointer: str) -> dict:
    if not isinstance(event, dict):
        raise _invalid(pointer, "Input should be one CloudEvent")
    _check(event, pointer)
    identity = _identity(event["source"], event["id"])
    body = {"type": _our_type(event["type"]), "data": event.get("data"), "id": identity}
    if "time" in event:
        body["timestamp"] = event["time"]
    if event.get("istest") in (True, "true"):
        body["is_test"] = True
    return body


def _check(event: dict, pointer: str) -> None:
    for name in REQUIRED:
        value = event.get(name)
        if not isinstance(value, str) or not _TEXT.match(value) or len(value) > MAX_LENGTH:
            raise _invalid(f"{pointer}/{name}", f"{name} is a string of 1 to {MAX_LENGTH} characters")
    if event["specversion"] != "1.0":
        raise _invalid(f"{pointer}/specversion", "only CloudEvents 1.0 is understood")
    if event.get("data_base64") is not None:
        raise _invalid(f"{pointer}/data_base64", "data is expected as JSON, not as base64")


def _our_type(text: str) -> str:
    """Our type without the sender's reverse-DNS prefix; the text itself when it is not ours."""
    for name in EVENT_TYPES:
        if text.endswith(name) and _PREFIX.fullmatch(text[: -len(name)]):
            return name
    return text


def _identity(source: str, name: str) -> str:
    # Both are of any length; what is stored as id has 128 characters.
    return "ce:" + hashlib.sha256(f"{source}\x1f{name}".encode(errors="surrogatepass")).hexdigest()


def _invalid(pointer: str, detail: str) -> InvalidEvents:
    error = {"pointer": pointer, "detail": detail, "code": "cloudevents"}
    return InvalidEvents(f"Not a CloudEvent that is understood, at {pointer}: {detail}.", [error], 1)
