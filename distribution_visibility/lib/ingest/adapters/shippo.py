"""Shippo webhooks of type track_updated (docs.goshippo.com/docs/tracking)."""

from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from .base import Adapter, Delivery
from .history import History, Scan
from .phases import Phases
from .reading import dig, expected, first, flag, mapping, moment, normalised_number, place, sequence, text

STATUS, SUBSTATUS = "shippo.status", "shippo.substatus"
NEUTRAL = ("UNKNOWN", "other")
#: The carrier token under which Shippo sends its mock parcels.
MOCK_CARRIER = "shippo"

PHASES = Phases(
    before=("PRE_TRANSIT", "information_received"),
    moving=(
        "TRANSIT",
        "package_accepted",
        "package_arrived",
        "package_departed",
        "package_forwarded",
        "package_processed",
        "package_processing",
        "out_for_delivery",
    ),
    delivered=("DELIVERED", "delivered"),
)


class Shippo(Adapter):
    """The body brings the newest status and the whole history.

    Shippo's own sample says DELIVERED with the substatus information_received: the status wins.
    """

    name = "shippo"
    label = "Shippo"
    preset = "shippo"
    redact = ("data.address_to.street1", "data.address_to.street2", "data.address_to.name")

    def ordering_key(self, delivery: Delivery) -> str | None:
        return normalised_number(_track(delivery.payload).get("tracking_number")) or None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        body, track = mapping(delivery.payload), _track(delivery.payload)
        if text(body.get("event")) not in ("track_updated", ""):
            return []
        if not track:
            raise UnknownShape("The Shippo body holds no data with a tracking number.")
        carrier = text(track.get("carrier"))
        history = History(
            track.get("tracking_number"),
            carrier,
            is_test=flag(body.get("test")) or flag(track.get("test")) or carrier == MOCK_CARRIER,
        )
        for scan in sequence(track.get("tracking_history")):
            history.add(_scan(scan))
        newest = mapping(track.get("tracking_status"))
        history.summarise(_scan(newest), neutral=NEUTRAL)
        eta = expected(first(track.get("eta"), track.get("original_eta")))
        history.expect(eta, moment(newest.get("object_updated")))
        return history.events()


def _track(payload: Any) -> dict:
    body = mapping(payload)
    return mapping(body.get("data")) or (body if "tracking_number" in body else {})


def _scan(value: Any) -> Scan:
    scan, substatus = mapping(value), mapping(value).get("substatus")
    status, finer = text(scan.get("status")), first(dig(substatus, "code"), substatus)
    at = mapping(scan.get("location"))
    read = Scan(
        codes=[(SUBSTATUS, finer), (STATUS, status)],
        occurred=moment(scan.get("status_date")),
        place=place(
            city=at.get("city"),
            state=at.get("state"),
            postal_code=at.get("zip"),
            country=at.get("country"),
        ),
        description=first(scan.get("status_details"), dig(substatus, "text"), limit=2000),
        is_delivery=PHASES.is_delivery(status),
    )
    if PHASES.contradict(status, finer):
        read.codes.reverse()
        read.doubts.append("status_vs_substatus")
    if "status_date" in scan and not read.occurred:
        read.doubts.append("time_unreadable")
    return read
