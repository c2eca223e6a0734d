"""UPS Track Alert, standard and enhanced: one activity of one package in each push.

Source: github.com/UPS-API/api-documentation, UPSTrackAlert.yaml. Times come as local date and
time and as GMT date and time, in fields of their own and without separators.
"""

import datetime as dt
from typing import Any

from ...base.errors import UnknownShape
from ..canonical import CanonicalEvent
from ..moments import Moment, parse_compact
from .base import Adapter, Delivery
from .history import History, Scan
from .reading import first, mapping, normalised_number, place, text

DESCRIPTION, CODE, TYPE = "ups.description_code", "ups.status_code", "ups.type"
#: The numbers with which UPS' test environment (CIE) sends its mock events.
TEST_PREFIX = "1ZCIETST"
DELIVERED = frozenset({"011", "026"})


class Ups(Adapter):
    """The description code tells most; type D says no more than "about the delivery".

    GMT wins over the local time. UPS' own sample has a scheduled date five years before its
    activity: such an estimate is left out and noted.
    """

    name = "ups"
    label = "UPS Track Alert"
    preset = "ups_v2"
    redact = ("deliveryPhoto",)

    def ordering_key(self, delivery: Delivery) -> str | None:
        return normalised_number(mapping(delivery.payload).get("trackingNumber")) or None

    def parse(self, delivery: Delivery) -> list[CanonicalEvent]:
        body = mapping(delivery.payload)
        status = mapping(body.get("activityStatus"))
        if not status and not body.get("scheduledDeliveryDate"):
            raise UnknownShape("The UPS body holds neither an activity status nor a scheduled date.")
        number = normalised_number(body.get("trackingNumber"))
        history = History(body.get("trackingNumber"), "UPS", is_test=number.startswith(TEST_PREFIX))
        occurred, doubts = _occurred(body)
        scan = _scan(body, status)
        scan.occurred, scan.doubts = occurred, doubts
        history.add(scan)
        history.expect(_scheduled(body, occurred), occurred)
        return history.events()


def _scan(body: dict, status: dict) -> Scan:
    at = mapping(body.get("activityLocation"))
    code = text(status.get("descriptionCode"))
    return Scan(
        codes=[(DESCRIPTION, code), (CODE, text(status.get("code"))), (TYPE, text(status.get("type")))],
        place=place(
            city=at.get("city"),
            state=at.get("stateProvince"),
            postal_code=at.get("postalCode"),
            country=at.get("country"),
        ),
        description=text(status.get("description"), 2000),
        is_delivery=code in DELIVERED,
    )


def _occurred(body: dict) -> tuple[Moment | None, list[str]]:
    local = _compact(body.get("localActivityDate"), body.get("localActivityTime"), body.get("gmtOffset"))
    gmt = _compact(body.get("gmtActivityDate"), body.get("gmtActivityTime"), "Z")
    if not gmt:
        return local, [] if local else ["time_unreadable"]
    raw = " ".join(text(body.get(key)) for key in ("localActivityDate", "localActivityTime")).strip()
    disagree = local and local.offset_known and abs((local.at - gmt.at).total_seconds()) >= 60
    return gmt.model_copy(update={"raw": raw or gmt.raw}), ["local_vs_gmt"] if disagree else []


def _scheduled(body: dict, occurred: Moment | None) -> Moment | None:
    """The promised day or the end of the promised window, in the local time of the destination.

    UPS does not name that zone. The last activity's offset is the nearest there is, and the
    estimate's offset counts as not known.
    """
    end = first(body.get("deliveryEndTime"), body.get("deliveryStartTime"), "235959")
    estimate = _compact(body.get("scheduledDeliveryDate"), end, None, _local_zone(body, occurred))
    return estimate.model_copy(update={"offset_known": False}) if estimate else None


def _local_zone(body: dict, occurred: Moment | None) -> dt.tzinfo | None:
    local = _compact(body.get("localActivityDate"), body.get("localActivityTime"), "Z")
    if not local or not occurred or not occurred.offset_known:
        return None
    difference = local.at - occurred.at
    return dt.timezone(difference) if abs(difference) < dt.timedelta(hours=15) else None


def _compact(date: Any, time: Any, offset: Any, zone: dt.tzinfo | None = None) -> Moment | None:
    try:
        return parse_compact(text(date), text(time), text(offset), zone)
    except ValueError:
        return None
