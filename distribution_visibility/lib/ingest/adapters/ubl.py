"""OASIS UBL 2.1 in its JSON representation: OrderResponse, OrderResponseSimple, DespatchAdvice."""

from typing import Any

from ...base.errors import UnknownShape
from ..canonical import (
    CanonicalEvent,
    Code,
    DespatchData,
    DespatchEvent,
    DespatchLine,
    LineStatus,
    OrderResponseData,
    OrderResponseEvent,
    OrderResponseLine,
)
from ..supplier_codes import known_codes, line_status, overall_status
from .base import Adapter, Delivery
from .reading import mapping
from .ubl_reading import amount, every, promised, value, when

DOCUMENTS = ("OrderResponse", "OrderResponseSimple", "DespatchAdvice")
MAX_RESPONSE_LINES, MAX_DESPATCH_LINES = 2000, 5000


class Ubl(Adapter):
    """A document's number may come again with other content: then it is a new answer.

    A line is named by the number on our order (``OrderLineReference``), else by its own.
    """

    name = "ubl"
    label = "UBL 2.1 JSON (order response, despatch advice)"
    preset = "bearer"

    def identify(self, delivery: Delivery) -> str | None:
        """The document's UUID. Its number is unique for its supplier only."""
        _, root = _document(delivery.payload)
        return value(root, "UUID") or None

    def ordering_key(self, delivery: Delivery) -> str | None:
        """The purchase order's number: answers to one order are worked in turn."""
        _, root = _document(delivery.payload)
        return value(root, "OrderReference", "ID") or None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        name, root = _document(delivery.payload)
        if not name:
            raise UnknownShape(f"The body holds none of the UBL documents {', '.join(DOCUMENTS)}.")
        if name == "DespatchAdvice":
            return [_despatch(root)]
        return [_response(root, simple=name == "OrderResponseSimple")]


def _document(payload: Any) -> tuple[str, dict]:
    body = mapping(payload)
    found = ((name, every(body, name)) for name in DOCUMENTS if name in body)
    name, roots = next(found, ("", []))
    return (name, roots[0]) if roots else ("", {})


def _response(root: dict, simple: bool) -> OrderResponseEvent:
    order = value(root, "OrderReference", "ID")
    if not order:
        raise UnknownShape("The UBL order response names no order (OrderReference/ID).")
    lines = [] if simple else [_response_line(line) for line in every(root, "OrderLine")]
    data = OrderResponseData(
        order=order,
        supplier=_party(root, "SellerSupplierParty"),
        response_number=value(root, "ID"),
        status=_accepted(root) if simple else _overall(root, lines),
        responded=when(root, "IssueDate", "IssueTime"),
        lines=tuple(_bounded(lines, MAX_RESPONSE_LINES)),
        note=value(root, "RejectionNote", limit=2000) or value(root, "Note", limit=2000),
    )
    return OrderResponseEvent(id=value(root, "UUID"), timestamp=data.responded, data=data)


def _accepted(root: dict) -> LineStatus:
    given = next(iter(every(root, "AcceptedIndicator")), {}).get("_")
    if given is True or given == "true":
        return "accepted"
    return "rejected" if given is False or given == "false" else "unknown"


def _overall(root: dict, lines: list[OrderResponseLine]) -> LineStatus:
    code = value(root, "OrderResponseCode")
    # The header's code says more than the lines where it is given; AB says nothing.
    status = line_status("uncl.4343", code)
    return status if status != "unknown" else overall_status([line.status for line in lines])


def _response_line(node: dict) -> OrderResponseLine:
    item = next(iter(every(node, "LineItem")), {})
    substitute = every(node, "SellerSubstitutedLineItem") or every(node, "SellerProposedSubstituteLineItem")
    code = _line_code(item)
    status = line_status(code.vocabulary, code.value) if code else "unknown"
    delivery = next(iter(every(item, "Delivery")), {})
    return OrderResponseLine(
        line=value(node, "OrderLineReference", "LineID") or value(item, "ID"),
        product=_product(item),
        status="substituted" if substitute and status != "rejected" else status,
        code=code,
        quantity=amount(item, "Quantity"),
        unit_price=amount(item, "Price", "PriceAmount"),
        promised=_promise(delivery),
        substitute=_product(substitute),
        reason=value(item, "Note", limit=2000) or value(node, "Note", limit=2000),
    )


