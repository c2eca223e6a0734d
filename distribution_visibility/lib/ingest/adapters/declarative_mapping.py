"""A mapping that an administrator writes: how a sender's own JSON becomes canonical events."""

from typing import Any

from ...base.errors import ConfigurationError, UnknownShape
from ..canonical import MAX_EVENTS, CanonicalEvent
from .base import Delivery
from .bounded_jmespath import Evaluator, compiled
from .declarative_event import EventBuilder, PreviewRow
from .declarative_fields import FIELDS, LINE_FIELDS, REQUIRED, MappingSettings, zone_of


class DeclarativeMapping(MappingSettings):
    """The mapping that works: checked, and applied to bodies."""

    def validate(self) -> list[str]:
        """What an administrator has to mend, one sentence for each; empty when it can work."""
        checked = map(self._problem, self.expressions())
        problems = [f"{name}: {problem}" for name, problem in checked if problem]
        return [*problems, *self._unknown_fields(), *self._incomplete(), *self._wrong_time()]

    def apply(self, delivery: Delivery) -> list[CanonicalEvent]:
        """The events of one body, in the body's order.

        An event that cannot be read is left out and the last one says so (``scan_skipped``).

        :raises UnknownShape: when the body gives no event at all, with the first reason.
        :raises ConfigurationError: when the mapping itself is wrong.
        """
        self.check()
        evaluator, events, problems = Evaluator(), [], []
        items = self._items(evaluator, delivery.payload)
        for number, item in enumerate(items, 1):
            try:
                events.append(EventBuilder(self, evaluator).event(item))
            except UnknownShape as problem:
                problems.append(f"Event {number}: {problem}")
        if problems and not events:
            raise UnknownShape(problems[0])
        if problems:
            events[-1] = events[-1].model_copy(update={"doubts": (*events[-1].doubts, "scan_skipped")[-20:]})
        return events

    def preview(self, payload: Any) -> list[PreviewRow]:
        """What each expression gives for the body's first event; raises nothing."""
        evaluator = Evaluator()
        try:
            items = self._items(evaluator, payload)
        except (UnknownShape, ConfigurationError) as problem:
            return [PreviewRow("events", self.events, problem=str(problem))]
        rows = [PreviewRow("events", self.events, f"{len(items)} event(s)")]
        return rows + EventBuilder(self, evaluator).preview(items[0]) if items else rows

    def check(self) -> None:
        """:raises ConfigurationError: with the first of what ``validate`` finds."""
        problems = self.validate()
        if problems:
            raise ConfigurationError(problems[0])

    def _problem(self, named: tuple[str, str]) -> tuple[str, str]:
        try:
            compiled(named[1])
        except ConfigurationError as problem:
            return named[0], str(problem)
        return named[0], ""

    def _unknown_fields(self) -> list[str]:
        known = {name for kind in self.types() for name in FIELDS[kind]}
        in_lines = {name for kind in self.types() for name in LINE_FIELDS.get(kind, {})}
        wrong = [name for name in self.fields if name not in known]
        wrong += [f"lines.{name}" for name in self.line_fields if name not in in_lines]
        return [f"{name}: There is no such field for this event type." for name in wrong]

    def _incomplete(self) -> list[str]:
        needed = {REQUIRED[kind] for kind in self.types()}
        problems = []
        if not any(self.fields.get(name) for name in needed):
            names = " or ".join(sorted(needed))
            problems.append(f"{names}: An expression is needed, it names the event's subject.")
        if (self.fields.get("code") or self.line_fields.get("code")) and not self.vocabulary:
            problems.append("vocabulary: A name is needed, because codes are mapped by their list.")
        if bool(self.lines) != bool(self.line_fields):
            problems.append("lines: The expression and the fields of the lines belong together.")
        return problems

    def _wrong_time(self) -> list[str]:
        problems = []
        try:
            zone_of(self.time_zone)
        except ValueError:
            problems.append(f"time_zone: There is no time zone {self.time_zone}; write it as Europe/Berlin.")
        if self.time_format not in ("", "epoch") and "%" not in self.time_format:
            problems.append("time_format: Leave it empty, or write epoch or a format such as %d.%m.%Y %H:%M.")
        return problems

    def _items(self, evaluator: Evaluator, payload: Any) -> list:
        found = evaluator.value(self.events, payload) if self.events else payload
        if found is None:
            raise UnknownShape("The expression for the events finds nothing in this body.")
        items = found if isinstance(found, list) else [found]
        if len(items) > MAX_EVENTS:
            raise UnknownShape(f"The body holds more than {MAX_EVENTS} events.")
        return items
