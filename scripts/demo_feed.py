"""Signed events of carriers for the demo, posted as the carriers would.

    python3 -m scripts.demo_feed delay [NUMBER]   one parcel is delayed, now
    python3 -m scripts.demo_feed play             five minutes of a carrier's day

Standard library only. ``--url`` names another Odoo than the one of ``make demo``.
"""

import argparse
import base64
import datetime as dt
import hashlib
import hmac
import importlib.util
import json
import sys
import time
import unicodedata
import urllib.error
import urllib.request
import xmlrpc.client
from xml.etree import ElementTree

from scripts import databases, settings
from scripts.console import SetupError, guarded, say

DEMO = settings.ROOT / "distribution_visibility" / "demo"
#: Seconds to wait for an answer, and between two events of the feed.
TIMEOUT = LONGEST_PAUSE = 10


def _load(name):
    """A file of the demo data that needs no Odoo (its package does)."""
    spec = importlib.util.spec_from_file_location(f"demo_{name}", DEMO / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


story, carrier_bodies = _load("story"), _load("carrier_bodies")


# ---------------------------------------------------------------------- keys and signatures
def sources():
    """The demo's sources: code to name, scheme and secret, as its data file has them."""
    root = ElementTree.parse(DEMO / "sources.xml").getroot()
    fields = {record.get("id"): {field.get("name"): field for field in record} for record in root.iter("record")}
    found = {}
    for values in fields.values():
        if "secret" in values:
            source = fields[values["source_id"].get("ref")]
            texts = {name: source[name].text for name in ("name", "code", "preset")}
            found[texts["code"]] = {**texts, "secret": values["secret"].text}
    return found


def sign_easypost(secret, raw, _event_id, _now):
    """HMAC-SHA256 of the body, in hex; the secret in Unicode NFKD (EasyPost's client libraries)."""
    key = unicodedata.normalize("NFKD", secret).encode()
    return {"X-Hmac-Signature": f"hmac-sha256-hex={hmac.new(key, raw, hashlib.sha256).hexdigest()}"}


def sign_shippo(secret, raw, _event_id, now):
    """HMAC-SHA256 of ``time.body``, in hex, beside the time (docs.goshippo.com, webhook security)."""
    digest = hmac.new(secret.encode(), f"{now}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"Shippo-Auth-Signature": f"t={now},v1={digest}"}


def sign_standard_webhooks(secret, raw, event_id, now):
    """HMAC-SHA256 of ``id.time.body``, in base64; the key is the secret's base64 (Standard Webhooks 1.0)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{now}.".encode() + raw, hashlib.sha256).digest()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


SIGN = {"easypost": sign_easypost, "shippo": sign_shippo, "standard_webhooks": sign_standard_webhooks}


# ---------------------------------------------------------------------- posting
def prepare(base_url, code, body, now=None):
    """The signed request that this source would send with this body.

    :param now: Unix seconds that are signed where the scheme signs a time
    """
    source = sources()[code]
    raw = json.dumps(body).encode()
    headers = SIGN[source["preset"]](source["secret"], raw, body.get("id", ""), int(now or time.time()))
    return urllib.request.Request(
        f"{base_url}/visibility/v1/sources/{code}/events",
        data=raw,
        headers={"Content-Type": "application/json", **headers},
    )


def post(base_url, code, body):
    """Send it; give the status of the answer.

    :raises SetupError: when nobody answers there
    """
    try:
        with urllib.request.urlopen(prepare(base_url, code, body), timeout=TIMEOUT) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        raise SetupError(f"Nobody answers at {base_url}: start the demo with `make demo` first ({error}).") from None


# ---------------------------------------------------------------------- the two commands
def send_delay(base_url, number=story.DELAY_ME):
    """One parcel is late: what its carrier's aggregator would post."""
    parcel = story.get_parcel(number)
    code = {"easypost": "in_transit/delayed", "shippo": "TRANSIT/delayed"}.get(
        parcel.source, "exception/delayed_in_transit"
    )
    now = _now()
    scan = carrier_bodies.Scan(now, code, "Cheyenne, WY, US", "A mechanical failure has delayed delivery")
    body = carrier_bodies.build(parcel.source, parcel.carrier, number, [scan], now + dt.timedelta(hours=80))
    status = post(base_url, parcel.source, body)
    say(f"{status}: {parcel.source} says that {number} is delayed. See {base_url}/odoo/visibility-exceptions")
    say("(Told again, it counts up on the same exception.)")
    return 0 if status < 300 else 1


def play(base_url):
    """Post the feed at its own pace, about one event in eight seconds for five minutes, then end.

    A demo that was played before goes on with the parcels that were not delivered then.
    """
    delivered, scans, last = _delivered(base_url), {}, 0
    left = [news for news in story.FEED if news.number not in delivered]
    for news in left:
        time.sleep(min(news.when - last, LONGEST_PAUSE))
        last = news.when
        _report(news, _post_news(base_url, news, scans.setdefault(news.number, [])))
    if left:
        say("The feed has ended. `python3 -m scripts.demo_feed delay` still works.")
    else:
        say("All parcels of the feed are delivered; `make clean` and `make demo` begin the story again.")


def _post_news(base_url, news, scans):
    """Aggregators send the scans before it again, so ours do."""
    now, parcel = _now(), story.get_parcel(news.number)
    scans.append(carrier_bodies.Scan(now, news.code, news.place, news.text))
    eta = None if news.eta is None else now + dt.timedelta(hours=news.eta)
    body = carrier_bodies.build(parcel.source, parcel.carrier, news.number, scans, eta, news.signed_by)
    return post(base_url, parcel.source, body)


def _report(news, status):
    parcel = story.get_parcel(news.number)
    say(f"  {time.strftime('%H:%M:%S')}  {status}  {parcel.carrier:11} {news.number:18}  {news.text}, {news.place}")


def _delivered(base_url):
    """Numbers that an earlier run brought to their door; empty if Odoo will not say."""
    login = "coordinator"
    try:
        user = xmlrpc.client.ServerProxy(f"{base_url}/xmlrpc/2/common").authenticate(databases.DEMO, login, login, {})
        rows = xmlrpc.client.ServerProxy(f"{base_url}/xmlrpc/2/object").execute_kw(
            databases.DEMO, user, login, "visibility.shipment", "search_read",
            [[("delivered_at", "!=", False)]], {"fields": ["number"]},
        )  # fmt: skip
    except (OSError, xmlrpc.client.Error):
        return set()
    return {row["number"] for row in rows}


def _now():
    return dt.datetime.now(dt.timezone.utc).replace(microsecond=0)


def main(arguments):
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(
        prog="python3 -m scripts.demo_feed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["delay", "play"])
    parser.add_argument("number", nargs="?", default=story.DELAY_ME)
    parser.add_argument("--url", default=f"http://127.0.0.1:{settings.DEMO_PORT}")
    options = parser.parse_args(arguments)
    return send_delay(options.url, options.number) if options.command == "delay" else play(options.url)


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
