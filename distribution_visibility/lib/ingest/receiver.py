"""What the door needs to know of a source, read once and kept by every worker process."""

import datetime as dt
from dataclasses import dataclass

from .adapters import Adapter
from .verification import Scheme


@dataclass(frozen=True)
class SealedKey:
    """An encrypted secret with the time, in naive UTC, that it is valid from and until."""

    id: int
    token: str
    valid_from: dt.datetime
    valid_until: dt.datetime | None

    def is_valid(self, now: dt.datetime) -> bool:
        """Whether it may verify a request that comes ``now`` (naive UTC)."""
        return self.valid_from <= now and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True)
class Receiver:
    """One source as the webhook route sees it. Holds no plain secret."""

    source_id: int
    company_id: int
    user_id: int
    code: str
    adapter: Adapter
    scheme: Scheme
    sealed_keys: tuple[SealedKey, ...]
    content_types: tuple[str, ...]
    max_body_bytes: int
    accepted_status: int
    lane: str
    requests_per_minute: int
    networks: tuple[str, ...]

    def get_expired_keys(self, now: dt.datetime) -> list[SealedKey]:
        """Keys that were valid once and are no longer ``now`` (naive UTC)."""
        return [key for key in self.sealed_keys if key.valid_until and key.valid_until <= now]
