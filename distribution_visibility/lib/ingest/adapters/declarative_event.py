"""Builds one canonical event from one item of a body, as a declarative mapping says."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ...base.errors import ConfigurationError, UnknownShape
from ..canonical import EVENT_TYPES, CanonicalEvent
from ..moments import Moment
from ..supplier_codes import known_codes, line_status
from .bounded_jmespath import Evaluator
from .declarative_fields import CODE, FIELDS, LINE_FIELDS, REQUIRED, STATUS, MappingSettings
from .reading import flag, text

_EVENT = TypeAdapter(CanonicalEvent)
MAX_LINES = 2000


@dataclass(frozen=True)
class PreviewRow:
    """One line of the administrator's preview: what an expression gave for the first event.

    ``value`` is shortened to 200 characters; ``problem`` is empty when all is well.
    """

    field: str
    expression: str
    value: str = ""
    problem: str = ""


class EventBuilder:
    """Applies a mapping to one item of a body."""

    def __init__(self, mapping: MappingSettings, evaluator: Evaluator):
        self._mapping, self._evaluator = mapping, evaluator
        self._converter = mapping.converter()

    def event(self, item: Any) -> CanonicalEvent:
        """:raises UnknownShape: when the item gives no event, in words."""
        kind = self._kind(item)
        doubts: list[str] = []
        data = self._data(FIELDS[kind], self._mapping.fields, item, doubts)
        if not data.get(REQUIRED[kind]):
            raise UnknownShape(f"{REQUIRED[kind]} is empty.")
        if kind in LINE_FIELDS and self._mapping.lines:
            data["lines"] = self._lines(kind, item, doubts)
        body = {
            "type": kind,
            "data": data,
            "id": self._id(item),
            "is_test": self._is_test(item),
            "timestamp": data.get("occurred_at"),
            "doubts": tuple(dict.fromkeys(doubts))[:20],
        }
        return self._validated(body)

    def preview(self, item: Any) -> list[PreviewRow]:
        """Rows for the type, the id, the test mark and each field, and those of the first line."""
        rows = [
            self._row(name, given, item)
            for name, given in self._mapping.expressions()
            if name not in ("events", "lines", *self._mapping.fields) and not name.startswith("lines.")
        ]
        kinds = {name: kind for one in self._mapping.types() for name, kind in FIELDS[one].items()}
        given = self._mapping.fields.items()
        rows += [self._row(name, one, item, kinds.get(name, "")) for name, one in given if one]
        return rows + self._line_rows(item)

    def _kind(self, item: Any) -> str:
        given = self._mapping.type
        kind = given if given in EVENT_TYPES else self._evaluator.value(given, item)
        if not isinstance(kind, str) or kind not in EVENT_TYPES:
            raise UnknownShape("The expression for the type gives no event type.")
        return kind

    def _id(self, item: Any) -> str:
        name = text(self._evaluator.value(self._mapping.id, item), 2000) if self._mapping.id else ""
        return name if len(name) <= 128 else "sha256:" + hashlib.sha256(name.encode()).hexdigest()

    def _is_test(self, item: Any) -> bool:
        return bool(self._mapping.is_test) and flag(self._evaluator.value(self._mapping.is_test, item))

    def _data(self, kinds: dict[str, str], given: dict[str, str], item: Any, doubts: list[str]) -> dict:
        data: dict[str, Any] = {}
        for name, expression in given.items():
            if name in kinds and expression:
                found = self._field(kinds[name], expression, item, doubts)
                if found is not None:
                    _put(data, name, found)
        self._apply_code(kinds, data)
        return data

    def _field(self, kind: str, expression: str, item: Any, doubts: list[str]) -> Any:
        try:
            found = self._convert(kind, self._evaluator.value(expression, item))
        except ValueError:
            doubts.append("field_unreadable")
            return None
        if isinstance(found, Moment) and not found.offset_known:
            doubts.append("offset_unknown")
        return found

    def _convert(self, kind: str, found: Any) -> Any:
        if kind == STATUS and isinstance(found, str) and found in known_codes(self._mapping.vocabulary):
            return line_status(self._mapping.vocabulary, found)
        return self._converter.value(kind, found)

    def _apply_code(self, kinds: dict[str, str], data: dict) -> None:
        """A code belongs to its list; on an order line it also says the status, unless that was given."""
        code = data.pop("code", None)
        if code is None or kinds.get("code") != CODE:
            return
        entry = {"vocabulary": self._mapping.vocabulary, "value": code}
        if "quantity" in kinds:
            data["code"] = entry
            data.setdefault("status", line_status(self._mapping.vocabulary, code))
        else:
            data["codes"] = (entry,)

    def _lines(self, kind: str, item: Any, doubts: list[str]) -> tuple[dict, ...]:
        found = self._evaluator.value(self._mapping.lines, item)
        items = found if isinstance(found, list) else [] if found is None else [found]
        if len(items) > MAX_LINES:
            raise UnknownShape(f"The event has more than {MAX_LINES} lines.")
        fields = LINE_FIELDS[kind]
        return tuple(self._data(fields, self._mapping.line_fields, line, doubts) for line in items)

    def _validated(self, body: dict) -> CanonicalEvent:
        try:
            return _EVENT.validate_python(body, by_alias=True, by_name=False)
        except ValidationError as problem:
            error = problem.errors(include_url=False, include_input=False, include_context=False)[0]
            place = ".".join(map(str, error["loc"][1:]))
            raise UnknownShape(f"{place}: {error['msg']}") from None

    def _row(self, name: str, expression: str, item: Any, kind: str = "") -> PreviewRow:
        try:
            found = self._evaluator.value(expression, item)
        except (UnknownShape, ConfigurationError) as problem:
            return PreviewRow(name, expression, problem=str(problem))
        try:
            value = self._convert(kind, found) if kind else found
        except ValueError as problem:
            return PreviewRow(name, expression, _shown(found), f"Not usable: {problem}.")
        missing = "Required, and nothing was found." if name in self._required() and not value else ""
        return PreviewRow(name, expression, _shown(value), missing)

    def _required(self) -> set[str]:
        types = self._mapping.types()
        return {REQUIRED[types[0]]} if len(types) == 1 else set()

    def _line_rows(self, item: Any) -> list[PreviewRow]:
        if not self._mapping.lines:
            return []
        row = self._row("lines", self._mapping.lines, item)
        types = self._mapping.types()
        kinds = {name: kind for one in types for name, kind in LINE_FIELDS.get(one, {}).items()}
        if row.problem:
            return [row]
        found = self._evaluator.value(self._mapping.lines, item)
        first = found[0] if isinstance(found, list) and found else found
        given = self._mapping.line_fields.items()
        return [row, *(self._row(f"lines.{name}", one, first, kinds.get(name, "")) for name, one in given)]


def _put(data: dict, name: str, value: Any) -> None:
    outer, _, inner = name.rpartition(".")
    (data.setdefault(outer, {}) if outer else data)[inner] = value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Moment):
        return value.at.isoformat() + ("" if value.offset_known else " (offset unknown)")
    if isinstance(value, str):
        return value[:200]
    return json.dumps(value, ensure_ascii=False, default=str)[:200]
