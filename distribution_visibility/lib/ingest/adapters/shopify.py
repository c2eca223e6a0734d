"""Shopify webhooks: fulfillment_events/create, fulfillments/create and fulfillments/update."""

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent, ShipmentEvent
from .base import Adapter, Delivery
from .history import History, Scan
from .reading import expected, first, mapping, moment, normalised_number, place, sequence, text

EVENT_STATUS, STATUS = "shopify.event_status", "shopify.fulfillment_status"
#: A fulfillment without a number of its own is known by this and its Shopify id.
FULFILLMENT = "shopify-fulfillment-"


class Shopify(Adapter):
    """A fulfillment event has no tracking number; a fulfillment may have several.

    Without a number the fulfillment itself is the shipment (``shopify-fulfillment-<id>``), with
    the order as reference. Ids in Shopify's headers are not signed, so they identify nothing
    here: a replayer could change them, or use up the id of an event that is still to come.
    """

    name = "shopify"
    label = "Shopify fulfillments"
    preset = "shopify"
    redact = (
        "destination",
        "origin_address",
        "email",
        "receipt",
        "tracking_url",
        "tracking_urls",
        "address1",
        "latitude",
        "longitude",
    )

    def ordering_key(self, delivery: Delivery) -> str | None:
        body = mapping(delivery.payload)
        fulfillment = first(body.get("fulfillment_id"), body.get("id"))
        return normalised_number(FULFILLMENT + fulfillment) if fulfillment else None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        topic = text(delivery.headers.get("x-shopify-topic"))
        if topic and not topic.startswith(("fulfillment_events/", "fulfillments/")):
            return []
        body = mapping(delivery.payload)
        events = [mapping(event) for event in sequence(body.get("fulfillment_events"))]
        if events and all(text(event.get("fulfillment_id")) for event in events):
            # As Shopify's REST API lists them, for those who poll it and pass it on.
            return sorted((fact for event in events for fact in _from_event(event)), key=_by_time)
        if text(body.get("fulfillment_id")):
            return _from_event(body)
        if text(body.get("id")) and (_has_tracking(body) or text(body.get("status"))):
            return _from_fulfillment(body)
        raise UnknownShape("The Shopify body is neither a fulfillment nor a fulfillment event.")


def _by_time(event: ShipmentEvent) -> float:
    return event.data.occurred.at.timestamp() if event.data.occurred else 0


def _from_event(body: dict) -> list[ShipmentEvent]:
    history = History(FULFILLMENT + text(body.get("fulfillment_id")), order=text(body.get("order_id")))
    status = text(body.get("status")).lower()
    occurred = moment(first(body.get("happened_at"), body.get("created_at")))
    history.add(
        Scan(
            codes=[(EVENT_STATUS, status)],
            occurred=occurred,
            description=first(body.get("message"), status, limit=2000),
            id=f"shopify-event-{text(body.get('id'))}" if text(body.get("id")) else "",
            place=place(
                city=body.get("city"),
                state=body.get("province"),
                postal_code=body.get("zip"),
                country=body.get("country"),
            ),
            is_delivery=status in ("delivered", "picked_up"),
            doubts=[] if occurred else ["time_unreadable"],
        )
    )
    history.expect(expected(body.get("estimated_delivery_at")), occurred)
    return history.events()


def _from_fulfillment(body: dict) -> list[ShipmentEvent]:
    fulfillment = text(body.get("id"))
    listed = [*sequence(body.get("tracking_numbers")), body.get("tracking_number")]
    known = dict.fromkeys(text(number) for number in listed if normalised_number(number))
    return [event for number in known or [FULFILLMENT + fulfillment] for event in _of_parcel(body, fulfillment, number)]


def _of_parcel(body: dict, fulfillment: str, number: str) -> list[ShipmentEvent]:
    order = first(text(body.get("name")).partition(".")[0], body.get("order_id"))
    own_name = FULFILLMENT + fulfillment
    related = [own_name] if number != own_name else []
    history = History(number, body.get("tracking_company"), order=order, related=related)
    shipment, status = text(body.get("shipment_status")).lower(), text(body.get("status")).lower()
    # A fulfillment is sent again whenever anything about it changes, with a new updated_at:
    # each status of it is one fact.
    history.add(
        Scan(
            codes=[(EVENT_STATUS, shipment), (STATUS, status)],
            occurred=moment(first(body.get("updated_at"), body.get("created_at"))),
            id=":".join(("shopify", fulfillment, normalised_number(number), shipment, status)),
            description=first(shipment, status),
            is_delivery=shipment in ("delivered", "picked_up"),
        )
    )
    return history.events()


def _has_tracking(body: dict) -> bool:
    return bool(sequence(body.get("tracking_numbers")) or text(body.get("tracking_number")))
