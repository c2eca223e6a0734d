"""What subscriptions receive, as the ``webhooks`` of the OpenAPI document."""

from typing import Any

from pydantic.json_schema import models_json_schema

from .catalogue import EVENT_TYPES, VERSION

_REF = "#/components/schemas/Outgoing{model}"
_HEADERS = {
    "webhook-id": "The same in every attempt: process each id once",
    "webhook-timestamp": "Unix seconds of this attempt",
    "webhook-signature": "v1,<base64 of HMAC-SHA256>; several by blanks while keys change",
    "traceparent": "W3C trace context, where the event has one",
}


def webhooks() -> dict[str, Any]:
    """One operation for each type of event."""
    return {name: {"post": _operation(name, event_type)} for name, event_type in EVENT_TYPES.items()}


def schemas() -> dict[str, Any]:
    """The bodies' data, by name."""
    models = dict.fromkeys(event_type.data for event_type in EVENT_TYPES.values())
    _, generated = models_json_schema([(model, "serialization") for model in models], ref_template=_REF)
    return {f"Outgoing{name}": schema for name, schema in generated["$defs"].items()}


def _operation(name: str, event_type) -> dict[str, Any]:
    return {
        "operationId": f"on_{name.replace('.', '_')}",
        "summary": event_type.meaning,
        "tags": ["events out"],
        "parameters": [
            {"name": header, "in": "header", "description": text, "schema": {"type": "string"}}
            for header, text in _HEADERS.items()
        ],
        "requestBody": {"content": {"application/json": {"schema": _body(name, event_type.data.__name__)}}},
        "responses": {
            "2XX": {"description": "Taken"},
            "410": {"description": "Never send here again: the subscription is switched off"},
            "429": {"description": "Later: Retry-After is obeyed"},
            "default": {"description": "Not taken: it is sent again"},
        },
    }


def _body(name: str, model: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "timestamp", "id", "version", "data"],
        "properties": {
            "type": {"const": name},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened"},
            "id": {"type": "string", "description": "That of the header webhook-id"},
            "version": {"const": VERSION},
            "data": {"$ref": _REF.format(model=model)},
        },
    }
