"""What `make demo` says when Odoo runs, and the events that come in while one looks at it."""

from scripts import demo_feed, settings
from scripts.console import SetupError, say

LOGINS = (
    ("agent", "service agent: answers customers and works their exceptions"),
    ("warehouse", "warehouse lead: sees what is damaged, missing or not collected"),
    ("picker-west", "picker with a handheld: the picking list of the warehouse in the west"),
    ("buyer", "buyer: suppliers' answers and inbound goods"),
    ("coordinator", "coordinator: assigns, links, replays messages"),
    ("manager", "manager: approves, and configures sources and rules"),
    ("admin", "Odoo's administrator (switch to Harbour & Mill Supply at the top right)"),
)
#: What comes from which source.
CARRIES = {"easypost": "UPS parcels", "shippo": "FedEx parcels", "canonical": "DHL parcels, suppliers' answers"}
#: How the sources prove themselves, in a word or two.
SCHEMES = {
    "easypost": "X-Hmac-Signature: HMAC-SHA256 of the body, hex",
    "shippo": "Shippo-Auth-Signature: HMAC-SHA256 of time.body, hex",
    "standard_webhooks": "webhook-signature: Standard Webhooks v1",
}


def print_welcome(base_url):
    """Where to look, as whom, and how to send something."""
    say(_welcome(base_url))


def play_feed(base_url):
    """Post five minutes of carriers' events; ends by itself."""
    say("Carriers begin to report; watch the exceptions as `agent`:")
    try:
        demo_feed.play(base_url)
    except SetupError as error:
        say(f"The feed stopped: {error}")


def _welcome(base_url):
    logins = "\n".join(f"    {login:12} {what}" for login, what in LOGINS)
    sources = "\n".join(_describe(base_url, source) for source in demo_feed.sources().values())
    return f"""
Harbour & Mill Supply is open at {base_url}

Log in with the same word as login and password:
{logins}

Delay a strategic customer's parcel (paste this in another terminal, in this folder):
    {delay_command()}
or the same without Python:
    {curl_command(base_url)}

Sources that may send events (demo keys, never for production):
{sources}

Ctrl-C stops everything.
"""


def _describe(base_url, source):
    return (
        f"    {source['name']} ({CARRIES[source['code']]})\n"
        f"      POST    {base_url}/visibility/v1/sources/{source['code']}/events\n"
        f"      secret  {source['secret']}\n"
        f"      signed  {SCHEMES[source['preset']]}"
    )


def delay_command():
    """The line that sends a delay, as pasted from the project's folder."""
    port = "" if settings.DEMO_PORT == 8069 else f"DEMO_PORT={settings.DEMO_PORT} "
    return f"{port}python3 -m scripts.demo_feed delay"


def curl_command(base_url):
    """A line that does the same with nothing but curl and openssl, and how EasyPost signs."""
    source, number = demo_feed.sources()["easypost"], demo_feed.story.DELAY_ME
    return (
        """now=$(date -u +%FT%TZ); body='{"id":"evt_'$(date +%s)'","object":"Event","mode":"test","""
        """"description":"tracker.updated","result":{"object":"Tracker","mode":"test","carrier":"UPS","""
        f""""tracking_code":"{number}","status":"in_transit","status_detail":"delayed","""
        """"updated_at":"'$now'","tracking_details":[{"object":"TrackingDetail","status":"in_transit","""
        """"status_detail":"delayed","message":"A late trailer has delayed delivery","datetime":"'$now'"}]}}'; """
        f"""curl -sSi -w '\\n' --data-binary "$body" -H 'Content-Type: application/json' """
        f"""-H "X-Hmac-Signature: hmac-sha256-hex=$(printf %s "$body" | openssl dgst -sha256 """
        f"""-hmac '{source["secret"]}' | sed 's/^.* //')" {base_url}/visibility/v1/sources/{source["code"]}/events"""
    )
