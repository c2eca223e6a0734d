"""Token buckets: the arithmetic as a pure function, and a bounded set of buckets per process."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """At most ``capacity`` at once, and ``per_second`` in the long run."""

    capacity: float
    per_second: float

    def __post_init__(self):
        if not (self.capacity >= 1 and self.per_second > 0):
            raise ValueError("a limit needs room for one request and a rate above zero")

    @classmethod
    def per_minute(cls, requests: int, workers: int = 1, burst_seconds: float = 10) -> "Limit":
        """One worker's share of so many requests a minute, all of ``burst_seconds``' at once allowed."""
        per_second = requests / 60 / max(workers, 1)
        return cls(max(1.0, per_second * burst_seconds), per_second)


@dataclass(frozen=True)
class Bucket:
    """``tokens`` that were left at ``last`` (seconds of the caller's clock)."""

    tokens: float
    last: float


def take(limit: Limit, bucket: Bucket | None, now: float, cost: float = 1) -> tuple[Bucket, float]:
    """Try to take ``cost`` tokens: the bucket after it, and the seconds to wait (0: taken).

    A refused request takes nothing, so a patient sender is served when it was told. A new bucket
    (None) is full. A clock that goes back refills nothing twice. What costs more than the capacity
    is taken when the bucket is full.
    """
    cost = min(cost, limit.capacity)
    if bucket is None:
        bucket = Bucket(limit.capacity, now)
    last = max(bucket.last, now)
    tokens = min(limit.capacity, bucket.tokens + (last - bucket.last) * limit.per_second)
    if tokens >= cost:
        return Bucket(tokens - cost, last), 0.0
    return Bucket(tokens, last), (cost - tokens) / limit.per_second


class Limiter:
    """Buckets of one process by key, such as (source, address). Thread-safe, of bounded memory.

    Each Odoo worker has its own, so a limit is divided by the number of workers. When there are
    more keys than fit, the one unused for longest is forgotten and starts full again: give the
    source itself a key too, so that many addresses together do not pass.
    """

    def __init__(self, max_keys: int = 10_000, clock: Callable[[], float] = time.monotonic):
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()
        self._max_keys = max_keys
        self._clock = clock
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: Hashable, limit: Limit, cost: float = 1) -> float:
        """Seconds to wait before trying again; 0 when the request may pass."""
        with self._lock:
            bucket, wait = take(limit, self._buckets.get(key), self._clock(), cost)
            self._buckets[key] = bucket
            self._buckets.move_to_end(key)
            while len(self._buckets) > self._max_keys:
                self._buckets.popitem(last=False)
        return wait


def retry_after(wait: float) -> int:
    """Whole seconds for a Retry-After header: rounded up, so that whoever obeys it is served."""
    return max(1, math.ceil(wait))
