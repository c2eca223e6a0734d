"""UBL 2.1 order responses and despatch advices in JSON."""

import pytest

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.adapters.ubl import Ubl


def v(value, **attributes):
    return [{"_": value, **attributes}]


def line(number, status=None, **more):
    item = {"ID": v(number), "Item": [{"BuyersItemIdentification": [{"ID": v(f"SKU-{number}")}]}], **more}
    if status:
        item["LineStatusCode"] = v(status)
    return {"LineItem": [item]}


def response(*lines, **more):
    return {
        "OrderResponse": [
            {
                "ID": v("OR-5"),
                "IssueDate": v("2026-06-01"),
                "IssueTime": v("09:30:00+02:00"),
                "OrderReference": [{"ID": v("P00099")}],
                "SellerSupplierParty": [{"Party": [{"PartyName": [{"Name": v("Alder & Sons")}]}]}],
                "OrderLine": list(lines),
                **more,
            }
        ]
    }


DESPATCH = {
    "DespatchAdvice": [
        {
            "ID": v("DA-31"),
            "IssueDate": v("2026-06-08Z"),
            "OrderReference": [{"ID": v("P00099")}],
            "DespatchSupplierParty": [{"Party": [{"PartyIdentification": [{"ID": v("SUP-4")}]}]}],
            "Shipment": [
                {
                    "ID": v("1"),
                    "Consignment": [{"ID": v("C-1"), "CarrierParty": [{"PartyName": [{"Name": v("Norte Cargo")}]}]}],
                    "Delivery": [
                        {
                            "TrackingID": v("NC-0007"),
                            "EstimatedDeliveryPeriod": [{"EndDate": v("2026-06-11"), "EndTime": v("16:00:00Z")}],
                            "Despatch": [{"ActualDespatchDate": v("2026-06-08"), "ActualDespatchTime": v("17:45:00Z")}],
                        }
                    ],
                }
            ],
            "DespatchLine": [
                {
                    "ID": v("1"),
                    "DeliveredQuantity": v(12.5, unitCode="KGM"),
                    "OrderLineReference": [{"LineID": v("10"), "OrderReference": [{"ID": v("P00099")}]}],
                    "Item": [
                        {
                            "SellersItemIdentification": [{"ID": v("A-77")}],
                            "ItemInstance": [{"LotIdentification": [{"LotNumberID": v("L9")}]}],
                        }
                    ],
                    "Shipment": [{"TransportHandlingUnit": [{"ID": v("106141412345678908")}]}],
                }
            ],
        }
    ]
}


def parse(body):
    return Ubl().parse(Delivery(body))


def test_an_order_response_answers_each_line():
    promise = [{"PromisedDeliveryPeriod": [{"EndDate": v("2026-06-20")}]}]
    (event,) = parse(
        response(
            line("10", "5", Quantity=v("4"), Price=[{"PriceAmount": v(2.5, currencyID="EUR")}], Delivery=promise),
            line("20", "7"),
            line("30", "Disputed"),
        )
    )
    first, *_ = event.data.lines
    assert (first.line, first.product, first.quantity, first.unit_price) == ("10", "SKU-10", 4.0, 2.5)
    assert first.promised.at.isoformat() == "2026-06-20T23:59:59+00:00"
    assert [one.status for one in event.data.lines] == ["accepted", "rejected", "on_hold"]
    assert (event.data.order, event.data.supplier, event.data.status) == (
        "P00099",
        "Alder & Sons",
        "accepted_with_changes",
    )
    assert event.data.responded.at.isoformat() == "2026-06-01T07:30:00+00:00"


def test_a_line_status_keeps_its_code_with_the_list_that_it_belongs_to():
    (event,) = parse(response(line("10", "7"), line("20", "Revised")))
    assert [one.code.vocabulary for one in event.data.lines] == ["edifact.1229", "ubl.line_status"]


def test_no_status_is_unknown_and_not_accepted():
    (event,) = parse(response(line("10", "NoStatus"), line("20")))
    assert [one.status for one in event.data.lines] == ["unknown", "unknown"]
    assert event.data.status == "unknown"


