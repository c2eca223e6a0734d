"""The events that this suite sends out: their types, what they mean, and what their bodies hold.

The envelope is Standard Webhooks' ``{"type", "timestamp", "data"}`` as at the inbox, with our ``id``
(that of the header ``webhook-id``) and the ``version`` of this catalogue beside them. Within a version
properties are only ever added. No body holds a person's name, address, mail or telephone number;
what senders and people wrote in their own words (``reason``) is sent only to subscriptions that ask.
"""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1

Kind = Literal["sale_order", "purchase_order", "transfer", "invoice", "shipment", "exception", "other"]
Severity = Literal["information", "warning", "blocking"]


class Model(BaseModel):
    """Shared settings: what is not described here cannot be sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(Model):
    """A record of ours: its kind, the number that people know it by, and where it is in Odoo."""

    kind: Kind
    name: str
    model: str = Field(description="Odoo's name of the kind, such as sale.order")
    id: int
    url: str = ""


class Money(Model):
    """An amount, untaxed."""

    amount: float
    currency: str


class ExceptionData(Model):
    """How an exception stands after what happened."""

    number: str
    category: str = Field(description="Code of the category, such as late_risk")
    process_area: str
    severity: Severity
    state: str
    is_unproven: bool = Field(description="true: its source cannot prove what it says")
    subject: Document
    documents: tuple[Document, ...] = Field((), description="Orders, transfers and invoices that it concerns")
    tracking_number: str = ""
    carrier: str = ""
    reason_code: str = ""
    reason: str = Field("", description="Free text; empty unless the subscription asks for texts")
    resolution: str = Field("", description="Free text; empty unless the subscription asks for texts")
    responsible_party: str = ""
    owner_id: int | None = Field(None, description="Id of the Odoo user who answers for it")
    deadline: str | None = None
    opened_at: str | None = None
    closed_at: str | None = None
    seen_count: int = 1
    value_at_risk: Money | None = None
    changes: dict[str, Any] = Field(default_factory=dict, description="What it was before, by property")
    level: int | None = Field(None, description="Of an escalation")
    url: str


class ShipmentData(Model):
    """How a shipment stands. Read by the inbox of another installation as well."""

    tracking_number: str
    carrier: str = ""
    milestone: str = Field("", description="Code of the furthest milestone, such as out_for_delivery")
    previous_milestone: str = ""
    occurred_at: str | None = None
    eta: str | None = None
    previous_eta: str | None = None
    promised_at: str | None = None
    delay_hours: float = 0
    direction: str
    is_return: bool = False
    order_reference: str = ""
    documents: tuple[Document, ...] = ()
    url: str


class AtRiskData(Model):
    """Whether a document is at risk now, and was before."""

    document: Document
    is_at_risk: bool
    severity: Severity | None = None
    previous_severity: Severity | None = None
    open_exceptions: int = 0
    categories: tuple[str, ...] = Field((), description="Codes of the categories of its open exceptions")


class PromiseData(Model):
    """A date that was promised and has moved."""

    document: Document
    product: str = Field("", description="For one line of the order: the product's internal reference")
    line_id: int | None = None
    promised_at: str
    previous_at: str
    first_at: str | None = None
    days_moved: float = Field(description="More than zero is later")


class MoveData(Model):
    """A transfer was moved ahead or back, rescheduled, or given to somebody; or somebody said afterwards why."""

    number: int = Field(description="Of this move in the log")
    document: Document
    what: str = Field(description="priority, scheduled_date, place, due, picker or batch")
    direction: Literal["ahead", "back", "other"] = Field(description="Whether it goes before or after others now")
    before: str | None = Field(None, description="A picker is the id of an Odoo user")
    after: str | None = None
    origin: Literal["person", "automation", "server_action", "rollback"]
    by_id: int | None = Field(None, description="Id of the Odoo user who did it, or in whose name it was done")
    automation: str = ""
    has_reason: bool = False
    reason: str = Field("", description="Free text; empty unless the subscription asks for texts")
    explains: int | None = Field(None, description="Number of an earlier move, when this is only its reason")


class DecisionData(Model):
    """A decision that somebody has to take, or has taken."""

    number: str
    kind: str
    state: str
    documents: tuple[Document, ...] = ()
    exception: str = Field("", description="Number of the exception it belongs to")
    deadline: str | None = None
    value: Money | None = None
    url: str = ""


class HeartbeatData(Model):
    """Nothing happened, and the way works."""

    interval_seconds: int


class TestData(Model):
    """Somebody pressed *Send a test event*."""

    __test__ = False

    message: str


@dataclass(frozen=True)
class EventType:
    """One type: its name, what it means, its data, and which model of Odoo a filter looks at."""

    name: str
    meaning: str
    data: type[Model]
    subject: str = ""


_EXCEPTION = "visibility.exception"
EVENT_TYPES = {
    one.name: one
    for one in (
        EventType("exception.opened", "Something went wrong", ExceptionData, _EXCEPTION),
        EventType("exception.updated", "Its severity or owner changed", ExceptionData, _EXCEPTION),
        EventType("exception.escalated", "It was raised to the next level", ExceptionData, _EXCEPTION),
        EventType("exception.resolved", "It is over, or was dismissed", ExceptionData, _EXCEPTION),
        EventType("exception.reopened", "It is back", ExceptionData, _EXCEPTION),
        EventType("shipment.milestone_reached", "A shipment got further", ShipmentData, "visibility.shipment"),
        EventType("shipment.eta_changed", "Its expected arrival moved", ShipmentData, "visibility.shipment"),
        EventType("order.at_risk", "A document is at risk, more or less so, or no more", AtRiskData, "*"),
        EventType("promise.moved", "A promised date moved", PromiseData, "visibility.promise"),
        EventType(
            "transfer.moved",
            "A transfer goes before or after others, or is somebody else's",
            MoveData,
            "visibility.priority.change",
        ),
        EventType("decision.requested", "Somebody has to decide", DecisionData, "visibility.decision"),
        EventType("decision.decided", "It was decided", DecisionData, "visibility.decision"),
        EventType("heartbeat", "Every five minutes: nothing got stuck", HeartbeatData),
        EventType("test", "Somebody pressed the button", TestData),
    )
}
#: Sent on request, whatever a subscription chose.
ALWAYS = ("test",)


def describe(event_type: str, values: dict[str, Any]) -> dict[str, Any]:
    """The ``data`` of an event, checked against its model and without what is empty.

    :raises pydantic.ValidationError: when values are missing, or are not in the catalogue.
    """
    data = EVENT_TYPES[event_type].data(**values)
    return data.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def write_body(event_type: str, event_id: str, moment: dt.datetime, data: dict[str, Any]) -> str:
    """The body as text: what is stored is what is signed and sent, byte for byte.

    :param moment: when it happened, naive UTC
    """
    body = {"type": event_type, "timestamp": when(moment), "id": event_id, "version": VERSION, "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def when(moment: dt.datetime | None) -> str | None:
    """A naive UTC time as the bodies write it; None for none."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