def _line_code(item: dict) -> Code | None:
    code = value(item, "LineStatusCode")
    if not code:
        return None
    numeric = code in known_codes("edifact.1229")
    return Code(vocabulary="edifact.1229" if numeric else "ubl.line_status", value=code)


def _promise(delivery: dict):
    period = every(delivery, "PromisedDeliveryPeriod") or every(delivery, "EstimatedDeliveryPeriod")
    return promised(period, "EndDate", "EndTime") or promised(period, "StartDate", "StartTime")


def _despatch(root: dict) -> DespatchEvent:
    if not value(root, "ID"):
        raise UnknownShape("The UBL despatch advice has no number (ID).")
    shipment = next(iter(every(root, "Shipment")), {})
    delivery = next(iter(every(shipment, "Delivery")), {})
    sent = every(delivery, "Despatch")
    data = DespatchData(
        despatch_number=value(root, "ID"),
        order=value(root, "OrderReference", "ID"),
        supplier=_party(root, "DespatchSupplierParty") or _party(root, "SellerSupplierParty"),
        carrier=_carrier(shipment),
        tracking_number=_tracking_number(shipment, delivery),
        shipped=when(sent, "ActualDespatchDate", "ActualDespatchTime"),
        eta=_promise(delivery) or promised(delivery, "LatestDeliveryDate", "LatestDeliveryTime"),
        lines=tuple(_bounded(map(_despatch_line, every(root, "DespatchLine")), MAX_DESPATCH_LINES)),
        is_cancelled=value(root, "DocumentStatusCode") == "Cancelled",
    )
    issued = when(root, "IssueDate", "IssueTime")
    return DespatchEvent(id=value(root, "UUID"), timestamp=issued, data=data)


def _despatch_line(node: dict) -> DespatchLine:
    item = every(node, "Item")
    return DespatchLine(
        order=value(node, "OrderLineReference", "OrderReference", "ID"),
        line=value(node, "OrderLineReference", "LineID") or value(node, "ID"),
        product=_product({"Item": item}),
        quantity=amount(node, "DeliveredQuantity"),
        package=value(node, "Shipment", "TransportHandlingUnit", "ID"),
        lot=value(item, "ItemInstance", "LotIdentification", "LotNumberID"),
    )


def _carrier(shipment: dict) -> str:
    for path in (("Consignment",), ("ShipmentStage",), ("Delivery",)):
        found = next((name for node in every(shipment, *path) if (name := _party(node, "CarrierParty"))), "")
        if found:
            return found
    return ""


def _tracking_number(shipment: dict, delivery: dict) -> str:
    return (
        value(delivery, "TrackingID")
        or value(shipment, "Consignment", "CarrierAssignedID")
        or value(shipment, "Consignment", "ID")
        or value(shipment, "TransportHandlingUnit", "ID")
    )


def _party(node: Any, role: str) -> str:
    # Some roles wrap the party in an element of its own, CarrierParty is one.
    for party in (*every(node, role, "Party"), *every(node, role)):
        found = value(party, "PartyName", "Name") or value(party, "PartyIdentification", "ID")
        if found or value(party, "EndpointID"):
            return found or value(party, "EndpointID")
    return ""


def _product(node: Any) -> str:
    names = ("BuyersItemIdentification", "SellersItemIdentification", "StandardItemIdentification")
    return next((found for name in names if (found := value(node, "Item", name, "ID"))), "")


def _bounded(lines, limit: int) -> list:
    found = list(lines)
    if len(found) > limit:
        raise UnknownShape(f"The document has more than {limit} lines.")
    return found
