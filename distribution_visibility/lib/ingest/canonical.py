"""The canonical events: what every adapter produces and what a sender of ours may send.

The envelope is Standard Webhooks' ``{"type", "timestamp", "data"}``; ``type`` selects the model
of ``data``. The OpenAPI document is generated from these models and the receiver validates with
them, so there is one truth. Unknown properties are ignored: senders may add to their bodies.
"""

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool
from pydantic.json_schema import SkipJsonSchema

from .moments import Moment as Moment
from .wire_types import Instant, Number, Required, Short, Text, WebAddress

MAX_EVENTS = 500
SHIPMENT_TYPES = ("shipment.milestone", "shipment.exception", "shipment.eta")
EVENT_TYPES = (*SHIPMENT_TYPES, "shipment.retraction", "supplier.order_response", "supplier.despatch_advice")

Party = Literal["carrier", "consignee", "supplier", "shipper", "authority", "nature", "system"]


class Model(BaseModel):
    """Shared settings: immutable, and codes stay the strings that they are (021 is not 17)."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=False)


class Code(Model):
    """One code as received, with the list it belongs to, for the code map to translate."""

    vocabulary: Required
    value: Required


class Place(Model):
    """Where something happened. ``country`` is ISO 3166-1 alpha-2, ``unlocode`` UN/LOCODE."""

    name: Short = ""
    city: Short = ""
    state: Short = ""
    postal_code: Short = ""
    country: Short = ""
    unlocode: Short = ""

    def label(self) -> str:
        """One line for a person."""
        parts = (self.name, self.city, self.state, self.postal_code, self.country)
        return ", ".join(dict.fromkeys(part for part in parts if part)) or self.unlocode


class ShipmentData(Model):
    """One fact about one parcel, consignment or container."""

    tracking_number: Required
    carrier: Short = Field("", description="The carrier's code or name, if the source has several")
    milestone: Short = Field("", description="Canonical milestone code, e.g. out_for_delivery")
    category: Short = Field("", description="Canonical exception category code, e.g. delayed_in_transit")
    codes: tuple[Code, ...] = Field((), max_length=10, description="Provider codes, the most telling first")
    reason_code: Short = ""
    reason: Text = ""
    responsible_party: Party | None = None
    occurred: Instant | None = Field(None, alias="occurred_at", description="When it happened")
    eta: Instant | None = Field(None, description="When delivery is now expected")
    place: Place | None = Field(None, alias="location")
    description: Text = ""
    signed_by: Short = Field("", description="Proof of delivery: who took it")
    proof_url: WebAddress = ""
    is_return: StrictBool = False
    order_reference: Short = Field("", description="The order's number, when the sender knows it")
    related_numbers: tuple[Required, ...] = Field(
        (),
        max_length=20,
        description="Other numbers of the same shipment: booking, transport document, SSCC, containers",
    )

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Retraction(Model):
    """Withdraws an earlier event of the same source: it did not occur, or was wrong."""

    event_id: Required = Field(description="The withdrawn event's own id")
    reason: Text = ""
    corrected_by: tuple[Required, ...] = Field((), max_length=100)


LineStatus = Literal[
    "accepted",
    "accepted_with_changes",
    "date_changed",
    "quantity_changed",
    "price_changed",
    "substituted",
    "backordered",
    "partly_shipped",
    "on_hold",
    "rejected",
    "cancelled",
    "unknown",
]


class OrderResponseLine(Model):
    """What the supplier says about one line of a purchase order."""

    line: Short = Field("", description="The line's number on our order")
    product: Short = Field("", description="Our product code, else the supplier's or the barcode")
    status: LineStatus = "unknown"
    code: Code | None = None
    quantity: Number | None = None
    unit_price: Number | None = None
    promised: Instant | None = Field(None, alias="promised_at")
    substitute: Short = ""
    reason: Text = ""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class OrderResponseData(Model):
    """A supplier's answer to a purchase order (X12 855, EDIFACT ORDRSP, UBL OrderResponse)."""

    order: Required = Field(description="Our purchase order's number")
    supplier: Short = ""
    response_number: Short = ""
    status: LineStatus = "unknown"
    responded: Instant | None = Field(None, alias="responded_at")
    lines: tuple[OrderResponseLine, ...] = Field((), max_length=2000)
    note: Text = ""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class DespatchLine(Model):
    """What is in the shipment, for one line of a purchase order."""

    order: Short = ""
    line: Short = ""
    product: Short = ""
    quantity: Number | None = None
    package: Short = Field("", description="SSCC of the package or pallet")
    lot: Short = ""


