"""What one worker process counts at the door between two looks at the database."""

import threading
from collections import Counter

from .histogram import SHORT_SECONDS, bucket

#: HTTP status of a refusal to the reason that is counted; what is not here is an invalid request.
REFUSALS = {401: "rejected_signature", 413: "rejected_size", 429: "rate_limited", 503: "overloaded"}
ACCEPT_SECONDS = "accept_seconds"
ACCEPT_SECONDS_SUM = "accept_seconds_sum"
RECEIVED = "received"
#: Refusals by day and status, for people who set a sender up; nothing of the request is kept.
REFUSED = "refused"


def get_refusal(status: int) -> str:
    """Why a request was refused, as a metric's label; empty for a request that was taken."""
    return "" if status < 400 else REFUSALS.get(status, "invalid")


class DoorTally:
    """Counts by (database) and (counter's name, source id or None, label).

    The accepting transaction is one INSERT and must touch no shared row, and a flood of refused
    requests must not become a flood of writes: so the door counts in memory, and somebody else
    takes the sums every few seconds. A process that is killed takes its last seconds with it;
    what was *accepted* is not counted here but in the database, exactly.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._counts: dict[str, Counter] = {}

    def note(
        self, database: str, source_id: int | None, result: str, seconds: float, status: int = 0, day: str = ""
    ) -> bool:
        """Count one request; ``result`` is empty for one that the database counts.

        ``status`` is that of a refusal, and ``day`` the day of it (UTC): so there are only a few rows a source and
        day, however much is refused.

        :return: True when this is the first since :meth:`take`, so that somebody must come and take.
        """
        with self._lock:
            is_first = database not in self._counts
            counts = self._counts.setdefault(database, Counter())
            counts[ACCEPT_SECONDS, None, bucket(seconds, SHORT_SECONDS)] += 1
            counts[ACCEPT_SECONDS_SUM, None, ""] += seconds
            if result:
                counts[RECEIVED, source_id, result] += 1
            if status >= 400:
                counts[REFUSED, source_id, f"{day} {status}"] += 1
        return is_first

    def take(self, database: str) -> Counter:
        """The counts since the last time, which are then forgotten here."""
        with self._lock:
            return self._counts.pop(database, Counter())
