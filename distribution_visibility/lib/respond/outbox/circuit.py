"""When to leave a failing receiver alone, when to look again, and when to tell its owner."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...base.backoff import OUTBOX
from .answers import DELIVERED, GONE, THROTTLED, Answer

#: So many failures in a row open the circuit: nothing is sent until the next look.
OPENS_AFTER = 5
#: Seconds from each look to the next, while it fails.
LOOK_AGAIN = (30, 60, 120, 300, 600)
#: A receiver that failed for the whole schedule is switched off.
PATIENCE_SECONDS = sum(OUTBOX.delays)
#: At which share of that time, in percent, the owner is told.
STAGES = (50, 70, 90, 100)


@dataclass(frozen=True)
class Circuit:
    """How a receiver has been doing. Times are naive UTC, as Odoo stores them.

    :param failures: in a row
    :param failing_since: the first of them
    :param looks: how often it was looked at while open
    :param rests_until: nothing is sent before
    :param is_gone: it said so itself (410)
    """

    failures: int = 0
    failing_since: dt.datetime | None = None
    looks: int = 0
    rests_until: dt.datetime | None = None
    is_gone: bool = False

    @property
    def is_open(self) -> bool:
        """Open as of an electrical circuit: nothing flows."""
        return self.failures >= OPENS_AFTER

    def after(self, answers: Iterable[Answer], now: dt.datetime) -> "Circuit":
        """How it stands after one round of attempts that were made side by side.

        One delivery in a round closes it: what failed beside it failed for a reason of its own.
        """
        answers = list(answers)
        rests = [answer.retry_after for answer in answers if answer.outcome == THROTTLED]
        circuit = self._after_failures(answers, now)
        if any(answer.outcome == DELIVERED for answer in answers):
            circuit = Circuit()
        if any(answer.outcome == GONE for answer in answers):
            circuit = replace(circuit, is_gone=True)
        if rests:
            until = now + dt.timedelta(seconds=max(wait or LOOK_AGAIN[0] for wait in rests))
            circuit = replace(circuit, rests_until=max(until, circuit.rests_until or until))
        return circuit

    def _after_failures(self, answers: list[Answer], now: dt.datetime) -> "Circuit":
        # Who asks for patience works; how long it may ask for it is limited by each message's schedule.
        failed = sum(answer.outcome not in (DELIVERED, THROTTLED) for answer in answers)
        if not failed:
            return self
        circuit = replace(self, failures=self.failures + failed, failing_since=self.failing_since or now)
        if not circuit.is_open:
            return circuit
        wait = LOOK_AGAIN[min(self.looks, len(LOOK_AGAIN) - 1)]
        return replace(circuit, looks=self.looks + 1, rests_until=now + dt.timedelta(seconds=wait))

    def stage(self, now: dt.datetime) -> int:
        """How far the patience with it is used up: 0, 50, 70, 90 or 100 percent."""
        if not self.failing_since:
            return 0
        share = 100 * (now - self.failing_since).total_seconds() / PATIENCE_SECONDS
        return max((stage for stage in STAGES if share >= stage), default=0)
