"""Checks bodies against the canonical models and says what is wrong in a form machines read."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from ..base.errors import InvalidEvents
from .canonical import MAX_EVENTS, CanonicalEvent

MAX_ERRORS = 50
_EVENT = TypeAdapter(CanonicalEvent)
_TYPE_CODES = {"union_tag_not_found", "union_tag_invalid"}


def validated_events(payload: Any) -> list[CanonicalEvent]:
    """The events of one canonical body: one event, or ``{"events": [...]}`` with 1 to 500.

    A list is taken as well: CloudEvents' batches are such.

    :raises InvalidEvents: when any of them breaks the schema: a batch is taken whole or not at all.
    """
    if isinstance(payload, dict) and "events" in payload:
        return _validated_batch(payload["events"], "#/events")
    if isinstance(payload, list):
        return _validated_batch(payload, "#")
    return _validated([(payload, "#")])


def _validated_batch(items: Any, pointer: str) -> list[CanonicalEvent]:
    if not isinstance(items, list):
        raise _invalid([_error(pointer, "Input should be a list of events", "list_type")])
    if not 1 <= len(items) <= MAX_EVENTS:
        raise _invalid([_error(pointer, f"A batch holds 1 to {MAX_EVENTS} events", "batch_size")])
    return _validated([(item, f"{pointer}/{number}") for number, item in enumerate(items)])


def _validated(items: list[tuple[Any, str]]) -> list[CanonicalEvent]:
    events, errors = [], []
    for item, pointer in items:
        try:
            events.append(_EVENT.validate_python(_from_wire(item), by_alias=True, by_name=False))
        except ValidationError as problem:
            errors.extend(_errors(problem, pointer))
    if errors:
        raise _invalid(errors)
    return events


def _from_wire(item: Any) -> Any:
    """Without what only an adapter may say."""
    if isinstance(item, dict):
        return {name: value for name, value in item.items() if name != "doubts"}
    return item


def _errors(problem: ValidationError, pointer: str) -> list[dict[str, str]]:
    found = problem.errors(include_url=False, include_context=False, include_input=False)
    return [_one_error(error, pointer) for error in found]


def _one_error(error: dict, pointer: str) -> dict[str, str]:
    if error["type"] in _TYPE_CODES:
        return _error(f"{pointer}/type", "Unknown or missing event type", error["type"])
    # The first element is the type that selected the model, which is not in the body's path.
    path = "".join(f"/{_escape(part)}" for part in error["loc"][1:])
    return _error(pointer + path, error["msg"].removeprefix("Value error, "), error["type"])


def _escape(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _error(pointer: str, detail: str, code: str) -> dict[str, str]:
    return {"pointer": pointer, "detail": detail[:300], "code": code}


def _invalid(errors: list[dict[str, str]]) -> InvalidEvents:
    first = errors[0]
    text = f"{len(errors)} error(s) in the body; the first at {first['pointer']}: {first['detail']}."
    return InvalidEvents(text, errors[:MAX_ERRORS], len(errors))
