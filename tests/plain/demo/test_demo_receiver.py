"""The demo's receiver: it believes what our Odoo signed, and says what it was told."""

import datetime as dt
import json
import threading
import urllib.error
import urllib.request

import pytest
import standardwebhooks

from scripts import demo_receiver

OPENED = {
    "type": "exception.opened",
    "timestamp": "2026-11-02T08:00:00Z",
    "data": {
        "number": "EXC/2026/00007",
        "category": "delayed_in_transit",
        "severity": "warning",
        "documents": [{"name": "S10235"}, {"name": "WEST/OUT/00001"}],
    },
}


def _sign(body, moment=None):
    """As a library signs that knows nothing of us."""
    moment = moment or dt.datetime.now(dt.timezone.utc)
    signature = standardwebhooks.Webhook(demo_receiver.secret()).sign("msg_1", moment, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }


@pytest.fixture
def address():
    """Where a receiver listens."""
    server = demo_receiver.http.server.HTTPServer((demo_receiver.HOST, 0), demo_receiver.Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{demo_receiver.HOST}:{server.server_address[1]}/events"
    server.shutdown()
    server.server_close()


def _post(address, body, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=body, headers=headers), timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_signed_event_is_taken_and_said_in_one_line(address, capsys):
    body = json.dumps(OPENED).encode()
    assert _post(address, body, _sign(body)) == 204
    text = capsys.readouterr().out
    assert "exception.opened" in text
    assert "EXC/2026/00007" in text
    assert "delayed_in_transit, warning, S10235, WEST/OUT/00001" in text


def test_what_was_changed_on_the_way_is_refused_and_not_said(address, capsys):
    body = json.dumps(OPENED).encode()
    assert _post(address, body.replace(b"warning", b"blocking"), _sign(body)) == 401
    assert _post(address, body, {}) == 401
    assert capsys.readouterr().out == ""


def test_what_was_signed_an_hour_ago_is_refused(address):
    body = json.dumps(OPENED).encode()
    assert _post(address, body, _sign(body, dt.datetime.now(dt.timezone.utc) - dt.timedelta(hours=1))) == 401


def test_a_document_that_is_no_more_at_risk_is_said_to_be_so():
    data = {"document": {"name": "S10233"}, "is_at_risk": False, "severity": None}
    assert "S10233" in demo_receiver.describe(json.dumps({"type": "order.at_risk", "data": data}))
    assert demo_receiver.describe(json.dumps({"type": "order.at_risk", "data": data})).endswith("not at risk any more")
