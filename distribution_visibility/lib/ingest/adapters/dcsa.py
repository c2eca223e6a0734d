"""DCSA Track & Trace: version 2 (flat events) and 3 (metadata and payload)."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent, Code, Retraction, RetractionEvent, ShipmentData, ShipmentEvent
from .base import Adapter, Delivery
from .dcsa_numbers import numbers_of
from .reading import dig, first, mapping, moment, normalised_number, place, text

TYPES = ("SHIPMENT", "TRANSPORT", "EQUIPMENT")
MODES = ("VESSEL", "RAIL", "TRUCK", "BARGE")
#: Types whose estimate says when the goods can be had; an estimated departure is no such thing.
ARRIVALS = ("ARRI", "DISC", "AVPU", "GTOT", "DROP")
MAX_EVENTS = 500


@dataclass
class _Body:
    """One event, the same for both versions."""

    meta: dict
    payload: dict
    doubts: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return first(self.meta.get("eventType"), self.payload.get("eventType")).upper()

    @property
    def classifier(self) -> str:
        return text(self.payload.get("eventClassifierCode")).upper() or "ACT"

    @property
    def code(self) -> str:
        name = f"{self.kind.lower()}EventTypeCode"
        return first(self.payload.get(name), self.payload.get("eventSubtype")).upper()


class Dcsa(Adapter):
    """A push is an array of events; one event alone is understood as well.

    The number a fact is filed under is the container of an equipment event. A transport or
    shipment event is filed under its container when it names exactly one, else under the
    transport document, else the booking. All other numbers go to ``related_numbers``.

    ``ACT`` gives milestones. ``EST`` and ``PLN`` give estimates, whatever they estimate.
    """

    name = "dcsa"
    label = "DCSA Track & Trace (container carriers)"
    preset = "dcsa"

    def ordering_key(self, delivery: Delivery) -> str | None:
        """The number that all events of the push are filed under, if it is one."""
        first_numbers = (numbers_of(body.kind, body.payload)[:1] for body in _bodies(delivery.payload))
        found = {normalised_number(number) for numbers in first_numbers for number in numbers}
        return (found.pop() or None) if len(found) == 1 else None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        bodies = _bodies(delivery.payload)
        if len(bodies) > MAX_EVENTS:
            raise UnknownShape(f"The body holds more than {MAX_EVENTS} DCSA events.")
        if not bodies:
            raise UnknownShape("The body holds no DCSA event: eventType or metadata is missing.")
        events, seen, problems = [], {}, []
        for number, body in enumerate(bodies, 1):
            try:
                events.append(_event(body, _identity(body, seen)))
            except UnknownShape as problem:
                problems.append(f"Event {number}: {problem}")
        if not events:
            raise UnknownShape(problems[0])
        if problems:
            events[-1] = events[-1].model_copy(update={"doubts": (*events[-1].doubts, "scan_skipped")[:20]})
        return sorted(events, key=_when)


def _bodies(payload: Any) -> list[_Body]:
    items = payload if isinstance(payload, list) else [payload]
    return [_body(item) for item in map(mapping, items) if "metadata" in item or "eventType" in item]


def _body(item: dict) -> _Body:
    if "metadata" in item:
        return _Body(mapping(item["metadata"]), mapping(item.get("payload")))
    return _Body(item, item)


def _identity(body: _Body, seen: dict[str, str]) -> str:
    """The event's id; a second event of the same id in one body is told apart by its content."""
    name = text(body.meta.get("eventID"))
    content = hashlib.sha256(json.dumps(body.payload, sort_keys=True).encode()).hexdigest()
    if not name or seen.setdefault(name, content) == content:
        return name
    body.doubts.append("event_id_reused")
    return f"{name[:100]}#{content[:16]}"


def _event(body: _Body, name: str) -> CanonicalEvent:
    withdrawn = text(body.meta.get("retractedEventID"))
    if withdrawn:
        created = moment(body.meta.get("eventCreatedDateTime"))
        return RetractionEvent(id=name, timestamp=created, data=Retraction(event_id=withdrawn))
    if body.kind not in TYPES or not body.code:
        raise UnknownShape("its type or its type code is missing or unknown.")
    return _estimate(body, name) if body.classifier in ("EST", "PLN") else _fact(body, name)


