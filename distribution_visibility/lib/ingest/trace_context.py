"""W3C Trace Context: which request caused what, across systems."""

import re
import secrets
from dataclasses import dataclass, replace

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?\Z")
_TRACESTATE = re.compile(r"[\x20-\x7e\t]{1,512}\Z")


@dataclass(frozen=True)
class TraceContext:
    """One span: ``trace_id`` of 32 and ``span_id`` of 16 hexadecimal digits. ``state`` is opaque."""

    trace_id: str
    span_id: str
    sampled: bool = True
    state: str = ""

    @classmethod
    def new(cls) -> "TraceContext":
        """The root of a new trace."""
        return cls(_random_id(16), _random_id(8))

    @classmethod
    def receive(cls, traceparent: str | None, tracestate: str | None = None) -> "TraceContext":
        """Our span under the sender's; under a new trace when the header is missing or malformed.

        A bad header is never a reason to refuse a request (the standard's section 2.3).
        """
        parent = parse_traceparent(traceparent)
        if parent is None:
            return cls.new()
        state = tracestate if tracestate and _TRACESTATE.match(tracestate) else ""
        return replace(parent, state=state).child()

    def child(self) -> "TraceContext":
        """A new span of the same trace."""
        return replace(self, span_id=_random_id(8))

    def format(self) -> str:
        """The traceparent header, version 00."""
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"


def parse_traceparent(value: str | None) -> TraceContext | None:
    """The sender's span, or None when the header is not a valid traceparent.

    Later versions may append fields to the four of version 00; version ff, zero ids and capital
    letters are invalid.
    """
    parts = _TRACEPARENT.match(value or "")
    if not parts or parts[1] == "ff" or (parts[1] == "00" and parts[5] is not None):
        return None
    if not parts[2].strip("0") or not parts[3].strip("0"):
        return None
    return TraceContext(parts[2], parts[3], bool(int(parts[4], 16) & 1))


def _random_id(size: int) -> str:
    while True:
        value = secrets.token_hex(size)
        if value.strip("0"):
            return value
