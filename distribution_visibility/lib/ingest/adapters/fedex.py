"""FedEx Advanced Integrated Visibility webhooks: the Track API's output, pushed.

Source: developer.fedex.com, Advanced Integrated Visibility and Track API v1.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from ..moments import Moment
from .base import Adapter, Delivery
from .history import History, Scan
from .reading import dig, expected, first, mapping, moment, normalised_number, place, sequence, text

EVENT, STATUS, DELAY = "fedex.event", "fedex.status", "fedex.delay"
NEUTRAL = ("AE", "AO")
#: References that may be our order's number, the most likely first.
ORDER_REFERENCES = ("PURCHASE_ORDER", "CUSTOMER_REFERENCE", "INVOICE", "SHIPPER_REFERENCE")
_RESULT = "output.completeTrackResults.*.trackResults.*."


class FedEx(Adapter):
    """Results by tracking number, each with all its scans, newest first and perhaps out of order.

    The number outside is the one subscribed to and wins over a different one inside. A number
    that was used again brings several results: each is a history of its own. An ``error``
    beside data is noted and the data used; a result that is only an error is skipped.
    """

    name = "fedex"
    label = "FedEx Advanced Integrated Visibility"
    preset = "fedex"
    redact = tuple(
        _RESULT + path
        for path in (
            "shipperInformation",
            "recipientInformation",
            "originLocation.locationContactAndAddress.contact",
            "destinationLocation.locationContactAndAddress.contact",
            "destinationLocation.locationContactAndAddress.address.streetLines",
            "holdAtLocation.locationContactAndAddress.contact",
            "lastUpdatedDestinationAddress",
            "deliveryDetails.actualDeliveryAddress",
            "returnDetail.authorizationName",
            "meterNumber",
        )
    )

    def ordering_key(self, delivery: Delivery) -> str | None:
        numbers = (normalised_number(number) for number, _ in _results(delivery.payload))
        return next((number for number in numbers if number), None)

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        results = list(_results(delivery.payload))
        if not results:
            raise UnknownShape("The FedEx body holds no completeTrackResults.")
        used = [(number, result) for number, result in results if _has_data(result)]
        if not used:
            codes = ", ".join(first(dig(result, "error", "code"), "no data") for _, result in results[:5])
            raise UnknownShape(f"FedEx sent errors instead of tracking data: {codes}")
        again = Counter(normalised_number(number) for number, _ in used)
        events = []
        for number, result in used:
            doubts = ["several_shipments_for_number"] if again[normalised_number(number)] > 1 else []
            events += _history(number, result, doubts).events()
        return events


def _results(payload: Any) -> Iterator[tuple[str, dict]]:
    body = mapping(payload)
    output = mapping(body.get("output")) or body
    for complete in sequence(output.get("completeTrackResults")):
        for result in sequence(dig(complete, "trackResults")):
            inner = dig(result, "trackingNumberInfo", "trackingNumber")
            yield first(dig(complete, "trackingNumber"), inner), mapping(result)


def _has_data(result: dict) -> bool:
    return bool(sequence(result.get("scanEvents")) or _code(mapping(result.get("latestStatusDetail"))))


def _code(detail: dict) -> str:
    return first(detail.get("derivedCode"), detail.get("code"))


def _history(number: str, result: dict, doubts: list[str]) -> History:
    info = mapping(result.get("trackingNumberInfo"))
    carrier = first(info.get("carrierCode"), "FedEx")
    history = History(number, carrier, order=_order(result), newest_first=True)
    history.doubt(*doubts)
    if normalised_number(info.get("trackingNumber")) not in ("", normalised_number(number)):
        history.doubt("number_inside_differs")
    if mapping(result.get("error")):
        history.doubt("error_beside_data")
    for scan in sequence(result.get("scanEvents")):
        history.add(_scan(scan))
    history.summarise(_summary(mapping(result.get("latestStatusDetail"))), neutral=NEUTRAL)
    proof = mapping(result.get("deliveryDetails"))
    history.prove(first(proof.get("signedByName"), proof.get("receivedByName")))
    history.expect(_estimate(result))
    return history


def _scan(value: Any) -> Scan:
    scan = mapping(value)
    event = text(scan.get("eventType"))
    derived = first(scan.get("derivedStatusCode"), event)
    read = Scan(
        codes=[*_delay(scan.get("delayDetail")), (EVENT, event), (STATUS, derived)],
        occurred=moment(scan.get("date")),
        place=_place(scan.get("scanLocation")),
        description=first(scan.get("eventDescription"), scan.get("derivedStatus"), limit=2000),
        reason_code=text(scan.get("exceptionCode")),
        reason=text(scan.get("exceptionDescription"), 2000),
        is_delivery=event == "DL",
    )
    if not read.occurred:
        read.doubts.append("time_unreadable")
    if event and (event == "DL") != (derived == "DL"):
        read.doubts.append("event_vs_derived_status")
    return read


def _summary(detail: dict) -> Scan:
    code, ancillary = _code(detail), mapping(next(iter(sequence(detail.get("ancillaryDetails"))), None))
    return Scan(
        codes=[*_delay(detail.get("delayDetail")), (STATUS, code)],
        place=_place(detail.get("scanLocation")),
        description=first(detail.get("description"), detail.get("statusByLocale"), limit=2000),
        reason_code=text(ancillary.get("reason")),
        reason=text(ancillary.get("reasonDescription"), 2000),
        is_delivery=code == "DL",
    )


def _delay(value: Any) -> list[tuple[str, str]]:
    delay = mapping(value)
    return [(DELAY, text(delay.get("type")))] if text(delay.get("status")) == "DELAYED" else []


def _place(value: Any):
    at = mapping(value)
    return place(
        city=at.get("city"),
        state=at.get("stateOrProvinceCode"),
        postal_code=at.get("postalCode"),
        country=at.get("countryCode"),
    )


def _estimate(result: dict) -> Moment | None:
    window = mapping(dig(result, "estimatedDeliveryTimeWindow", "window"))
    entries = sequence(result.get("dateAndTimes"))
    dated = {text(dig(entry, "type")): dig(entry, "dateTime") for entry in entries}
    return expected(first(window.get("ends"), window.get("begins"), dated.get("ESTIMATED_DELIVERY")))


def _order(result: dict) -> str:
    found = {}
    for entry in sequence(dig(result, "additionalTrackingInfo", "packageIdentifiers")):
        values = dig(entry, "values")
        found[text(dig(entry, "type"))] = first(dig(entry, "value"), *sequence(values))
    return first(*(found.get(kind) for kind in ORDER_REFERENCES))
