"""17TRACK v2 webhooks: TRACKING_UPDATED with track_info, and TRACKING_STOPPED."""

from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from ..moments import Moment
from .base import Adapter, Delivery
from .history import History, Scan
from .reading import dig, expected, first, mapping, moment, normalised_number, place, sequence, text

STATUS, SUB_STATUS, STAGE = "seventeentrack.status", "seventeentrack.sub_status", "seventeentrack.stage"
SITUATION, EVENT = "seventeentrack.situation", "seventeentrack.event"
NEUTRAL = ("NotFound", "NotFound_Other")
#: A parcel that was available for pickup and reached one of these is not waiting any more.
ENDED = frozenset({"Delivered", "Returning", "Returned"})


class SeventeenTrack(Adapter):
    """All events of all carriers involved, newest first, each time.

    ``time_utc`` wins over ``time_iso``. 17TRACK guesses an offset when the carrier gave none
    (``time_raw.timezone`` is empty then): such an offset does not count as known.
    One status is not enough: a parcel that waits uncollected for weeks has the status Exception
    and only its milestones tell why, which is the code exception_after_available_for_pickup.
    """

    name = "seventeentrack"
    label = "17TRACK"
    preset = "seventeentrack"
    redact = (
        "data.track_info.shipping_info.recipient_address.street",
        "data.track_info.shipping_info.recipient_address.coordinates",
        "data.track_info.shipping_info.shipper_address.street",
        "data.track_info.shipping_info.shipper_address.coordinates",
    )

    def ordering_key(self, delivery: Delivery) -> str | None:
        return normalised_number(dig(delivery.payload, "data", "number")) or None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        kind, data = text(dig(delivery.payload, "event")), mapping(dig(delivery.payload, "data"))
        if kind not in ("TRACKING_UPDATED", "TRACKING_STOPPED"):
            raise UnknownShape("The 17TRACK body names no event that is known.")
        # The carrier's number, not its name: TRACKING_STOPPED brings the number only.
        history = History(data.get("number"), data.get("carrier"), newest_first=True)
        if kind == "TRACKING_STOPPED":
            history.add(Scan(codes=[(EVENT, kind)], description="17TRACK stopped tracking this number"))
            return history.events()
        info = mapping(data.get("track_info"))
        for event in _events(info):
            history.add(_scan(event))
        self._summarise(history, info)
        return history.events()

    def _summarise(self, history: History, info: dict) -> None:
        latest = mapping(info.get("latest_status"))
        status, finer = text(latest.get("status")), text(latest.get("sub_status"))
        scan = Scan(codes=[(SUB_STATUS, finer), (STATUS, status)], is_delivery=status == "Delivered")
        if status and finer and finer.partition("_")[0] != status:
            scan.codes.reverse()
            scan.doubts.append("status_vs_sub_status")
        if status == "Exception" and finer in ("", "Exception_Other") and _waits_for_pickup(info):
            scan.codes.insert(0, (SITUATION, "exception_after_available_for_pickup"))
        words = dig(info, "latest_event", "description")
        scan.description = first(words, latest.get("sub_status_descr"), limit=2000)
        history.summarise(scan, neutral=NEUTRAL)
        window = dig(info, "time_metrics", "estimated_delivery_date")
        history.expect(expected(first(dig(window, "to"), dig(window, "from"))))


def _events(info: dict) -> list:
    providers = sequence(dig(info, "tracking", "providers"))
    events = [event for provider in providers for event in sequence(mapping(provider).get("events"))]
    if not events and info.get("latest_event"):
        events = [info["latest_event"]]
    return events or [milestone for milestone in sequence(info.get("milestone")) if _reached(milestone)]


def _reached(milestone: Any) -> str:
    return first(dig(milestone, "time_utc"), dig(milestone, "time_iso"))


def _waits_for_pickup(info: dict) -> bool:
    milestones = filter(_reached, sequence(info.get("milestone")))
    reached = {text(dig(milestone, "key_stage")) for milestone in milestones}
    return "AvailableForPickup" in reached and not reached & ENDED


def _scan(value: Any) -> Scan:
    event, at = mapping(value), mapping(dig(value, "address"))
    finer, stage = text(event.get("sub_status")), first(event.get("stage"), event.get("key_stage"))
    occurred, doubts = _occurred(event)
    return Scan(
        codes=[(SUB_STATUS, finer), (STAGE, stage), (STATUS, finer.partition("_")[0])],
        occurred=occurred,
        doubts=doubts,
        place=place(
            name=event.get("location"),
            city=at.get("city"),
            state=at.get("state"),
            postal_code=at.get("postal_code"),
            country=at.get("country"),
        ),
        description=text(event.get("description"), 2000),
        is_delivery=finer.startswith("Delivered") or stage == "Delivered",
    )


def _occurred(event: dict) -> tuple[Moment | None, list[str]]:
    iso, utc = moment(event.get("time_iso")), moment(event.get("time_utc"))
    best = utc or iso
    if not best:
        return None, ["time_unreadable"]
    doubts = ["time_iso_vs_utc"] if iso and utc and abs((iso.at - utc.at).total_seconds()) >= 60 else []
    raw = mapping(event.get("time_raw"))
    guessed = bool(raw) and not text(raw.get("timezone"))
    return best.model_copy(
        update={
            "raw": first(event.get("time_iso"), event.get("time_utc")),
            "offset_known": best.offset_known and not guessed,
        }
    ), doubts
