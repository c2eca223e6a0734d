"""The other side of the demo's events: a receiver on this machine that checks each signature and says what it was told.

It is what n8n or a customer's system would be. Standard library only.
"""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
import xmlrpc.client
from xml.etree import ElementTree

from scripts import databases, settings
from scripts.console import say

HOST = "127.0.0.1"
DATA = settings.ROOT / "distribution_visibility" / "demo" / "respond.xml"
LONGEST_BODY = 100_000
#: Seconds that a signed time may be away from ours (Standard Webhooks 1.0).
TOLERANCE = 300


def secret():
    """The demo's signing key, as its data file has it."""
    fields = ElementTree.parse(DATA).getroot().iter("field")
    return next(field.text for field in fields if field.get("name") == "secret")


def is_genuine(headers, body, now=None):
    """Whether our Odoo signed this body, lately: HMAC-SHA256 of ``id.time.body`` (Standard Webhooks 1.0)."""
    event, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not moment.isdecimal() or abs(int(moment) - (now or time.time())) > TOLERANCE:
        return False
    key = base64.b64decode(secret().removeprefix("whsec_"))
    digest = hmac.new(key, f"{event}.{moment}.".encode() + body, hashlib.sha256).digest()
    wanted = f"v1,{base64.b64encode(digest).decode()}"
    return any(hmac.compare_digest(wanted, one) for one in headers.get("webhook-signature", "").split())


def describe(body):
    """One event in a line: its type, and what it is about (docs/respond/events-out.md has the bodies)."""
    event = json.loads(body)
    data = event["data"]
    about = data.get("number") or data.get("tracking_number") or data.get("document", {}).get("name", "")
    return f"{event['type']:22}{about:20}{_tell_more(data)}".rstrip()


def _tell_more(data):
    if "is_at_risk" in data:
        return f"at risk, {data['severity']}" if data["is_at_risk"] else "not at risk any more"
    if "category" in data:
        documents = ", ".join(one["name"] for one in data["documents"])
        return f"{data['category']}, {data['severity']}, {documents}"
    return f"expected {data['eta']}" if data.get("eta") else ""


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as a receiver should: at once, 204 when it is ours, 401 when it is not."""

    def do_POST(self):
        """Check, say and answer."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LONGEST_BODY))
        genuine = is_genuine(self.headers, body)
        if genuine:
            say(f"  {time.strftime('%H:%M:%S')}  told {describe(body)}")
        self.send_response(204 if genuine else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments):
        """Nothing: each event has its line."""


def listen(base_url):
    """Receive on a free port until the demo ends, and have Odoo send there."""
    server = http.server.HTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        subscribe(base_url, server.server_address[1])
    except (OSError, xmlrpc.client.Error) as error:
        say(f"Nobody is told of events in this demo: {error}")


def subscribe(base_url, port):
    """Point the demo's subscription at the port and switch it on, as an administrator would."""
    login = "admin"
    user = xmlrpc.client.ServerProxy(f"{base_url}/xmlrpc/2/common").authenticate(databases.DEMO, login, login, {})
    proxy = xmlrpc.client.ServerProxy(f"{base_url}/xmlrpc/2/object")

    def call(model, method, *arguments):
        return proxy.execute_kw(databases.DEMO, user, login, model, method, list(arguments))

    def find(name):
        domain = [("module", "=", "distribution_visibility"), ("name", "=", name)]
        return [row["res_id"] for row in call("ir.model.data", "search_read", domain, ["res_id"])]

    call("visibility.internal.address", "write", find("demo_internal_address"), {"port": port})
    values = {"url": f"http://{HOST}:{port}/events", "state": "active", "failures": 0, "rests_until": False}
    call("visibility.subscription", "write", find("demo_subscription"), values)
