"""EasyPost webhooks: an Event whose result is a Tracker (docs.easypost.com/docs/trackers)."""

import datetime as dt
from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from .base import Adapter, Delivery
from .history import History, Scan
from .phases import Phases
from .reading import dig, expected, first, flag, mapping, moment, normalised_number, place, sequence, text

STATUS, DETAIL = "easypost.status", "easypost.detail"
NEUTRAL = ("status_update", "unknown")
#: The documentation promises UTC where the location is too thin for a local zone.
UTC = dt.timezone.utc

PHASES = Phases(
    before=("pre_transit", "label_created"),
    moving=(
        "in_transit",
        "out_for_delivery",
        "arrived_at_destination",
        "arrived_at_facility",
        "departed_facility",
        "departed_origin_facility",
        "received_at_destination_facility",
        "received_at_origin_facility",
        "transferred_to_destination_carrier",
    ),
    delivered=("delivered",),
)


class EasyPost(Adapter):
    """A Tracker brings its whole history each time; other Events (batches, refunds) say nothing here.

    Where ``status`` and ``status_detail`` contradict each other the status wins: it is what
    EasyPost itself acts on.
    """

    name = "easypost"
    label = "EasyPost"
    preset = "easypost"
    redact = (
        "result.public_url",
        "public_url",
        "pending_urls.*",
        "completed_urls.*",
    )

    def identify(self, delivery: Delivery) -> str | None:
        """The Event's ``evt_`` id, which is part of the signed body."""
        found = text(mapping(delivery.payload).get("id"))
        return found if found.startswith("evt_") else None

    def ordering_key(self, delivery: Delivery) -> str | None:
        return normalised_number(_tracker(delivery.payload).get("tracking_code")) or None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        body, tracker = mapping(delivery.payload), _tracker(delivery.payload)
        if body.get("object") == "Event" and not text(body.get("description")).startswith("tracker."):
            return []
        if not tracker:
            raise UnknownShape("The EasyPost body holds no Tracker.")
        history = History(
            tracker.get("tracking_code"),
            tracker.get("carrier"),
            is_test="test" in (body.get("mode"), tracker.get("mode")),
            is_return=flag(tracker.get("is_return")),
        )
        for detail in sequence(tracker.get("tracking_details")):
            history.add(_scan(detail))
        self._summarise(history, tracker)
        return history.events()

    def _summarise(self, history: History, tracker: dict) -> None:
        updated = moment(tracker.get("updated_at"), UTC)
        summary = _scan(tracker)
        summary.occurred = updated
        history.summarise(summary, neutral=NEUTRAL)
        history.prove(tracker.get("signed_by"))
        details = reversed(sequence(tracker.get("tracking_details")))
        eta = first(tracker.get("est_delivery_date"), *(dig(one, "est_delivery_date") for one in details))
        history.expect(expected(eta, UTC), updated)


def _tracker(payload: Any) -> dict:
    body = mapping(payload)
    if body.get("object") == "Tracker":
        return body
    result = mapping(body.get("result"))
    return result if result.get("object", "Tracker") == "Tracker" else {}


def _scan(value: Any) -> Scan:
    detail = mapping(value)
    status, finer = text(detail.get("status")), text(detail.get("status_detail"))
    at = mapping(detail.get("tracking_location"))
    scan = Scan(
        codes=[(DETAIL, finer), (STATUS, status)],
        occurred=moment(detail.get("datetime"), UTC),
        place=place(
            city=at.get("city"),
            state=at.get("state"),
            postal_code=at.get("zip"),
            country=at.get("country"),
        ),
        description=first(detail.get("message"), detail.get("description"), limit=2000),
        reason_code=text(detail.get("carrier_code")),
        is_delivery=PHASES.is_delivery(status),
    )
    if PHASES.contradict(status, finer):
        scan.codes.reverse()
        scan.doubts.append("status_vs_detail")
    if not scan.occurred and detail.get("object") != "Tracker" and "datetime" in detail:
        scan.doubts.append("time_unreadable")
    return scan