def _fact(body: _Body, name: str) -> ShipmentEvent:
    occurred = moment(body.payload.get("eventDateTime"))
    if not occurred:
        body.doubts.append("occurred_missing")
    codes = [*_type_codes(body), *_delay(body)]
    return _shipment_event(body, name, "shipment.milestone", codes, occurred=occurred or _created(body))


def _estimate(body: _Body, name: str) -> ShipmentEvent:
    final = body.code in ARRIVALS and body.payload.get("isTransshipmentMove") is not True
    codes = [("dcsa.classifier", body.classifier), *_delay(body)]
    description = f"{body.classifier} {body.code} {text(body.payload.get('eventDateTime'))}"
    eta = moment(body.payload.get("eventDateTime")) if final else None
    return _shipment_event(
        body,
        name,
        "shipment.eta",
        codes,
        occurred=_created(body),
        eta=eta,
        description=description,
    )


def _shipment_event(body: _Body, name: str, kind: str, codes: list, **facts) -> ShipmentEvent:
    numbers = numbers_of(body.kind, body.payload)
    if not numbers:
        raise UnknownShape("it names no container, transport document or booking.")
    data = ShipmentData(
        tracking_number=numbers[0],
        related_numbers=tuple(numbers[1:21]),
        carrier=_carrier(body),
        codes=tuple(Code(vocabulary=one, value=code) for one, code in codes),
        place=_place(body.payload),
        reason_code=text(body.payload.get("delayReasonCode")),
        reason=first(body.payload.get("changeRemark"), body.payload.get("reason"), limit=2000),
        **facts,
    )
    if data.occurred and not data.occurred.offset_known:
        body.doubts.append("offset_unknown")
    return ShipmentEvent(id=name, type=kind, timestamp=_created(body), data=data, doubts=tuple(body.doubts))


def _type_codes(body: _Body) -> list[tuple[str, str]]:
    if body.kind == "EQUIPMENT":
        # The moves of an empty container say nothing about the goods.
        empty = text(body.payload.get("emptyIndicatorCode")).upper() == "EMPTY"
        return [("dcsa.equipment.empty" if empty else "dcsa.equipment", body.code)]
    if body.kind == "TRANSPORT":
        mode = text(dig(body.payload, "transportCall", "modeOfTransport")).upper()
        by_mode = [("dcsa.transport.mode", f"{mode}.{body.code}"[:128])] if mode in MODES else []
        return [*by_mode, ("dcsa.transport", body.code)]
    is_booking = text(body.payload.get("documentTypeCode")).upper() in ("BKG", "CBR")
    return [("dcsa.shipment.booking" if is_booking else "dcsa.shipment", body.code)]


def _delay(body: _Body) -> list[tuple[str, str]]:
    code = text(body.payload.get("delayReasonCode")).upper()
    return [("smdg.delay", code)] if code else []


def _created(body: _Body):
    return moment(body.meta.get("eventCreatedDateTime"))


def _carrier(body: _Body) -> str:
    publisher = mapping(body.meta.get("publisher"))
    vessel = mapping(dig(body.payload, "transportCall", "vessel"))
    operator = first(vessel.get("operatorCarrierCode"), vessel.get("vesselOperatorCarrierCode"))
    return first(publisher.get("carrierCode"), publisher.get("partyName"), operator)


def _place(payload: dict):
    call = mapping(payload.get("transportCall"))
    at = mapping(payload.get("eventLocation")) or mapping(payload.get("location")) or mapping(call.get("location"))
    address = mapping(at.get("address"))
    return place(
        name=first(at.get("locationName"), at.get("facilityCode"), call.get("facilityCode")),
        unlocode=first(at.get("UNLocationCode"), call.get("UNLocationCode")),
        postal_code=first(address.get("postCode"), address.get("postalCode")),
        city=address.get("city"),
        state=address.get("stateRegion"),
        country=address.get("country"),
    )


def _when(event: CanonicalEvent) -> float:
    occurred = event.data.occurred if isinstance(event, ShipmentEvent) else None
    moment_known = occurred or event.timestamp
    return moment_known.at.timestamp() if moment_known else 0.0
