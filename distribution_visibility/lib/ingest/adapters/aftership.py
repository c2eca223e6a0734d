"""AfterShip Tracking webhooks, current (dated) versions and the legacy v4 body alike.

The versions differ in names only: ``expected_delivery`` became ``latest_estimated_delivery``,
``country_iso3`` became ``country_region``. Source: aftership.com/docs/tracking/webhook.
"""

from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from .base import Adapter, Delivery
from .history import History, Scan
from .reading import dig, epoch, expected, first, mapping, moment, normalised_number, place, sequence, text

TAG, SUBTAG = "aftership.tag", "aftership.subtag"
EVENTS = ("tracking_update", "edd_revise", "tracking_pending_time", "")
NEUTRAL = ("Pending", *(f"Pending_{number:03}" for number in range(1, 7)))


class AfterShip(Adapter):
    """The body brings all checkpoints each time; their times often have no offset.

    A subtag is ``<tag>_<number>``. When it belongs to another tag than the one given, the tag
    wins: it is the one that AfterShip's own notifications follow.
    """

    name = "aftership"
    label = "AfterShip Tracking"
    preset = "aftership"
    redact = (
        "msg.unique_token",
        "msg.emails",
        "msg.smses",
        "msg.subscribed_emails",
        "msg.subscribed_smses",
        "msg.customer_name",
        "msg.customers",
        "msg.destination_raw_location",
        "msg.origin_raw_location",
        "msg.aftership_tracking_url",
        "msg.aftership_tracking_order_url",
        "msg.courier_redirect_link",
    )

    def identify(self, delivery: Delivery) -> str | None:
        """``event_id``, which is part of the signed body."""
        return text(mapping(delivery.payload).get("event_id")) or None

    def ordering_key(self, delivery: Delivery) -> str | None:
        return normalised_number(_tracking(delivery.payload).get("tracking_number")) or None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        body, tracking = mapping(delivery.payload), _tracking(delivery.payload)
        if text(body.get("event")) not in EVENTS:
            return []
        if not tracking:
            raise UnknownShape("The AfterShip body holds no msg with a tracking.")
        history = History(
            tracking.get("tracking_number"),
            tracking.get("slug"),
            order=first(tracking.get("order_number"), tracking.get("order_id")),
        )
        for checkpoint in sequence(tracking.get("checkpoints")):
            history.add(_scan(checkpoint))
        sent = epoch(body.get("ts"))
        summary = _scan(tracking)
        summary.occurred = moment(tracking.get("updated_at")) or sent
        history.summarise(summary, neutral=NEUTRAL)
        history.prove(tracking.get("signed_by"))
        history.expect(expected(_estimate(tracking)), sent or summary.occurred)
        return history.events()


def _tracking(payload: Any) -> dict:
    body = mapping(payload)
    return mapping(body.get("msg")) or mapping(dig(body, "data", "tracking")) or mapping(body.get("tracking"))


def _estimate(tracking: dict) -> str:
    return first(
        dig(tracking, "latest_estimated_delivery", "datetime_max"),
        dig(tracking, "latest_estimated_delivery", "datetime"),
        dig(tracking, "courier_estimated_delivery_date", "estimated_delivery_date"),
        dig(tracking, "aftership_estimated_delivery_date", "estimated_delivery_date"),
        tracking.get("expected_delivery"),
    )


def _where(checkpoint: dict) -> str:
    # The tracking has a location too, which is where the parcel goes and not where it was seen.
    if "checkpoint_time" not in checkpoint:
        return ""
    names = ("location", "country_region_name", "country_name")
    return first(*(checkpoint.get(name) for name in names))


def _scan(value: Any) -> Scan:
    checkpoint = mapping(value)
    tag, subtag = text(checkpoint.get("tag")), text(checkpoint.get("subtag"))
    scan = Scan(
        codes=[(SUBTAG, subtag), (TAG, tag)],
        occurred=moment(checkpoint.get("checkpoint_time")),
        place=place(
            name=_where(checkpoint),
            city=checkpoint.get("city"),
            state=checkpoint.get("state"),
            postal_code=first(checkpoint.get("zip"), checkpoint.get("postal_code")),
        ),
        description=first(checkpoint.get("message"), checkpoint.get("subtag_message"), limit=2000),
        reason_code=text(checkpoint.get("raw_tag")),
        is_delivery=tag == "Delivered",
    )
    if tag and subtag and subtag.partition("_")[0] != tag:
        scan.codes.reverse()
        scan.doubts.append("tag_vs_subtag")
    if "checkpoint_time" in checkpoint and not scan.occurred:
        scan.doubts.append("time_unreadable")
    return scan
