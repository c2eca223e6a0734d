"""Amazon's vendor forms."""

import pytest

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest.adapters.amazon_vendor import AmazonVendor
from distribution_visibility.lib.ingest.adapters.base import Delivery


def part(code, amount, **more):
    return {"acknowledgementCode": code, "acknowledgedQuantity": {"amount": amount}, **more}


def item(*parts, ordered=10, number="1"):
    return {
        "itemSequenceNumber": number,
        "vendorProductIdentifier": "V-100",
        "orderedQuantity": {"amount": ordered},
        "netCost": {"amount": "3.75", "currencyCode": "EUR"},
        "itemAcknowledgements": list(parts),
    }


def answer(*items, order="P00500"):
    return {
        "purchaseOrderNumber": order,
        "acknowledgementDate": "2026-07-01T10:00:00Z",
        "sellingParty": {"partyId": "VEND1"},
        "items": list(items),
    }


SHIPMENT = {
    "shipmentIdentifier": "SH-1",
    "shipmentConfirmationType": "Original",
    "shipmentConfirmationDate": "2026-07-04T10:00:00Z",
    "shippedDate": "2026-07-04T09:00:00Z",
    "estimatedDeliveryDate": "2026-07-07T15:00:00Z",
    "sellingParty": {"partyId": "VEND1"},
    "transportationDetails": {"carrierScac": "NCRG", "carrierShipmentReferenceNumber": "PRO-9"},
    "shippedItems": [
        {
            "itemSequenceNumber": "1",
            "vendorProductIdentifier": "V-100",
            "shippedQuantity": {"amount": 6},
            "itemDetails": {"purchaseOrderNumber": "P00500", "lotNumber": "L7"},
        }
    ],
    "cartons": [
        {
            "cartonIdentifiers": [
                {
                    "containerIdentificationType": "SSCC",
                    "containerIdentificationNumber": "106141412345678908",
                }
            ],
            "trackingNumber": "T-1",
            "items": [{"itemReference": "1"}],
        }
    ],
}


def parse(body):
    return AmazonVendor().parse(Delivery(body))


def acknowledged(*items):
    return parse({"acknowledgements": [answer(*items)]})[0].data


def test_an_item_answered_in_parts_gives_a_line_for_each_part():
    split = item(
        part("Accepted", 6, scheduledDeliveryDate="2026-07-08T00:00:00Z"),
        part("Backordered", 3),
        part("Rejected", 1, rejectionReason="ObsoleteProduct"),
    )
    data = acknowledged(split)
    assert [(line.status, line.quantity) for line in data.lines] == [
        ("accepted", 6),
        ("backordered", 3),
        ("rejected", 1),
    ]
    assert data.lines[0].promised.at.isoformat() == "2026-07-08T00:00:00+00:00"
    assert data.lines[2].reason == "ObsoleteProduct"
    assert (data.status, data.order, data.supplier) == ("accepted_with_changes", "P00500", "VEND1")


def test_an_item_accepted_in_another_quantity_is_a_changed_quantity():
    assert acknowledged(item(part("Accepted", 8))).lines[0].status == "quantity_changed"
    assert acknowledged(item(part("Accepted", 10))).lines[0].status == "accepted"


def test_a_price_is_read_from_its_decimal_text():
    assert acknowledged(item(part("Accepted", 10))).lines[0].unit_price == 3.75


def test_a_code_that_is_not_documented_is_unknown_and_kept():
    (line,) = acknowledged(item(part("Maybe", 10))).lines
    assert (line.status, line.code.value) == ("unknown", "Maybe")


def test_each_acknowledgement_is_an_answer_of_its_own():
    events = parse({"acknowledgements": [answer(order="P1"), answer(order="P2")]})
    assert [event.data.order for event in events] == ["P1", "P2"]


def test_a_shipment_confirmation_is_an_advance_ship_notice():
    (event,) = parse({"shipmentConfirmations": [SHIPMENT]})
    data, (line,) = event.data, event.data.lines
    assert (data.despatch_number, data.order, data.carrier, data.tracking_number) == (
        "SH-1",
        "P00500",
        "NCRG",
        "PRO-9",
    )
    assert data.eta.at.isoformat() == "2026-07-07T15:00:00+00:00"
    assert (line.line, line.quantity, line.package, line.lot) == ("1", 6, "106141412345678908", "L7")


def test_without_a_carriers_reference_the_cartons_number_is_tracked():
    shipment = {**SHIPMENT, "transportationDetails": {"billOfLadingNumber": "BOL-1"}}
    assert parse({"shipmentConfirmations": [shipment]})[0].data.tracking_number == "T-1"


def test_a_resent_acknowledgement_is_one_answer_and_an_amended_one_is_new():
    first, again, amended = (
        parse({"acknowledgements": [answer(item(part(code, 10)))]})[0].fingerprint()
        for code in ("Accepted", "Accepted", "Rejected")
    )
    assert first == again != amended


@pytest.mark.parametrize(
    "body",
    [
        None,
        1,
        [],
        {},
        {"acknowledgements": 4},
        {"acknowledgements": [{}]},
        {"shipmentConfirmations": [{}]},
        {"acknowledgements": [answer(item(*[part("Accepted", 1)] * 2001))]},
        {"acknowledgements": [answer()] * 501},
    ],
)
def test_anything_else_is_an_unknown_shape(body):
    with pytest.raises(UnknownShape):
        parse(body)


def test_answers_to_one_order_are_worked_in_turn():
    assert AmazonVendor().ordering_key(Delivery({"acknowledgements": [answer()]})) == "P00500"
    assert AmazonVendor().ordering_key(Delivery([])) is None
