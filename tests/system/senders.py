"""Senders: what carriers do, over real HTTP. Each keeps its connection, as providers do."""

import hashlib
import hmac
import http.client
import json
import threading
import time
import unicodedata
import uuid
from dataclasses import dataclass

from system_values import SECRETS

from distribution_visibility.lib.ingest.verification.signing import sign_headers

#: Times are worked out once, so that a body that is sent again is the same.
STARTED = time.time()
LOST_CONNECTION = (OSError, http.client.HTTPException)


@dataclass
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


def _hours(hours, minutes=0):
    """So long after these tests began, as carriers write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(STARTED + hours * 3600 + minutes * 60))


def easypost_delay(number, event_id=None, minute=0):
    """EasyPost's `tracker.updated` for a parcel that is held up by the weather until after the promise.

    :param minute: minutes by which the delay was reported later, to make it another fact
    """
    origin = {"city": "Columbus", "state": "OH", "country": "US", "zip": "43004"}
    here = {"city": "Toledo", "state": "OH", "country": "US", "zip": "43604"}
    scans = [
        ("Picked up", "received_at_origin_facility", _hours(-20), origin),
        ("Severe weather delays delivery", "delayed", _hours(-3, minute), here),
    ]
    tracker = {
        "id": "trk_1", "object": "Tracker", "mode": "production", "tracking_code": number,
        "status": "in_transit", "status_detail": "delayed", "carrier": "UPS",
        "est_delivery_date": _hours(72), "updated_at": _hours(-2),
        "tracking_details": [
            {
                "object": "TrackingDetail", "message": message, "status": "in_transit",
                "status_detail": detail, "datetime": at, "tracking_location": place,
            }
            for message, detail, at, place in scans
        ],
    }  # fmt: skip
    event = {"id": event_id or f"evt_{uuid.uuid4().hex}", "object": "Event", "mode": "production"}
    return json.dumps({**event, "description": "tracker.updated", "result": tracker}).encode()


def canonical_delay(number, index=0, category="delayed_in_transit"):
    """Our own language: one fact, told apart by ``index``."""
    data = {"tracking_number": number, "carrier": "UPS", "occurred_at": _hours(-3)}
    data |= {"category": category, "description": f"Held up ({index})"}
    return json.dumps({"id": f"fact-{number}-{index}", "type": "shipment.exception", "data": data}).encode()


def easypost_headers(body, secret=SECRETS["easypost"]):
    """EasyPost's signature: hex HMAC-SHA256 with the NFKD form of the secret."""
    key = unicodedata.normalize("NFKD", secret).encode()
    return {"X-Hmac-Signature": "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()}


def standard_headers(body, source, event_id=None):
    """Standard Webhooks' three headers."""
    return sign_headers(event_id or f"msg_{uuid.uuid4().hex}", int(time.time()), body, [SECRETS[source]])


class Sender:
    """Sends to one server; each thread has a connection of its own.

    :param ports: ports of the Odoo nodes, used in turn after a connection was lost
    """

    def __init__(self, *ports):
        self.ports, self._local = ports, threading.local()

    def post(self, source, body, headers):
        """One request. Raises one of LOST_CONNECTION when there is no answer."""
        path = f"/visibility/v1/sources/{source}/events"
        connection = self._connection()
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers.items()), response.read())
        except LOST_CONNECTION:
            self.hang_up()
            raise

    def easypost(self, body, **options):
        return self.post("easypost", body, easypost_headers(body, **options))

    def standard(self, source, body, event_id=None):
        return self.post(source, body, standard_headers(body, source, event_id))

    def insist(self, source, body, event_id, seconds=90):
        """Send as a good sender does: again, with the same id, until it is answered 2xx."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                answer = self.standard(source, body, event_id)
                if answer.status < 300:
                    return answer
                # while its database is away, Odoo itself answers 404 to everything, as a page
                refused = answer.status < 429 and answer.headers["Content-Type"] == "application/problem+json"
                assert not refused, f"{answer.status}: {answer.body!r}"
            except LOST_CONNECTION:
                self._turn()
            time.sleep(0.1)
        raise AssertionError(f"{event_id} was not accepted within {seconds} s")

    def _connection(self):
        if getattr(self._local, "connection", None) is None:
            self._local.turn = getattr(self._local, "turn", threading.get_ident())
            port = self.ports[self._local.turn % len(self.ports)]
            self._local.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        return self._local.connection

    def _turn(self):
        self._local.turn = getattr(self._local, "turn", 0) + 1

    def hang_up(self):
        """Close this thread's connection."""
        connection, self._local.connection = getattr(self._local, "connection", None), None
        if connection:
            connection.close()


def raw(port, request, half_close=False, timeout=10):
    """Send bytes as they are; give all that comes back until the server hangs up."""
    import socket

    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(request)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
                if _is_complete(answer):
                    break
        except ConnectionResetError:
            pass
    return answer


def _is_complete(answer):
    head, blank, body = answer.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(blank and lengths and len(body) >= int(lengths[0].split(b":")[1]))
