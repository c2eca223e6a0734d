"""What a detector found: the common language of events, promises, expectations and conditions."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One report of trouble. ``at`` is when it happened, in naive UTC.

    ``is_trusted`` is false for what an unproven source said: a person must confirm it first.
    ``rule_id`` is that of the rule that found it or that says what the fact is worth.
    ``event_id`` is the database id of the fact behind it, when there is one. ``severity`` goes before the
    category's, when the detector has one of its own.
    """

    at: dt.datetime
    reason: str = ""
    reason_code: str = ""
    responsible_party: str = ""
    is_trusted: bool = True
    event_id: int | None = None
    rule_id: int | None = None
    severity: str = ""
