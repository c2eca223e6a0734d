"""Amazon's vendor forms: order acknowledgements and shipment confirmations (SP-API vendor orders 1)."""

from collections.abc import Iterable

from ...base.errors import UnknownShape
from ..canonical import (
    CanonicalEvent,
    Code,
    DespatchData,
    DespatchEvent,
    DespatchLine,
    OrderResponseData,
    OrderResponseEvent,
    OrderResponseLine,
)
from ..supplier_codes import line_status, overall_status
from .base import Adapter, Delivery
from .reading import dig, first, mapping, moment, sequence, text
from .ubl_reading import number

VOCABULARY = "amazon_vendor.acknowledgement"
MAX_LINES, MAX_DOCUMENTS = 2000, 500


class AmazonVendor(Adapter):
    """What a vendor submits with ``submitAcknowledgement`` or ``submitShipmentConfirmations``.

    One item may be answered in parts (six accepted, four backordered): each part is a line. An
    item accepted in another quantity than ordered, without further parts, is a changed quantity.
    """

    name = "amazon_vendor"
    label = "Amazon vendor forms (acknowledgement, shipment confirmation)"
    preset = "bearer"

    def ordering_key(self, delivery: Delivery) -> str | None:
        """The order's number, when the body speaks of one."""
        answers = sequence(mapping(delivery.payload).get("acknowledgements"))
        numbers = {text(mapping(answer).get("purchaseOrderNumber")) for answer in answers}
        return (numbers.pop() or None) if len(numbers) == 1 else None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        body = mapping(delivery.payload)
        answers = sequence(body.get("acknowledgements"))
        shipments = sequence(body.get("shipmentConfirmations"))
        if not answers and not shipments:
            raise UnknownShape("The body has neither acknowledgements nor shipmentConfirmations.")
        if len(answers) + len(shipments) > MAX_DOCUMENTS:
            raise UnknownShape(f"The body has more than {MAX_DOCUMENTS} documents.")
        return [*map(_response, map(mapping, answers)), *map(_despatch, map(mapping, shipments))]


def _response(answer: dict) -> OrderResponseEvent:
    order = text(answer.get("purchaseOrderNumber"))
    if not order:
        raise UnknownShape("An acknowledgement names no order (purchaseOrderNumber).")
    lines = [line for item in map(mapping, sequence(answer.get("items"))) for line in _lines(item)]
    _check_size(lines)
    responded = moment(answer.get("acknowledgementDate"))
    data = OrderResponseData(
        order=order,
        supplier=text(dig(answer, "sellingParty", "partyId")),
        responded=responded,
        status=overall_status([line.status for line in lines]),
        lines=tuple(lines),
    )
    return OrderResponseEvent(timestamp=responded, data=data)


def _lines(item: dict) -> Iterable[OrderResponseLine]:
    parts = [mapping(part) for part in sequence(item.get("itemAcknowledgements"))]
    ordered = number(dig(item, "orderedQuantity", "amount"))
    return [_line(item, part, ordered if len(parts) == 1 else None) for part in parts]


def _line(item: dict, part: dict, ordered: float | None) -> OrderResponseLine:
    code = text(part.get("acknowledgementCode"))
    status = line_status(VOCABULARY, code)
    quantity = number(dig(part, "acknowledgedQuantity", "amount"))
    if status == "accepted" and None not in (ordered, quantity) and quantity != ordered:
        status = "quantity_changed"
    return OrderResponseLine(
        line=text(item.get("itemSequenceNumber")),
        status=status,
        quantity=quantity,
        product=first(item.get("vendorProductIdentifier"), item.get("amazonProductIdentifier")),
        code=Code(vocabulary=VOCABULARY, value=code) if code else None,
        unit_price=number(dig(item, "netCost", "amount")),
        promised=moment(part.get("scheduledDeliveryDate")),
        reason=text(part.get("rejectionReason"), 2000),
    )


def _despatch(shipment: dict) -> DespatchEvent:
    name = text(shipment.get("shipmentIdentifier"))
    if not name:
        raise UnknownShape("A shipment confirmation has no shipmentIdentifier.")
    packages = _packages(shipment)
    lines = [_despatch_line(mapping(item), packages) for item in sequence(shipment.get("shippedItems"))]
    _check_size(lines)
    transport = mapping(shipment.get("transportationDetails"))
    orders = {line.order for line in lines}
    data = DespatchData(
        despatch_number=name,
        order=orders.pop() if len(orders) == 1 else "",
        lines=tuple(lines),
        supplier=text(dig(shipment, "sellingParty", "partyId")),
        carrier=text(transport.get("carrierScac")),
        tracking_number=first(
            transport.get("carrierShipmentReferenceNumber"),
            *_carton_numbers(shipment),
            transport.get("billOfLadingNumber"),
        ),
        shipped=moment(shipment.get("shippedDate")),
        eta=moment(shipment.get("estimatedDeliveryDate")),
    )
    return DespatchEvent(timestamp=moment(shipment.get("shipmentConfirmationDate")), data=data)


def _despatch_line(item: dict, packages: dict[str, set[str]]) -> DespatchLine:
    line = text(item.get("itemSequenceNumber"))
    inside = packages.get(line, set())
    return DespatchLine(
        order=text(dig(item, "itemDetails", "purchaseOrderNumber")),
        line=line,
        product=first(item.get("vendorProductIdentifier"), item.get("amazonProductIdentifier")),
        quantity=number(dig(item, "shippedQuantity", "amount")),
        package=next(iter(inside)) if len(inside) == 1 else "",
        lot=text(dig(item, "itemDetails", "lotNumber")),
    )


def _packages(shipment: dict) -> dict[str, set[str]]:
    """The SSCCs that hold each item, by the item's sequence number."""
    found: dict[str, set[str]] = {}
    for carton in map(mapping, sequence(shipment.get("cartons"))):
        names = map(mapping, sequence(carton.get("cartonIdentifiers")))
        ssccs = {
            text(name.get("containerIdentificationNumber"))
            for name in names
            if text(name.get("containerIdentificationType")) == "SSCC"
        } - {""}
        for item in map(mapping, sequence(carton.get("items"))):
            found.setdefault(text(item.get("itemReference")), set()).update(ssccs)
    return found


def _carton_numbers(shipment: dict) -> list:
    return [mapping(carton).get("trackingNumber") for carton in sequence(shipment.get("cartons"))]


def _check_size(lines: list) -> None:
    if len(lines) > MAX_LINES:
        raise UnknownShape(f"The body has more than {MAX_LINES} lines for one document.")
