"""What carriers and suppliers would post, built from a few words for each scan.

Standard library only and no Odoo: the demo data and scripts/demo_feed.py both use it.
"""

import datetime as dt
import hashlib
from typing import NamedTuple


class Scan(NamedTuple):
    """One scan. ``code`` is ``status/detail`` in the words of the source; ``at`` is UTC."""

    at: dt.datetime
    code: str
    place: str = ""
    text: str = ""


def build(source, carrier, number, scans, eta=None, signed_by=""):
    """The body that a source posts after the last of these scans.

    :param source: the source's code, which is also the name of the builder below
    :param scans: all scans so far, oldest first (aggregators send the history again each time)
    :param eta: when the carrier now expects to deliver (UTC), if this message says so
    """
    return BUILDERS[source](carrier, number, scans, eta, signed_by)


def build_easypost(carrier, number, scans, eta, signed_by):
    """An EasyPost Event about a Tracker (docs.easypost.com/docs/trackers)."""
    last = scans[-1]
    status, detail = last.code.split("/")
    return {
        "id": f"evt_{_digest(number, last)}",
        "object": "Event",
        "mode": "test",
        "description": "tracker.updated",
        "created_at": _text(last.at),
        "status": "pending",
        "result": {
            "id": f"trk_{_digest(number)}",
            "object": "Tracker",
            "mode": "test",
            "tracking_code": number,
            "carrier": carrier,
            "status": status,
            "status_detail": detail,
            "updated_at": _text(last.at),
            "signed_by": signed_by or None,
            "est_delivery_date": _text(eta) if eta else None,
            "tracking_details": [_easypost_detail(scan) for scan in scans],
        },
    }


def _easypost_detail(scan):
    status, detail = scan.code.split("/")
    return {
        "object": "TrackingDetail",
        "message": scan.text,
        "status": status,
        "status_detail": detail,
        "datetime": _text(scan.at),
        "tracking_location": {"object": "TrackingLocation", **_address(scan.place), "zip": None},
    }


def build_shippo(carrier, number, scans, eta, _signed_by):
    """A Shippo ``track_updated`` (docs.goshippo.com/docs/tracking/webhooks)."""
    history = [_shippo_status(number, scan) for scan in scans]
    return {
        "event": "track_updated",
        "test": True,
        "data": {
            "carrier": carrier,
            "tracking_number": number,
            "eta": _text(eta) if eta else None,
            "tracking_status": history[-1],
            "tracking_history": history,
        },
    }


def _shippo_status(number, scan):
    status, detail = scan.code.split("/")
    return {
        "object_id": _digest(number, scan),
        "object_updated": _text(scan.at),
        "status": status,
        "substatus": {"code": detail, "text": scan.text, "action_required": False} if detail else None,
        "status_details": scan.text,
        "status_date": _text(scan.at),
        "location": {**_address(scan.place), "zip": None},
    }


def build_canonical(carrier, number, scans, eta, signed_by):
    """One event in the suite's own form; ``code`` is ``milestone/<code>`` or ``exception/<code>``."""
    last = scans[-1]
    kind, code = last.code.split("/")
    data = {
        "tracking_number": number,
        "carrier": carrier,
        "milestone" if kind == "milestone" else "category": code,
        "occurred_at": _text(last.at),
        "location": {name: value for name, value in _address(last.place).items() if value},
        "description": last.text,
    }
    data |= {"eta": _text(eta)} if eta else {}
    data |= {"signed_by": signed_by} if signed_by else {}
    return {
        "id": f"hub-{_digest(number, last)}",
        "type": f"shipment.{kind}",
        "timestamp": _text(last.at),
        "data": data,
    }


def build_order_response(order, supplier, status, note, at, promised=None):
    """A supplier's answer to a purchase order, in the suite's own form."""
    line = {"line": "1", "status": status, "reason": note} | ({"promised_at": _text(promised)} if promised else {})
    return {
        "id": f"hub-{_digest(order, status, at)}",
        "type": "supplier.order_response",
        "timestamp": _text(at),
        "data": {
            "order": order,
            "supplier": supplier,
            "status": status,
            "responded_at": _text(at),
            "note": note,
            "lines": [line],
        },
    }


BUILDERS = {"easypost": build_easypost, "shippo": build_shippo, "canonical": build_canonical}


def _text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(*parts):
    """An id that is the same for the same event, however often the body is built."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _address(place):
    """``Toledo, OH, US`` or ``Oslo, NO`` in the fields that both aggregators use."""
    city, *middle, country = [part.strip() for part in place.split(",")] if place else ["", ""]
    return {"city": city or None, "state": middle[0] if middle else None, "country": country or None}
