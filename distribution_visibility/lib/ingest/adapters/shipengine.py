"""ShipEngine track events (API_TRACK) and ShipStation API v2 (TRACK_EVENT_V2): one data object.

Sources: shipengine.com/docs/tracking/webhooks, docs.shipstation.com/apis/docs/guides/webhooks-schemas.
"""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from ..moments import Moment
from .base import Adapter, Delivery
from .history import History, Scan
from .reading import expected, first, mapping, moment, normalised_number, place, sequence, text

STATUS, DETAIL = "shipengine.status", "shipengine.detail"
TYPES = ("API_TRACK", "TRACK_EVENT_V2", "")
NEUTRAL = ("UN", "CARRIER_STATUS_NOT_MAPPED", "INFORMATION")


class ShipEngine(Adapter):
    """The newest status with its scans, newest first.

    A scan's ``event_code`` is the carrier's own and kept as the reason: its meaning differs by
    carrier. When ``actual_delivery_date`` lies before the scans, the scans' times win.
    """

    name = "shipengine"
    label = "ShipEngine, ShipStation API"
    preset = "shipengine"
    redact = ("data.events.*.latitude", "data.events.*.longitude")

    def ordering_key(self, delivery: Delivery) -> str | None:
        return normalised_number(_data(delivery.payload).get("tracking_number")) or None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        body, data = mapping(delivery.payload), _data(delivery.payload)
        if text(body.get("resource_type")) not in TYPES:
            return []
        if not data:
            raise UnknownShape("The ShipEngine body holds no data with a tracking number.")
        carrier = first(data.get("carrier_code"), _carrier_in(body.get("resource_url")))
        history = History(data.get("tracking_number"), carrier, newest_first=True)
        for event in sequence(data.get("events")):
            history.add(_scan(event))
        history.summarise(_summary(history, data), neutral=NEUTRAL)
        history.expect(expected(data.get("estimated_delivery_date")))
        return history.events()


def _data(payload: Any) -> dict:
    body = mapping(payload)
    return mapping(body.get("data")) or (body if "tracking_number" in body else {})


def _carrier_in(url: Any) -> str:
    try:
        return first(*parse_qs(urlsplit(text(url, 1000)).query).get("carrier_code", []))
    except ValueError:
        return ""


def _summary(history: History, data: dict) -> Scan:
    scan = _scan(data)
    delivered = moment(data.get("actual_delivery_date")) if scan.is_delivery else None
    newest = max((known.occurred.at for known in history.scans if known.occurred), default=None)
    if delivered and newest and delivered.at < newest:
        history.doubt("delivered_before_scans")
        delivered = None
    scan.occurred = delivered
    words = (data.get("carrier_status_description"), data.get("status_description"))
    scan.description = first(*words, limit=2000)
    scan.reason = text(data.get("exception_description"), 2000)
    return scan


def _scan(value: Any) -> Scan:
    event = mapping(value)
    detail = first(event.get("status_detail_code"))
    status = text(event.get("status_code"))
    scan = Scan(
        codes=[(DETAIL, detail), (STATUS, status)],
        occurred=_occurred(event),
        place=place(
            city=event.get("city_locality"),
            state=event.get("state_province"),
            postal_code=event.get("postal_code"),
            country=event.get("country_code"),
        ),
        description=first(event.get("description"), event.get("carrier_status_description"), limit=2000),
        reason_code=first(event.get("event_code"), event.get("carrier_status_code")),
        signed_by=text(event.get("signer")),
        is_delivery=status == "DE",
    )
    if "occurred_at" in event and not scan.occurred:
        scan.doubts.append("time_unreadable")
    return scan


def _occurred(event: dict) -> Moment | None:
    return moment(event.get("occurred_at")) or moment(event.get("carrier_occurred_at"))
