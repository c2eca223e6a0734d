"""What came of one attempt, in a word for the machine and a sentence for a person."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...base.backoff import parse_retry_after
from ...base.log_text import one_line
from ...ingest.redaction import REDACTED, looks_secret

DELIVERED, FAILED, THROTTLED, GONE, REFUSED = "delivered", "failed", "throttled", "gone", "refused"
_EXCERPT = 300
_WORD = re.compile(r"[A-Za-z0-9_.~-]{16,}")
_MAIL = re.compile(r"[^\s@\"'<>:,;]+@[^\s@\"'<>:,;]+")


@dataclass(frozen=True)
class Answer:
    """The outcome of one attempt.

    :param outcome: ``delivered``; ``failed`` and ``throttled`` are tried again; ``gone`` (410) ends the
        subscription; ``refused`` was not sent at all, because its address is not allowed
    :param status: the HTTP status, None without an answer
    :param retry_after: seconds the receiver asked to wait, within bounds
    """

    outcome: str
    sentence: str
    status: int | None = None
    seconds: float = 0
    excerpt: str = ""
    retry_after: float | None = None

    @property
    def code_class(self) -> str:
        """``2xx`` to ``5xx``, or ``none`` without an answer: a bounded label for metrics."""
        return f"{self.status // 100}xx" if self.status and 100 <= self.status < 600 else "none"

    @property
    def is_delivered(self) -> bool:
        return self.outcome == DELIVERED


def judge(status: int, headers: Mapping[str, str], body: bytes, seconds: float, now: dt.datetime) -> Answer:
    """What an HTTP answer means (Standard Webhooks 1.0.0, *Deliverability and reliability*)."""
    outcome, sentence = _judge(status, headers)
    wait = None
    if not 200 <= status < 300:
        wait = parse_retry_after(headers.get("Retry-After"), now)
    return Answer(outcome, sentence, status, seconds, excerpt(body), wait)


def _judge(status: int, headers: Mapping[str, str]) -> tuple[str, str]:
    if 200 <= status < 300:
        return DELIVERED, f"Delivered ({status})."
    if 300 <= status < 400:
        return FAILED, f"The receiver redirects elsewhere ({status}), which is not followed: enter its final address."
    if status == 410:
        return GONE, "The receiver says that this address is gone for good (410)."
    if status == 429 or (status == 503 and headers.get("Retry-After")):
        return THROTTLED, f"The receiver asks for patience ({status})."
    if status in (401, 403):
        return FAILED, f"The receiver does not accept who we are ({status}): compare the keys."
    if status == 404:
        return FAILED, "The receiver knows no such address (404)."
    if 400 <= status < 500:
        return FAILED, f"The receiver refuses the event ({status})."
    return FAILED, f"The receiver failed ({status})."


def excerpt(body: bytes) -> str:
    """The beginning of an answer on one line, without what looks like a secret or a mail address."""
    text = one_line(body[: 4 * _EXCERPT].decode(errors="replace"), 4 * _EXCERPT)
    text = _MAIL.sub(REDACTED, text)
    text = _WORD.sub(lambda word: REDACTED if looks_secret(word[0]) else word[0], text)
    return one_line(text, _EXCERPT)
