"""DHL Shipment Tracking Unified, pushed: shipments as the pull API gives them.

Source: developer.dhl.com, Shipment Tracking - Unified - Push. The divisions fill the same fields
differently; the body may be the list of shipments or one shipment.
"""

from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from .base import Adapter, Delivery
from .history import History, Scan
from .reading import dig, expected, first, flag, mapping, moment, normalised_number, place, sequence, text

STATUS = "dhl.status_code"
CODES = ("pre-transit", "transit", "delivered", "failure", "unknown")


class Dhl(Adapter):
    """All scans each time; some divisions write times without offset.

    DHL's own sample has the text DELIVERED with the code pre-transit: the code wins, because it
    is the one field that all divisions share and that is documented.
    """

    name = "dhl"
    label = "DHL Shipment Tracking Unified, push"
    preset = "dhl_push"
    redact = tuple(
        prefix + path
        for prefix in ("shipments.*.", "")
        for path in (
            "details.receiver",
            "details.sender",
            "details.proofOfDelivery.signatureUrl",
            "destination.address.streetAddress",
            "origin.address.streetAddress",
            "rerouteUrl",
        )
    )

    def ordering_key(self, delivery: Delivery) -> str | None:
        numbers = (normalised_number(shipment.get("id")) for shipment in _shipments(delivery.payload))
        return next((number for number in numbers if number), None)

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        shipments = _shipments(delivery.payload)
        if not shipments:
            raise UnknownShape("The DHL body holds no shipments.")
        return [event for shipment in shipments for event in _history(shipment).events()]


def _shipments(payload: Any) -> list[dict]:
    body = mapping(payload)
    listed = sequence(body.get("shipments")) or sequence(payload)
    alone = mapping(body.get("shipment")) or (body if "id" in body and "status" in body else {})
    return [mapping(one) for one in listed or ([alone] if alone else []) if mapping(one)]


def _history(shipment: dict) -> History:
    details = mapping(shipment.get("details"))
    history = History(
        shipment.get("id"),
        "DHL",
        order=_order(details),
        newest_first=True,
        is_return=flag(shipment.get("returnFlag")) or flag(details.get("returnFlag")),
    )
    for event in sequence(shipment.get("events")):
        history.add(_scan(event))
    history.summarise(_scan(shipment.get("status")), neutral=("unknown",))
    proof = mapping(details.get("proofOfDelivery"))
    history.prove(
        first(dig(proof, "signed", "name"), dig(proof, "signed", "familyName")),
        proof.get("documentUrl"),
    )
    window = mapping(shipment.get("estimatedDeliveryTimeFrame"))
    history.expect(expected(first(window.get("estimatedThrough"), shipment.get("estimatedTimeOfDelivery"))))
    return history


def _scan(value: Any) -> Scan:
    scan = mapping(value)
    code, words = text(scan.get("statusCode")).lower(), text(scan.get("status")).lower()
    address = mapping(dig(scan, "location", "address"))
    read = Scan(
        codes=[(STATUS, code or (words if words in CODES else ""))],
        occurred=moment(scan.get("timestamp")),
        place=place(
            city=address.get("addressLocality"),
            postal_code=address.get("postalCode"),
            country=address.get("countryCode"),
        ),
        description=first(scan.get("description"), scan.get("status"), scan.get("remark"), limit=2000),
        reason=text(scan.get("remark"), 2000),
        is_delivery=code == "delivered",
    )
    if "timestamp" in scan and not read.occurred:
        read.doubts.append("time_unreadable")
    if code and words in CODES and words != code:
        read.doubts.append("status_vs_code")
    return read


def _order(details: dict) -> str:
    references = details.get("references")
    for reference in sequence(references) or [references]:
        if text(dig(reference, "type")) == "customer-reference":
            return text(dig(reference, "number"))
    return ""
