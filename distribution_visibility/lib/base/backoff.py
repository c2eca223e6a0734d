"""When to try again: schedules with jitter, and Retry-After within bounds."""

import datetime as dt
import random
import re
from dataclasses import dataclass

from werkzeug.http import parse_date

MINUTE, HOUR = 60, 3600
SHORTEST_RETRY_AFTER = 1
LONGEST_RETRY_AFTER = 24 * HOUR

_SECONDS = re.compile(r"[0-9]{1,10}\Z")
# How the three forms end that a recipient has to read: IMF-fixdate, RFC 850, asctime
_HTTP_DATE = re.compile(r"[A-Z][a-z]+,? .*(?:(?: [1-9]\d{3}|-\d\d) [\d:]+ GMT| [\d:]+ [1-9]\d{3})\Z", re.ASCII)
_LEAP_SECOND = re.compile(r"(:\d\d):60\b", re.ASCII)


@dataclass(frozen=True)
class Schedule:
    """Seconds to wait after the first, second, ... failure, each spread by ``jitter`` both ways.

    The spread keeps those that failed together from coming back together.
    """

    delays: tuple[int, ...]
    jitter: float = 0.2

    @property
    def max_attempts(self) -> int:
        """Attempts in all, the first one included."""
        return len(self.delays) + 1

    def delay(self, attempt: int, rng: random.Random | None = None, retry_after: float | None = None) -> float | None:
        """Seconds until the next attempt; None when there is none left.

        :param attempt: how many attempts have failed, from 1.
        :param rng: the source of chance; tests give a seeded one.
        :param retry_after: what the other side asked for, from :func:`parse_retry_after`: waited
            for at least, with jitter added only upwards.
        """
        if attempt < 1:
            raise ValueError("attempt counts from 1")
        if attempt > len(self.delays):
            return None
        chance = (rng or random).random()
        wait = self.delays[attempt - 1] * (1 - self.jitter + 2 * self.jitter * chance)
        return max(wait, retry_after * (1 + self.jitter * chance)) if retry_after is not None else wait


#: Processing what was received: first for a lock or a hiccup, then for somebody to mend something.
INBOX = Schedule((5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR))
#: Sending, as the example schedule of Standard Webhooks 1.0.0: ten attempts in about 75 hours.
OUTBOX = Schedule((5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR))
#: What people are told and reminded of: an hour apart, five attempts in all.
HOURLY = Schedule((HOUR, HOUR, HOUR, HOUR), jitter=0)


def parse_retry_after(
    value: str | None,
    now: dt.datetime,
    shortest: float = SHORTEST_RETRY_AFTER,
    longest: float = LONGEST_RETRY_AFTER,
) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110 section 10.2.3), within bounds.

    :param now: an aware time, against which an HTTP-date in any of its three forms is measured.
    :returns: None when the header is missing or neither form: the schedule alone decides then.
    """
    text = (value or "").strip()
    if _SECONDS.match(text):
        seconds = float(text)
    else:
        moment = _parse_http_date(text)
        if moment is None:
            return None
        seconds = (moment - now).total_seconds()
    return min(max(seconds, shortest), longest)


def _parse_http_date(text: str) -> dt.datetime | None:
    # werkzeug reads any date of a mail, in zones that HTTP does not know
    if not _HTTP_DATE.match(text):
        return None
    # A leap second is legal in an HTTP-date and unknown to datetime.
    return parse_date(_LEAP_SECOND.sub(r"\1:59", text))
