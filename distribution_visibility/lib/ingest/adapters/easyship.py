"""Easyship webhooks about shipments (developers.easyship.com, v1.0 to v2024.09)."""

from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from .base import Adapter, Delivery
from .history import History, Scan
from .reading import first, mapping, moment, normalised_number, place, sequence, text

STATUS, EVENT = "easyship.status", "easyship.event"
#: Public samples disagree on where the subject is: each of these was seen.
SUBJECTS = ("tracking_status", "tracking_checkpoints", "shipment", "label", "data", "resource")
NEUTRAL = ("Uncancelled",)


class Easyship(Adapter):
    """One status without any time, so that each status counts once; checkpoints have times.

    Label and cancellation events speak through their type: a label's ``status`` is the label's.
    A shipment without tracking number is known by its Easyship shipment id.
    """

    name = "easyship"
    label = "Easyship"
    preset = "easyship"
    redact = (
        "label.label_url",
        "label.shipping_documents",
        "shipment.shipping_documents",
        "shipment.destination_address",
        "shipment.origin_address",
        "shipment.sender_address",
        "shipment.return_address",
        "shipment.buyer_notes",
    )

    def ordering_key(self, delivery: Delivery) -> str | None:
        return normalised_number(_number(delivery.payload)) or None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        body, subject = mapping(delivery.payload), _subject(delivery.payload)
        kind = text(body.get("event_type"))
        if (kind and not kind.startswith("shipment.")) or kind == "shipment.warehouse.state.updated":
            return []
        if not subject:
            raise UnknownShape("The Easyship body holds no tracking status, shipment or label.")
        history = History(
            _number(body),
            first(subject.get("courier_name"), subject.get("courier_umbrella_name")),
            order=first(subject.get("platform_order_number"), subject.get("company_order_number")),
        )
        for checkpoint in sequence(subject.get("checkpoints")):
            history.add(_checkpoint(checkpoint))
        history.summarise(_summary(kind, subject), neutral=NEUTRAL)
        return history.events()


def _subject(payload: Any) -> dict:
    body = mapping(payload)
    subjects = (mapping(body.get(key)) for key in SUBJECTS)
    return next((subject for subject in subjects if subject), body if "status" in body else {})


def _number(payload: Any) -> str:
    subject = _subject(payload)
    own = subject.get("easyship_shipment_id")
    return first(subject.get("tracking_number"), own, mapping(payload).get("resource_id"))


def _summary(kind: str, subject: dict) -> Scan:
    if kind.startswith("shipment.label.") or kind == "shipment.cancelled":
        return Scan(codes=[(EVENT, kind)], description=kind)
    status = text(subject.get("status"))
    return Scan(codes=[(STATUS, status)], description=status, is_delivery=status == "Delivered")


def _checkpoint(value: Any) -> Scan:
    checkpoint = mapping(value)
    status = first(checkpoint.get("primary_status"), checkpoint.get("status"))
    occurred = moment(first(checkpoint.get("checkpoint_time"), checkpoint.get("tracked_at")))
    return Scan(
        codes=[(STATUS, status)],
        occurred=occurred,
        is_delivery=status == "Delivered",
        doubts=[] if occurred else ["time_unreadable"],
        place=place(
            name=checkpoint.get("location"),
            city=checkpoint.get("city"),
            state=checkpoint.get("state"),
            postal_code=checkpoint.get("postal_code"),
            country=checkpoint.get("country_alpha2"),
        ),
        description=text(checkpoint.get("message"), 2000),
    )
