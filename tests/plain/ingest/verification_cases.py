"""One authentic request for every scheme, to be spoilt in every way."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from distribution_visibility.lib.ingest.verification import (
    Key,
    Scheme,
    SignedRequest,
    get_preset_scheme,
)
from distribution_visibility.lib.ingest.verification.signing import sign_headers, sign_hmac_body

NOW = 1_780_000_000
BODY = '{"event":"tracker.updated","ort":"Zürich 東京","n":[1,2],"c":"\\u0007"}'.encode()


@dataclass(frozen=True)
class Case:
    """``headers`` prove ``BODY`` to ``scheme`` with ``secret`` at ``NOW``."""

    scheme: Scheme
    secret: str
    headers: dict[str, str]
    path_token: str = ""

    def request(self, body: bytes = BODY, headers: dict | None = None, token: str | None = None) -> SignedRequest:
        """The request, with a part of it replaced."""
        headers = self.headers if headers is None else headers
        listed = {name: value if isinstance(value, list) else [value] for name, value in headers.items()}
        return SignedRequest(body, listed, self.path_token if token is None else token, "192.0.2.7")

    def verify(self, request: SignedRequest | None = None, secret: str | None = None, now: float = NOW):
        """Check it as the receiver does."""
        key = Key("key-1", self.secret if secret is None else secret)
        return self.scheme.verify(request or self.request(), [key], now)


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED25519_KEY = ed25519.Ed25519PrivateKey.generate()


def rsa_pem(key=RSA_KEY) -> str:
    """A public key as a person would paste it."""
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def rsa_jwks(kid: str = "kid-1", key=RSA_KEY, **changes) -> str:
    """A JWKS document with that key and one of another kind."""
    numbers = key.public_key().public_numbers()
    member = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid}
    member |= {"n": _base64_url(numbers.n), "e": _base64_url(numbers.e)} | changes
    other = {"kty": "EC", "kid": kid, "crv": "P-256", "x": "AA", "y": "AA"}
    return json.dumps({"keys": [other, {name: value for name, value in member.items() if value is not None}]})


def _base64_url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def rsa_headers(body: bytes = BODY, timestamp: str = str(NOW), kid: str = "kid-1", key=RSA_KEY) -> dict[str, str]:
    """The three headers as ShipEngine sends them."""
    signature = key.sign(timestamp.encode() + b"." + body, padding.PKCS1v15(), hashes.SHA256())
    return {
        "x-shipengine-rsa-sha256-key-id": kid,
        "x-shipengine-rsa-sha256-signature": base64.b64encode(signature).decode(),
        "x-shipengine-timestamp": timestamp,
    }


def ed25519_secrets(key=ED25519_KEY) -> tuple[str, str]:
    """Private (whsk_) and public (whpk_) key in text."""
    raw = serialization.Encoding.Raw
    private = key.private_bytes(raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    public = key.public_key().public_bytes(raw, serialization.PublicFormat.Raw)
    return "whsk_" + base64.b64encode(private).decode(), "whpk_" + base64.b64encode(public).decode()


def jwt(claims: dict, secret: str, algorithm: str = "HS256", **head) -> str:
    """A token as Easyship's signature header holds."""
    parts = [json.dumps({"alg": algorithm, "typ": "JWT"} | head), json.dumps(claims)]
    content = ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)
    digest = hmac.new(secret.encode(), content.encode(), hashlib.sha256).digest()
    return f"{content}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _make_cases() -> dict[str, Case]:
    standard = get_preset_scheme("standard_webhooks")
    secret, text = standard.new_secret(), "sécret-of-a-sender-27"
    private, public = ed25519_secrets()
    cases = {
        "standard_webhooks v1": Case(standard, secret, sign_headers("msg_1", NOW, BODY, [secret])),
        "standard_webhooks v1a": Case(standard, public, sign_headers("msg_1", NOW, BODY, [private])),
        "shipengine pem": Case(get_preset_scheme("shipengine"), rsa_pem(), rsa_headers()),
        "shipengine jwks": Case(get_preset_scheme("shipengine"), rsa_jwks(), rsa_headers()),
        "seventeentrack": Case(
            get_preset_scheme("seventeentrack"),
            text,
            {"sign": hashlib.sha256(BODY + b"/" + text.encode()).hexdigest()},
        ),
        "easyship": Case(get_preset_scheme("easyship"), text, {"x-easyship-signature": jwt({"exp": NOW + 60}, text)}),
        "bearer": Case(get_preset_scheme("bearer"), "token-of-16-chars", {"authorization": "Bearer token-of-16-chars"}),
        "ups_v1": Case(get_preset_scheme("ups_v1"), "token-of-16-chars", {"credential": "token-of-16-chars"}),
        "dhl_push": Case(get_preset_scheme("dhl_push"), "token-of-16-chars", {"x-api-key": "token-of-16-chars"}),
        "unsigned": Case(get_preset_scheme("unsigned"), "token-of-24-characters-or", {}, "token-of-24-characters-or"),
    }
    for preset in ("easypost", "aftership", "aftership_returns", "shippo", "fedex", "shopify", "sendcloud"):
        cases[preset] = Case(get_preset_scheme(preset), text, sign_hmac_body(BODY, text, preset, NOW))
    shared = base64.b64encode(bytes(range(32))).decode()
    cases["dcsa"] = Case(get_preset_scheme("dcsa"), shared, sign_hmac_body(BODY, shared, "dcsa"))
    return cases


CASES = _make_cases()
SIGNED = {name: case for name, case in CASES.items() if case.scheme.signs_body}
TIMED = {"standard_webhooks v1", "standard_webhooks v1a", "shipengine pem", "shipengine jwks", "shippo"}
