"""The OpenAPI 3.1 document of everything under ``/visibility/v1``, generated from the models.

The bodies' schemas are those of the models that the receiver validates with, so that document
and receiver cannot disagree.
"""

from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import models_json_schema

from .canonical import (
    EVENT_TYPES,
    MAX_EVENTS,
    DespatchEvent,
    OrderResponseEvent,
    RetractionEvent,
    ShipmentEvent,
)
from .problem import MEDIA_TYPE
from .wire_types import NOT_BLANK, RFC3339

EVENT_MODELS = (ShipmentEvent, RetractionEvent, OrderResponseEvent, DespatchEvent)
REF = "#/components/schemas/{model}"
#: Our type, alone or after a reverse-DNS prefix.
PREFIX = r"^(?:[A-Za-z0-9-]+\.)*"


def document(
    base_url: str, version: str, webhooks: dict[str, Any] | None = None, schemas: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The document for one installation.

    :param base_url: the address of the installation, without a slash at its end.
    :param version: of this suite; the interface's own major version is in its paths.
    :param webhooks: what is sent out (a later room knows), and the schemas that it refers to
    """
    outgoing_schemas = schemas or {}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Distribution Visibility",
            "version": version,
            "summary": "Signed events of shipments and suppliers, received once each.",
            "description": _DESCRIPTION,
            "license": {"name": "LGPL-3.0-or-later", "identifier": "LGPL-3.0-or-later"},
        },
        "servers": [{"url": base_url.rstrip("/") or "/"}],
        "tags": [{"name": "ingest"}, {"name": "health"}, {"name": "events out"}],
        "paths": _paths(),
        "webhooks": webhooks or {},
        "components": {
            "schemas": {**_schemas(), **outgoing_schemas},
            "headers": _headers(),
            "securitySchemes": _SECURITY,
        },
    }


_DESCRIPTION = """\
Events are stored before they are answered, and each has one effect however often it is sent.
Requests are signed as Standard Webhooks 1.0.0 describes it, unless the source is set up otherwise.
Repeat a request with the same `webhook-id` after 429, 503 or no answer; `Retry-After` says when.
A request that is refused with 4xx will be refused again, except 429."""

_SECURITY = {
    "standardWebhooks": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "v1,<base64 of HMAC-SHA256 over webhook-id.webhook-timestamp.body>, several by blanks",
    },
    "metricsToken": {"type": "http", "scheme": "bearer"},
}


def _paths() -> dict[str, Any]:
    return {
        "/visibility/v1/sources/{code}/events": {"post": _receive()},
        "/visibility/v1/openapi.json": {
            "get": _get(
                "openapi",
                "This document",
                "ingest",
                _answer(
                    "This document",
                    "application/json",
                    {"type": "object"},
                ),
            )
        },
        "/visibility/health/live": {"get": _health("live", "Whether the process answers")},
        "/visibility/health/ready": {"get": _health("ready", "Whether events can be received and worked")},
        "/visibility/metrics": {
            "get": {
                **_get(
                    "metrics",
                    "Measures for Prometheus",
                    "health",
                    _answer(
                        "OpenMetrics 1.0 or Prometheus text",
                        "application/openmetrics-text",
                        {"type": "string"},
                        "text/plain",
                    ),
                ),
                "security": [{"metricsToken": []}],
            }
        },
    }


def _receive() -> dict[str, Any]:
    return {
        "operationId": "receiveEvents",
        "tags": ["ingest"],
        "summary": "Send one event, or up to 500",
        "description": "The bodies are those of sources with the adapters canonical and cloudevents. Other "
        "adapters take the provider's own body.",
        "security": [{"standardWebhooks": []}],
        "parameters": [_code_parameter(), *_webhook_headers()],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"oneOf": [_ref("Event"), _ref("Batch")]}, "examples": _EXAMPLES},
                "application/cloudevents+json": {"schema": _ref("CloudEvent")},
                "application/cloudevents-batch+json": {
                    "schema": {
                        "type": "array",
                        "maxItems": MAX_EVENTS,
                        "items": _ref("CloudEvent"),
                    }
                },
            },
        },
        "responses": _receive_answers(),
    }


def _receive_answers() -> dict[str, Any]:
    accepted = {"application/json": {"schema": _ref("Receipt")}}
    return {
        "202": {"description": "Stored; it will be worked", "content": accepted},
        "200": {"description": "Known already, or stored and the sender wants 200", "content": accepted},
        "204": {"description": "Stored, for a source whose sender wants no body"},
        **_problems(
            {
                "400": "Malformed request, or no valid JSON",
                "401": "Not proven to come from the source",
                "404": "There is nothing at this address",
                "405": "Only POST is allowed",
                "411": "Content-Length is missing",
                "413": "The body is too large",
                "415": "No JSON media type, or compressed",
                "422": "JSON, but not a valid event; errors tell where",
                "431": "Too many or too large headers",
                "500": "The receiver failed",
            }
        ),
        **_problems(
            {
                "429": "Too many requests",
                "503": "Overloaded: refused rather than lost",
            },
            {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
        ),
    }


def _code_parameter() -> dict[str, Any]:
    return {
        "name": "code",
        "in": "path",
        "required": True,
        "description": "The source's code",
        "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$", "maxLength": 64},
        "example": "warehouse",
    }


def _webhook_headers() -> list[dict[str, Any]]:
    """Not required here: a source may be set up with another scheme than Standard Webhooks."""
    return [
        _header("webhook-id", "Stable over retries: the same id has one effect", {"maxLength": 256}),
        _header("webhook-timestamp", "Unix seconds of this attempt", {"pattern": "^[0-9]{1,12}$"}),
        _header("webhook-signature", "See the security scheme", {"maxLength": 2048}),
    ]


def _header(name: str, description: str, schema: dict) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string", **schema},
    }


def _get(name: str, summary: str, tag: str, answer: dict) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "security": [],
        "responses": {
            "200": answer,
            **_problems(
                {
                    "401": "A token is needed",
                    "404": "There is nothing at this address",
                    "405": "Only GET and HEAD are allowed",
                }
            ),
        },
    }


def _health(name: str, summary: str) -> dict[str, Any]:
    answer = _answer("It is", "application/health+json", _ref("Health"), "application/json")
    operation = _get(name, summary, "health", answer)
    operation["responses"]["503"] = {**answer, "description": "It is not"}
    return operation


def _answer(description: str, media_type: str, schema: dict, *more: str) -> dict[str, Any]:
    return {"description": description, "content": {name: {"schema": schema} for name in (media_type, *more)}}


def _problems(statuses: dict[str, str], headers: dict | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = {"content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}
    if headers:
        answer["headers"] = headers
    return {status: {"description": description, **answer} for status, description in statuses.items()}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": REF.format(model=name)}


def _headers() -> dict[str, Any]:
    return {
        "RetryAfter": {
            "description": "Whole seconds to wait",
            "required": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": 86400},
        }
    }


def _schemas() -> dict[str, Any]:
    _, generated = models_json_schema([(model, "validation") for model in EVENT_MODELS], ref_template=REF)
    schemas: dict[str, Any] = dict(generated["$defs"])
    schemas["Event"] = {
        # A body with these properties is read as a batch or as a CloudEvent.
        "not": {"anyOf": [{"required": ["events"]}, {"required": ["specversion"]}]},
        **_one_of(model.__name__ for model in EVENT_MODELS),
    }
    schemas["Batch"] = {
        "type": "object",
        "required": ["events"],
        "not": {"required": ["specversion"]},
        "properties": {
            "events": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_EVENTS,
                "items": _one_of(model.__name__ for model in EVENT_MODELS),
            }
        },
    }
    schemas["CloudEvent"] = _cloud_event(schemas)
    return {**schemas, "Receipt": _RECEIPT, "Problem": _PROBLEM, "Health": _HEALTH}


def _one_of(names: Iterable[str]) -> dict[str, Any]:
    names = list(names)
    mapping = {kind: REF.format(model=model.__name__) for model in EVENT_MODELS for kind in _types(model)}
    return {
        "oneOf": [_ref(name) for name in names],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }


def _types(model: type) -> tuple[str, ...]:
    return model.model_fields["type"].annotation.__args__


def _cloud_event(schemas: dict[str, Any]) -> dict[str, Any]:
    attribute = {"type": "string", "minLength": 1, "maxLength": 1000, "pattern": NOT_BLANK}
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "description": "CloudEvents 1.0. source and id together are the identity.",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": attribute,
            "source": attribute,
            "type": {"type": "string"},
            "time": {"type": ["string", "null"], "format": "date-time", "pattern": RFC3339},
            "data_base64": {"type": "null"},
            "istest": {"description": "true: recorded, and nothing live is touched"},
        },
        "oneOf": [_cloud_event_of(model, schemas) for model in EVENT_MODELS],
    }


def _cloud_event_of(model: type, schemas: dict[str, Any]) -> dict[str, Any]:
    kinds = "|".join(kind.replace(".", r"\.") for kind in _types(model))
    return {
        "properties": {
            "type": {"type": "string", "maxLength": 1000, "pattern": f"{PREFIX}(?:{kinds})$"},
            "data": schemas[model.__name__]["properties"]["data"],
        }
    }


_RECEIPT = {
    "type": "object",
    "properties": {"status": {"type": "string", "description": "accepted or duplicate"}},
}
_PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457)",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer as URI fragment"},
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                },
            },
        },
    },
}
_HEALTH = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"type": "string", "enum": ["pass", "warn", "fail"]},
        "checks": {"type": "object"},
    },
}
_EXAMPLES = {
    "milestone": {
        "summary": "A parcel was delivered",
        "value": {
            "type": EVENT_TYPES[0],
            "timestamp": "2026-03-01T09:00:05Z",
            "data": {
                "tracking_number": "CX-100200",
                "milestone": "delivered",
                "occurred_at": "2026-03-01T09:00:00Z",
                "signed_by": "Reception",
            },
        },
    },
    "batch": {
        "summary": "A delay and a new estimate",
        "value": {
            "events": [
                {
                    "type": "shipment.exception",
                    "data": {
                        "tracking_number": "CX-100201",
                        "category": "delayed_in_transit",
                        "reason_code": "WX",
                        "occurred_at": "2026-03-01T07:00:00Z",
                    },
                },
                {
                    "type": "shipment.eta",
                    "data": {
                        "tracking_number": "CX-100201",
                        "eta": "2026-03-03T16:00:00+01:00",
                        "occurred_at": "2026-03-01T07:00:00Z",
                    },
                },
            ]
        },
    },
}
