"""How known senders prove themselves: scheme and options by provider.

What is not said by the provider's own documentation says so in ``note``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .primitives import TOLERANCE


@dataclass(frozen=True)
class Preset:
    """One sender's way. ``find_secret`` is one line for the person who sets the source up."""

    label: str
    scheme: str
    find_secret: str
    options: Mapping[str, Any] = field(default_factory=dict)
    #: False when a secret of our own making may be given to the sender ("Generate" makes sense).
    provider_issues_secret: bool = True
    note: str = ""


PRESETS: Mapping[str, Preset] = {
    "standard_webhooks": Preset(
        label="Standard Webhooks",
        scheme="standard_webhooks",
        options={"tolerance": TOLERANCE},
        find_secret="Generate a secret and give it to the sender, or paste the sender's whsec_ or whpk_ key.",
        provider_issues_secret=False,
    ),
    "easypost": Preset(
        label="EasyPost",
        scheme="hmac_body",
        options={"header": "x-hmac-signature", "prefix": "hmac-sha256-hex=", "secret_form": "nfkd"},
        find_secret="The webhook secret that you set when creating the webhook in EasyPost.",
        provider_issues_secret=False,
    ),
    "aftership": Preset(
        label="AfterShip Tracking",
        scheme="hmac_body",
        options={"header": "aftership-hmac-sha256", "encoding": "base64"},
        find_secret="AfterShip Tracking, Settings, Webhooks (or Notifications): webhook secret.",
    ),
    "aftership_returns": Preset(
        label="AfterShip Returns or Warranty",
        scheme="hmac_body",
        options={"header": "as-signature-hmac-sha256", "encoding": "base64"},
        find_secret="AfterShip Returns, Settings, Webhooks: webhook secret.",
        note="Organizations from before 2022-10-25 send am-webhook-signature with hmac-sha256= before it.",
    ),
    "shippo": Preset(
        label="Shippo with HMAC",
        scheme="hmac_body",
        options={
            "header": "shippo-auth-signature",
            "signed_text": "{timestamp}.{body}",
            "timestamp_field": "t",
            "signature_field": "v1",
            "tolerance": TOLERANCE,
        },
        find_secret="Shippo enables HMAC on request and gives the secret; else use the unsigned preset.",
    ),
    "shipengine": Preset(
        label="ShipEngine, ShipStation API",
        scheme="rsa_keys",
        options={"tolerance": TOLERANCE},
        find_secret="Paste the document at https://api.shipengine.com/jwks; again when keys are rotated.",
    ),
    "seventeentrack": Preset(
        label="17TRACK",
        scheme="plain_hash",
        options={"header": "sign"},
        find_secret="17TRACK API, Settings, Security: the API key.",
        note="As open-source receivers do it; not checked against 17TRACK's own text.",
    ),
    "fedex": Preset(
        label="FedEx Advanced Integrated Visibility",
        scheme="hmac_body",
        options={"header": "fdx-signature", "encoding": "base64"},
        find_secret="The security token that you set when creating the webhook at FedEx.",
        provider_issues_secret=False,
        note="FedEx's sample gives base64, its prose speaks of hex: set encoding to hex if all are refused.",
    ),
    "ups_v1": Preset(
        label="UPS Track Alert v1",
        scheme="bearer",
        options={"header": "credential", "prefix": ""},
        find_secret="The credential that you set in the UPS Track Alert subscription.",
        provider_issues_secret=False,
        note="The body is not signed.",
    ),
    "ups_v2": Preset(
        label="UPS Track Alert v2",
        scheme="bearer",
        find_secret="The access token that the token address of your subscription gives to UPS.",
        provider_issues_secret=False,
        note="The body is not signed. UPS fetches the token from a token address of yours (a gateway).",
    ),
    "dhl_push": Preset(
        label="DHL Push",
        scheme="bearer",
        options={"header": "x-api-key", "prefix": ""},
        find_secret="Header and token that you set in the DHL subscription; set the header's name.",
        provider_issues_secret=False,
        note="The body is not signed. DHL's divisions differ.",
    ),
    "dcsa": Preset(
        label="DCSA Track and Trace (ocean carriers)",
        scheme="hmac_body",
        options={"header": "notification-signature", "prefix": "sha256=", "secret_form": "base64"},
        find_secret="The secret (base64) that you set when subscribing at the carrier.",
        provider_issues_secret=False,
    ),
    "shopify": Preset(
        label="Shopify",
        scheme="hmac_body",
        options={"header": "x-shopify-hmac-sha256", "encoding": "base64"},
        find_secret="Shopify admin, Settings, Notifications, Webhooks; for an app: its client secret.",
    ),
    "sendcloud": Preset(
        label="Sendcloud",
        scheme="hmac_body",
        options={"header": "sendcloud-signature"},
        find_secret="Sendcloud, Settings, Integrations: the integration's secret key.",
    ),
    "easyship": Preset(
        label="Easyship",
        scheme="token_signature",
        options={"header": "x-easyship-signature", "tolerance": TOLERANCE},
        find_secret="Easyship, Connect, Webhooks: the secret key that begins with webh_.",
        note="The token is not bound to the body, so the body is not signed.",
    ),
    "bearer": Preset(
        label="Token in the Authorization header",
        scheme="bearer",
        find_secret="Generate a token and give it to the sender.",
        provider_issues_secret=False,
        note="The body is not signed.",
    ),
    "unsigned": Preset(
        label="Secret address (unsigned)",
        scheme="unsigned",
        find_secret="Generate a token; it becomes the last part of the address that you give to the sender.",
        provider_issues_secret=False,
        note="Neither sender nor body are proven: what it says needs a person.",
    ),
}