class DespatchData(Model):
    """An advance ship notice (X12 856, EDIFACT DESADV, UBL DespatchAdvice)."""

    despatch_number: Required
    order: Short = Field("", description="Our purchase order's number; else on the lines")
    supplier: Short = ""
    carrier: Short = ""
    tracking_number: Short = ""
    shipped: Instant | None = Field(None, alias="shipped_at")
    eta: Instant | None = None
    lines: tuple[DespatchLine, ...] = Field((), max_length=5000)
    is_cancelled: StrictBool = False

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Envelope(Model):
    """What all events share. ``id`` is the sender's own, stable over retries and resends.

    ``doubts`` is for adapters only: the receiver removes it from what a sender says.
    """

    # Models have a default type so that adapters need not repeat it; a sender must name it.
    model_config = ConfigDict(json_schema_extra={"required": ["type", "data"]})

    id: Short = ""
    timestamp: Instant | None = None
    is_test: StrictBool = Field(False, description="True: recorded, and nothing live is touched")
    doubts: SkipJsonSchema[tuple[Short, ...]] = Field(
        (),
        max_length=20,
        exclude=True,
        description="Contradictions that the adapter settled, as codes such as status_vs_detail",
    )


class ShipmentEvent(Envelope):
    """Milestone, exception or new ETA of a shipment, told apart by what ``data`` holds."""

    type: Literal["shipment.milestone", "shipment.exception", "shipment.eta"] = "shipment.milestone"
    data: ShipmentData

    def fingerprint(self) -> str:
        """SHA-256 that the same scan has in every push, however often the history is re-sent."""
        return _digest(self.id or self._natural_key())

    def _natural_key(self) -> str:
        data = self.data
        moment = data.occurred or self.timestamp
        parts = [
            data.carrier.lower(),
            data.tracking_number.upper(),
            data.milestone,
            data.category,
            data.reason_code,
            *(f"{code.vocabulary}={code.value}" for code in data.codes),
            moment.at.isoformat() if moment else "",
            data.place.city.lower() if data.place else "",
        ]
        if data.eta and not (data.milestone or data.category or data.codes):
            parts.append(data.eta.at.isoformat())
        return "\x1f".join(parts)


class RetractionEvent(Envelope):
    """Withdraws facts that were sent before."""

    type: Literal["shipment.retraction"] = "shipment.retraction"
    data: Retraction

    def fingerprint(self) -> str:
        """SHA-256 of what is withdrawn: withdrawing twice is withdrawing once."""
        return _digest(self.id or f"retract\x1f{self.data.event_id}")


class OrderResponseEvent(Envelope):
    """A supplier's order acknowledgement."""

    type: Literal["supplier.order_response"] = "supplier.order_response"
    data: OrderResponseData

    def fingerprint(self) -> str:
        """SHA-256 of the whole answer, so that an amended answer is a new event."""
        return _digest(self.id or self.data.model_dump_json())


class DespatchEvent(Envelope):
    """A supplier's despatch advice."""

    type: Literal["supplier.despatch_advice"] = "supplier.despatch_advice"
    data: DespatchData

    def fingerprint(self) -> str:
        """SHA-256 of the whole notice, so that a replaced notice is a new event."""
        return _digest(self.id or self.data.model_dump_json())


CanonicalEvent = Annotated[
    ShipmentEvent | RetractionEvent | OrderResponseEvent | DespatchEvent,
    Field(discriminator="type"),
]


class Batch(Model):
    """Several events in one request."""

    events: tuple[CanonicalEvent, ...] = Field(min_length=1, max_length=MAX_EVENTS)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