def test_a_line_is_named_by_the_number_on_our_order():
    answer = {**line("1", "5"), "OrderLineReference": [{"LineID": v("10")}]}
    (event,) = parse(response(answer))
    assert event.data.lines[0].line == "10"


def test_a_substitute_is_named():
    answer = {
        **line("1", "3"),
        "SellerSubstitutedLineItem": [
            {"Item": [{"SellersItemIdentification": [{"ID": v("NEW-1")}]}]},
        ],
    }
    (event,) = parse(response(answer))
    assert (event.data.lines[0].status, event.data.lines[0].substitute) == ("substituted", "NEW-1")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AP", "accepted"),
        ("RE", "rejected"),
        ("CA", "accepted_with_changes"),
    ],
)
def test_the_headers_code_speaks_for_the_order(code, status):
    (event,) = parse(response(OrderResponseCode=v(code)))
    assert event.data.status == status


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (True, "accepted"),
        (False, "rejected"),
        ("true", "accepted"),
        ("false", "rejected"),
        (1, "unknown"),
    ],
)
def test_a_simple_response_accepts_or_rejects_the_whole_order(given, status):
    body = {
        "OrderResponseSimple": {
            "ID": {"_": "7"},
            "OrderReference": {"ID": {"_": "P00099"}},
            "AcceptedIndicator": {"_": given},
            "RejectionNote": [{"_": "No capacity"}],
        }
    }
    (event,) = parse(body)
    assert (event.data.order, event.data.status, event.data.note) == ("P00099", status, "No capacity")


def test_a_despatch_advice_tells_what_comes_with_whom_and_when():
    (event,) = parse(DESPATCH)
    data, (only,) = event.data, event.data.lines
    assert (data.despatch_number, data.order, data.supplier) == ("DA-31", "P00099", "SUP-4")
    assert (data.carrier, data.tracking_number) == ("Norte Cargo", "NC-0007")
    assert data.shipped.at.isoformat() == "2026-06-08T17:45:00+00:00"
    assert data.eta.at.isoformat() == "2026-06-11T16:00:00+00:00"
    assert (only.order, only.line, only.product, only.quantity) == ("P00099", "10", "A-77", 12.5)
    assert (only.package, only.lot, data.is_cancelled) == ("106141412345678908", "L9", False)


def test_a_cancelled_despatch_advice_says_so():
    body = {"DespatchAdvice": [{**DESPATCH["DespatchAdvice"][0], "DocumentStatusCode": v("Cancelled")}]}
    assert parse(body)[0].data.is_cancelled


def test_the_same_number_with_other_content_is_a_new_answer_and_a_resent_one_is_not():
    first, again, amended = (parse(response(line("10", code)))[0] for code in ("5", "5", "7"))
    assert first.fingerprint() == again.fingerprint() != amended.fingerprint()


def test_the_document_is_identified_by_its_uuid_and_worked_in_the_orders_turn():
    body = response(UUID=v("0f1e"))
    assert Ubl().identify(Delivery(body)) == "0f1e"
    assert Ubl().identify(Delivery(response())) is None
    assert Ubl().ordering_key(Delivery(body)) == "P00099"
    assert Ubl().ordering_key(Delivery(None)) is None


@pytest.mark.parametrize("quantity", ["a lot", -1, float("nan"), True, None, [], "1e999"])
def test_a_quantity_that_is_none_is_left_out(quantity):
    (event,) = parse(response(line("10", "5", Quantity=v(quantity))))
    assert event.data.lines[0].quantity is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        1,
        [],
        {},
        {"Order": [{}]},
        {"OrderResponse": []},
        {"OrderResponse": 3},
        {"OrderResponse": [{}]},
        {"DespatchAdvice": [{"ID": "plain"}]},
        response(*[line("1")] * 2001),
    ],
)
def test_anything_else_is_an_unknown_shape(body):
    with pytest.raises(UnknownShape):
        parse(body)
