"""GS1 EPCIS 2.0 capture documents in JSON-LD, with the Core Business Vocabulary (CBV) 2.0."""

import datetime as dt
import hashlib
import json
import re
from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent, Code, Retraction, RetractionEvent, ShipmentData, ShipmentEvent
from ..moments import Moment
from .base import Adapter, Delivery
from .epcis_numbers import EpcisNumbers
from .gs1_keys import key_of
from .reading import dig, first, mapping, moment, normalised_number, place, sequence, text

KINDS = ("ObjectEvent", "AggregationEvent", "TransactionEvent")
OTHER_KINDS = ("TransformationEvent", "AssociationEvent")
#: Dispositions that change what a step means: a received return is no delivery.
STEPS, TELLING = (
    ("receiving", "shipping", "departing"),
    ("completeness_verified", "completeness_inferred", "mismatch_quantity", "returned"),
)
MAX_EVENTS = 500
#: Bare words, CURIEs, URNs of CBV 1 and web addresses of CBV 2 for the same term.
_TERM = re.compile(
    r"(?:urn:epcglobal:cbv:(?:bizstep|disp|btt|er):|(?:cbv:|https?://(?:ref\.)?gs1\.org/(?:voc|cbv)/)"
    r"(?:BizStep|Disp|BTT|ER)-)([a-z_]+)"
)
_ZONE = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")


class Epcis(Adapter):
    """Object, aggregation and transaction events; what happens inside a plant is left out.

    A fact is filed under the GSIN or GINC, else the one SSCC (of the parent or alone in the list),
    else the despatch advice or bill of lading, else the first SSCC, else the purchase order.

    An event that comes again with an ``errorDeclaration`` withdraws itself. An event without
    ``eventID`` is known by the hash of its content, so that it can be withdrawn as well.
    """

    name = "epcis"
    label = "GS1 EPCIS 2.0"

    def identify(self, delivery: Delivery) -> str | None:
        """The document's own id, unless it is a blank node, which names nothing outside."""
        found = text(mapping(delivery.payload).get("id"), 1000)
        is_document = "epcisBody" in mapping(delivery.payload)
        return found if is_document and 0 < len(found) <= 128 and not found.startswith("_:") else None

    def ordering_key(self, delivery: Delivery) -> str | None:
        """The number that all events are filed under, if it is one."""
        numbers = {EpcisNumbers(event, term).main for event in _events(delivery.payload)}
        return (normalised_number(numbers.pop()) or None) if len(numbers) == 1 else None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        bodies = _events(delivery.payload)
        if not bodies:
            raise UnknownShape("The body is no EPCIS document: it has no eventList with known events.")
        if len(bodies) > MAX_EVENTS:
            raise UnknownShape(f"The body holds more than {MAX_EVENTS} EPCIS events.")
        facts = [fact for body in bodies if (fact := _fact(body))]
        return sorted(facts, key=lambda fact: fact.timestamp.at.timestamp() if fact.timestamp else 0.0)


def term(value: Any) -> str:
    """The CBV's own word for a term in any notation; a private term stays as it is written."""
    found = text(value)
    match = _TERM.fullmatch(found)
    return match[1] if match else found


def _events(payload: Any) -> list[dict]:
    body = mapping(payload)
    content = mapping(body.get("epcisBody"))
    found = content.get("eventList") or dig(content, "queryResults", "resultsBody", "eventList")
    items = found if isinstance(found, list) else [found or body]
    return [item for item in map(mapping, items) if text(item.get("type")) in (*KINDS, *OTHER_KINDS)]


def _fact(body: dict) -> CanonicalEvent | None:
    declaration = body.get("errorDeclaration")
    if isinstance(declaration, dict):
        return _retraction(body, declaration)
    numbers = EpcisNumbers(body, term)
    step, disposition = term(body.get("bizStep")), term(body.get("disposition"))
    if text(body.get("type")) not in KINDS or not numbers.main or not (step or disposition):
        return None
    return _shipment_event(body, numbers, step, disposition)


def _shipment_event(body: dict, numbers: EpcisNumbers, step: str, disposition: str) -> ShipmentEvent:
    occurred = moment(body.get("eventTime"), _zone(body))
    doubts = list(numbers.doubts)
    if not occurred or not occurred.offset_known:
        doubts.append("offset_unknown" if occurred else "occurred_missing")
    data = ShipmentData(
        tracking_number=numbers.main,
        related_numbers=numbers.related,
        order_reference=numbers.order,
        codes=tuple(Code(vocabulary=one, value=code) for one, code in _codes(step, disposition)),
        occurred=occurred,
        place=_place(body),
        is_return=disposition == "returned",
    )
    return ShipmentEvent(id=_identity(body), timestamp=occurred, data=data, doubts=tuple(doubts))


def _codes(step: str, disposition: str) -> list[tuple[str, str]]:
    codes = [("epcis.biz_step", step), ("epcis.disposition", disposition)]
    if step in STEPS and disposition in TELLING:
        codes.insert(0, ("epcis.biz_step.disposition", f"{step}.{disposition}"))
    return [(vocabulary, code) for vocabulary, code in codes if code]


def _retraction(body: dict, declaration: dict) -> RetractionEvent:
    corrected = sequence(declaration.get("correctiveEventIDs"))
    data = Retraction(
        event_id=_identity(body),
        reason=term(declaration.get("reason")),
        corrected_by=tuple(_short(found) for one in corrected[:100] if (found := text(one, 1000))),
    )
    # Without an id of its own: the id in the body is that of the event which is withdrawn.
    return RetractionEvent(timestamp=_declared(body, declaration), data=data)


def _declared(body: dict, declaration: dict) -> Moment | None:
    return moment(declaration.get("declarationTime")) or moment(body.get("eventTime"), _zone(body))


def _identity(body: dict) -> str:
    name = text(body.get("eventID"), 1000)
    if name:
        return _short(name)
    # recordTime is the repository's, errorDeclaration comes later: neither is part of the fact.
    content = {key: value for key, value in body.items() if key not in ("recordTime", "errorDeclaration")}
    return "content:" + hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _short(name: str) -> str:
    return name if len(name) <= 128 else "sha256:" + hashlib.sha256(name.encode()).hexdigest()


def _zone(body: dict):
    match = _ZONE.fullmatch(text(body.get("eventTimeZoneOffset")))
    if not match:
        return None
    offset = dt.timedelta(hours=int(match[2]), minutes=int(match[3]))
    return dt.timezone(-offset if match[1] == "-" else offset) if offset < dt.timedelta(hours=15) else None


def _place(body: dict):
    where = first(dig(body, "readPoint", "id"), dig(body, "bizLocation", "id"))
    kind, number = key_of(where)
    return place(name=f"GLN {number}" if kind == "sgln" else where)
