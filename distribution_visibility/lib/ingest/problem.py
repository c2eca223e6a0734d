"""Refusals as RFC 9457 problem details: one catalogue, so that an answer never says too much.

No problem carries a trace, a secret, an expected signature or which check of a signature failed.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..base.errors import IngestError
from ..base.log_text import one_line

MEDIA_TYPE = "application/problem+json"
#: A relative reference, so that it is the same on every host that the suite is installed on.
TYPE_BASE = "/visibility/v1/problems/"
MAX_ERRORS = 20
_STANDARD_MEMBERS = frozenset({"type", "title", "status", "detail", "instance"})


@dataclass(frozen=True)
class Problem:
    """One refusal. ``retry_after`` is in whole seconds; ``extra`` are further members of the body."""

    status: int
    slug: str
    title: str
    detail: str = ""
    retry_after: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The problem's type as a URI reference (RFC 9457 section 3.1.1)."""
        return TYPE_BASE + self.slug

    def to_response(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body of the answer."""
        members = {"type": self.type, "title": self.title, "status": self.status}
        if self.detail:
            members["detail"] = one_line(self.detail, 500)
        members.update((name, value) for name, value in self.extra.items() if name not in _STANDARD_MEMBERS)
        headers = [("Content-Type", MEDIA_TYPE), ("Cache-Control", "no-store"), *self.headers.items()]
        if self.retry_after is not None:
            headers.append(("Retry-After", str(self.retry_after)))
        return self.status, headers, json.dumps(members).encode()


class ProblemError(IngestError):
    """Ends a request with a problem."""

    def __init__(self, problem: Problem):
        super().__init__(problem.detail or problem.title)
        self.problem = problem


def bad_request(detail: str) -> Problem:
    """400: the request itself is malformed."""
    return Problem(400, "bad-request", "The request is malformed.", detail)


def invalid_json(detail: str) -> Problem:
    """400: the body is not JSON under the strict profile."""
    return Problem(400, "invalid-json", "The body is not valid JSON.", detail)


def not_verified() -> Problem:
    """401: the one answer to unknown source, wrong signature, old timestamp and missing key alike."""
    return Problem(
        401,
        "not-verified",
        "The request could not be verified.",
        "Check the address, the secret, the signature and the clock of the sender.",
        headers={"WWW-Authenticate": 'Signature realm="visibility"'},
    )


def forbidden(detail: str = "") -> Problem:
    """403: proven, but not allowed (for the routes that have users)."""
    return Problem(403, "forbidden", "This is not allowed.", detail)


def method_not_allowed(allowed: Sequence[str] = ("POST",)) -> Problem:
    """405, naming the methods that are allowed."""
    return Problem(
        405,
        "method-not-allowed",
        "This method is not allowed here.",
        f"Allowed: {', '.join(allowed)}.",
        headers={"Allow": ", ".join(allowed)},
    )


def length_required() -> Problem:
    """411: the body's length must be declared, not chunked."""
    return Problem(
        411,
        "length-required",
        "The length of the body is required.",
        "Send Content-Length, and no Transfer-Encoding.",
    )


def too_large(limit: int) -> Problem:
    """413: ``limit`` is in bytes."""
    return Problem(
        413,
        "too-large",
        "The body is too large.",
        f"At most {limit} bytes are accepted.",
        extra={"limit": limit},
    )


def unsupported_media_type(allowed: Sequence[str]) -> Problem:
    """415, naming the media types that are allowed."""
    return Problem(
        415,
        "unsupported-media-type",
        "This type of body is not supported.",
        f"Send {' or '.join(allowed)} in UTF-8.",
        headers={"Accept": ", ".join(allowed)},
    )


def unsupported_encoding() -> Problem:
    """415: a compressed body (RFC 9110 section 15.5.16)."""
    return Problem(
        415,
        "unsupported-media-type",
        "This type of body is not supported.",
        "Send the body without Content-Encoding.",
        headers={"Accept-Encoding": "identity"},
    )


def invalid_event(errors: Iterable[Mapping[str, str]] = (), detail: str = "") -> Problem:
    """422: JSON, but not an event. ``errors`` as :func:`describe_errors` gives them."""
    return Problem(
        422,
        "invalid-event",
        "The body is not a valid event.",
        detail,
        extra={"errors": list(errors)[:MAX_ERRORS]},
    )


def headers_too_large() -> Problem:
    """431: too many headers, or too long ones (RFC 6585)."""
    return Problem(431, "headers-too-large", "The request has too many or too large headers.")


def too_many_requests(wait: float) -> Problem:
    """429: ``wait`` is in seconds."""
    return Problem(
        429,
        "too-many-requests",
        "Too many requests.",
        "Slow down, and send this request again later.",
        retry_after=_whole_seconds(wait),
    )


def overloaded(wait: float) -> Problem:
    """503: better refused than accepted and lost. ``wait`` is in seconds."""
    return Problem(
        503,
        "overloaded",
        "The receiver is overloaded.",
        "Send this request again later.",
        retry_after=_whole_seconds(wait),
    )


def describe_errors(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Pydantic's ``errors()`` as RFC 9457 shows them: JSON pointer and sentence, never the input."""
    described = []
    for error in errors:
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in error.get("loc", ()))
        pointer = one_line("".join(f"/{step}" for step in steps), 200)
        described.append({"pointer": f"#{pointer}", "detail": one_line(str(error.get("msg", "")), 200)})
        if len(described) == MAX_ERRORS:
            break
    return described


def _whole_seconds(wait: float) -> int:
    return max(1, min(math.ceil(wait), 86400)) if math.isfinite(wait) else 86400
