"""Sendcloud webhooks of type parcel_status_changed (sendcloud.dev/api/v2/webhooks)."""

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from .base import Adapter, Delivery
from .history import History, Scan
from .reading import dig, epoch, expected, first, flag, mapping, normalised_number, text

STATUS = "sendcloud.status"


class Sendcloud(Adapter):
    """One status of one parcel in each push, with times in milliseconds.

    The parcel's address is where it goes, not where it was seen, so that events have no place.
    A parcel that the carrier has not accepted yet has no tracking number and gives no event.
    """

    name = "sendcloud"
    label = "Sendcloud"
    preset = "sendcloud"
    #: Label and document links hold access hashes; the rest is the recipient.
    redact = (
        "parcel.label",
        "parcel.documents",
        "parcel.customs_declaration",
        "parcel.tracking_url",
        "parcel.name",
        "parcel.company_name",
        "parcel.address",
        "parcel.address_2",
        "parcel.address_divided",
        "parcel.house_number",
        "parcel.telephone",
        "parcel.email",
        "parcel.to_post_number",
        "parcel.from_name",
        "parcel.from_email",
        "parcel.from_telephone",
        "parcel.from_address_1",
    )

    def ordering_key(self, delivery: Delivery) -> str | None:
        return normalised_number(dig(delivery.payload, "parcel", "tracking_number")) or None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        body, parcel = mapping(delivery.payload), mapping(dig(delivery.payload, "parcel"))
        action = text(body.get("action"))
        if action and action != "parcel_status_changed":
            return []
        status = mapping(parcel.get("status"))
        if not text(status.get("id")):
            raise UnknownShape("The Sendcloud body holds no parcel with a status.")
        if not normalised_number(parcel.get("tracking_number")):
            return []
        changed = epoch(body.get("carrier_status_change_timestamp")) or epoch(body.get("timestamp"))
        history = History(
            parcel.get("tracking_number"),
            dig(parcel, "carrier", "code"),
            is_return=flag(parcel.get("is_return")),
            order=first(parcel.get("order_number"), parcel.get("external_order_id")),
        )
        history.add(
            Scan(
                codes=[(STATUS, text(status.get("id")))],
                occurred=changed,
                description=text(status.get("message"), 2000),
                doubts=[] if changed else ["time_unreadable"],
            )
        )
        history.expect(expected(parcel.get("expected_delivery_date")))
        return history.events()
