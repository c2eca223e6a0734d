"""What is particular to single schemes and providers."""

import base64
import hashlib
import hmac
import json

import pytest
import verification_cases as cases
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from verification_cases import BODY, CASES, NOW

from distribution_visibility.lib.base.errors import ConfigurationError, VerificationError
from distribution_visibility.lib.ingest.verification import (
    PRESETS,
    Key,
    SignedRequest,
    get_preset_scheme,
    get_scheme,
    is_allowed,
    parse_networks,
)
from distribution_visibility.lib.ingest.verification.signing import sign, sign_headers, sign_hmac_body

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def _standard(headers, keys, body=BODY, now=NOW, options=None):
    request = SignedRequest(body, {name: [value] for name, value in headers.items()})
    return get_scheme("standard_webhooks", options).verify(request, [Key(key[:12], key) for key in keys], now)


# Standard Webhooks


def test_the_published_example_of_standard_webhooks_verifies():
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    body = b'{"test": 2432232314}'
    verified = _standard(headers, [SECRET], body, 1614265330)
    assert verified.event_id == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert sign(verified.event_id, 1614265330, body, SECRET) == headers["webhook-signature"]


def test_the_reference_library_accepts_what_we_sign_and_we_what_it_signs():
    library = pytest.importorskip("standardwebhooks")
    import datetime as dt

    reference, now = library.Webhook(SECRET), dt.datetime.now(dt.timezone.utc)
    seconds = int(now.timestamp())
    assert reference.verify(BODY.decode(), sign_headers("msg_1", seconds, BODY, [SECRET]))
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(seconds)}
    headers["webhook-signature"] = reference.sign("msg_1", now, BODY.decode())
    assert _standard(headers, [SECRET], now=seconds).event_id == "msg_1"


def test_an_event_id_that_was_not_signed_is_refused():
    headers = sign_headers("msg_1", NOW, BODY, [SECRET])
    with pytest.raises(VerificationError):
        _standard(headers | {"webhook-id": "msg_2"}, [SECRET])


def test_a_secret_may_come_without_its_prefix_and_without_padding():
    padded = "whsec_" + base64.b64encode(b"k" * 25).decode()
    headers = sign_headers("msg_1", NOW, BODY, [padded])
    for secret in (padded, padded.rstrip("="), padded.removeprefix("whsec_")):
        assert _standard(headers, [secret])
        get_scheme("standard_webhooks").check_secret(secret)


def test_during_rotation_any_of_the_senders_signatures_may_match_any_of_our_keys():
    scheme = get_scheme("standard_webhooks")
    old, new, other = scheme.new_secret(), scheme.new_secret(), scheme.new_secret()
    headers = sign_headers("msg_1", NOW, BODY, [new, old])
    assert _standard(headers, [old]) and _standard(headers, [new]) and _standard(headers, [other, old])
    with pytest.raises(VerificationError):
        _standard(headers, [other])


def test_an_ed25519_signature_needs_no_shared_secret():
    private, public = cases.ed25519_secrets()
    headers = sign_headers("msg_1", NOW, BODY, [private])
    assert headers["webhook-signature"].startswith("v1a,")
    assert _standard(headers, [public]).event_id == "msg_1"
    _private, stranger = cases.ed25519_secrets(ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(VerificationError):
        _standard(headers, [stranger])


def test_a_public_key_cannot_be_used_as_a_shared_secret():
    # Whoever knows the public key could otherwise sign with it (key confusion).
    _private, public = cases.ed25519_secrets()
    forged = sign("msg_1", NOW, BODY, "whsec_" + public.removeprefix("whpk_"))
    headers = sign_headers("msg_1", NOW, BODY, [SECRET]) | {"webhook-signature": forged}
    with pytest.raises(VerificationError):
        _standard(headers, [public])


def test_a_signature_counts_only_for_the_algorithm_that_it_names():
    headers = sign_headers("msg_1", NOW, BODY, [SECRET])
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v1a,")
    with pytest.raises(VerificationError):
        _standard(headers, [SECRET])
    private, _public = cases.ed25519_secrets()
    headers = sign_headers("msg_1", NOW, BODY, [private.replace("whsk_", "whsec_")])
    with pytest.raises(VerificationError):
        _standard(headers, [private])


def test_signatures_of_unknown_versions_are_passed_over():
    headers = sign_headers("msg_1", NOW, BODY, [SECRET])
    good = headers["webhook-signature"]
    for text in (f"v2,abc {good}", f"{good} v9,!!", f"v1,!! {good}", f"v1 {good}"):
        assert _standard(headers | {"webhook-signature": text}, [SECRET])
    for text in (
        good.replace("v1,", "v2,"),
        good.removeprefix("v1,"),
        good.replace(",", "="),
        good.replace("v1", "V1"),
        "v1,",
        " ",
        f"{good},{good}",
        good + "\n",
    ):
        with pytest.raises(VerificationError):
            _standard(headers | {"webhook-signature": text}, [SECRET])


def test_a_flood_of_signatures_is_not_all_checked():
    headers = sign_headers("msg_1", NOW, BODY, [SECRET])
    flood = "v1," + base64.b64encode(b"x" * 32).decode() + " "
    with pytest.raises(VerificationError):
        _standard(headers | {"webhook-signature": flood * 500 + headers["webhook-signature"]}, [SECRET])


@pytest.mark.parametrize("event_id", ["x" * 129, "a b", "a\tb", "\x7f"])
def test_an_event_id_that_no_index_should_hold_is_refused_though_signed(event_id):
    with pytest.raises(VerificationError):
        _standard(sign_headers(event_id, NOW, BODY, [SECRET]), [SECRET])


def test_senders_with_older_header_names_are_an_option():
    headers = {name.replace("webhook", "svix"): value for name, value in sign_headers("m", NOW, BODY, [SECRET]).items()}
    assert _standard(headers, [SECRET], options={"header_prefix": "svix"}).event_id == "m"


@pytest.mark.parametrize("size", [0, 8, 23, 65])
def test_a_standard_secret_must_have_24_to_64_bytes(size):
    with pytest.raises(ConfigurationError):
        get_scheme("standard_webhooks").check_secret("whsec_" + base64.b64encode(b"x" * size).decode())


def test_a_private_key_pasted_as_public_key_is_pointed_out():
    with pytest.raises(ConfigurationError, match="private key"):
        get_scheme("standard_webhooks").check_secret(cases.ed25519_secrets()[0])


def test_signing_without_or_with_an_unusable_secret_fails_before_anything_is_sent():
    for secrets in ([], ["whsec_"], [cases.ed25519_secrets()[1]], ["whsec_?"], ["whsk_AAAA"]):
        with pytest.raises(ConfigurationError):
            sign_headers("msg_1", NOW, BODY, secrets)


# HMAC over the body


def test_an_easypost_secret_with_an_accent_is_normalised_before_use():
    # Computed with openssl, whose key was s, e, combining acute accent (U+0301), c, ...
    body = b'{"id":"evt_1","description":"tracker.updated"}'
    digest = "9c3b79dc47437024fda4f230e5342542f9d7e0bd09dbd074284b1adbecef5998"
    request = SignedRequest(body, {"x-hmac-signature": [f"hmac-sha256-hex={digest}"]})
    scheme = get_preset_scheme("easypost")
    for secret in ("s\u00e9cret-du-transporteur", "se\u0301cret-du-transporteur"):
        assert scheme.verify(request, [Key("k", secret)], NOW)
    assert sign_hmac_body(body, "s\u00e9cret-du-transporteur")["x-hmac-signature"].endswith(digest)
    plain = get_scheme("hmac_body", dict(PRESETS["easypost"].options) | {"secret_form": "text"})
    with pytest.raises(VerificationError):
        plain.verify(request, [Key("k", "s\u00e9cret-du-transporteur")], NOW)


def test_a_signature_without_the_providers_prefix_is_refused():
    case = CASES["easypost"]
    bare = case.headers["x-hmac-signature"].removeprefix("hmac-sha256-hex=")
    for value in (bare, "sha256=" + bare, "HMAC-SHA256-HEX=" + bare):
        with pytest.raises(VerificationError):
            case.verify(case.request(headers={"x-hmac-signature": value}))


def test_only_the_configured_encoding_of_a_signature_is_accepted():
    case = CASES["fedex"]
    digest = base64.b64decode(case.headers["fdx-signature"])
    with pytest.raises(VerificationError):
        case.verify(case.request(headers={"fdx-signature": digest.hex()}))
    as_hex = get_scheme("hmac_body", {"header": "fdx-signature", "encoding": "hex"})
    assert as_hex.verify(case.request(headers={"fdx-signature": digest.hex().upper()}), [Key("k", case.secret)], NOW)


def test_shippos_time_and_signatures_come_in_one_header():
    case = CASES["shippo"]
    time, signature = case.headers["shippo-auth-signature"].split(",")
    good = (
        f"{time},{signature}",
        f"{signature},{time}",
        f"{time}, {signature}",
        f"{time},v0=x,{signature}",
        f"{time},v1={'0' * 64},{signature}",
    )
    for value in good:
        assert case.verify(case.request(headers={"shippo-auth-signature": value}))
    bad = (
        time,
        signature,
        f"{time},{time},{signature}",
        f"t={NOW + 1},{signature}",
        f"{time};{signature}",
        f"{time},{signature.upper()}",
        f"{time},v1=",
        ",".join([time, *[signature] * 21]),
    )
    for value in bad:
        with pytest.raises(VerificationError):
            case.verify(case.request(headers={"shippo-auth-signature": value}))


def test_a_time_in_a_header_of_its_own_is_part_of_what_is_signed():
    scheme = get_scheme(
        "hmac_body",
        {
            "header": "x-sig",
            "timestamp_header": "x-time",
            "signed_text": "v0:{timestamp}:{body}",
            "hash": "sha512",
            "encoding": "base64",
        },
    )
    signature = base64.b64encode(hmac.new(b"k" * 20, b"v0:%d:" % NOW + BODY, hashlib.sha512).digest()).decode()
    keys = [Key("k", "k" * 20)]
    assert scheme.verify(SignedRequest(BODY, {"x-sig": [signature], "x-time": [str(NOW)]}), keys, NOW)
    with pytest.raises(VerificationError):
        scheme.verify(SignedRequest(BODY, {"x-sig": [signature], "x-time": [str(NOW + 1)]}), keys, NOW)


@pytest.mark.parametrize(
    "options",
    [
        {"signed_text": "{timestamp}.{body}"},
        {"timestamp_header": "x-time"},
        {"timestamp_field": "t", "signed_text": "{timestamp}.{body}"},
        {"timestamp_field": "t", "signature_field": "v1"},
        {
            "timestamp_field": "t",
            "signature_field": "v1",
            "timestamp_header": "t",
            "signed_text": "{timestamp}.{body}",
        },
        {"signed_text": "{id}.{body}"},
        {"signed_text": "body"},
        {"signed_text": "{body}{body}"},
        {"signed_text": ""},
        {"hash": "sha1"},
        {"hash": "md5"},
        {"tolerance": 0},
        {"tolerance": 10**9},
        {"header": "x sig"},
        {"header": ""},
        {"header": "x\n"},
    ],
)
def test_options_that_would_not_protect_are_refused(options):
    with pytest.raises(ConfigurationError):
        get_scheme("hmac_body", {"header": "x-sig"} | options)


# RSA, plain hash, tokens, addresses


def test_shipengines_time_may_be_iso_8601_with_an_offset():
    # NOW is 2026-05-28T20:26:40Z.
    case = CASES["shipengine jwks"]
    for text in (
        "2026-05-28T20:26:40Z",
        "2026-05-28T20:26:40.1234567Z",
        "2026-05-28T22:26:40+02:00",
        "2026-05-28T22:26:40+0200",
    ):
        assert case.verify(case.request(headers=cases.rsa_headers(timestamp=text)))
    for text in (
        "2026-05-28T20:26:40",
        "2026-05-28",
        "2026-05-28T20:20:40Z",
        "2026-13-28T20:26:40Z",
        "2026-05-28T20:26:40+99:00",
    ):
        with pytest.raises(VerificationError):
            case.verify(case.request(headers=cases.rsa_headers(timestamp=text)))


def test_the_key_id_of_the_request_chooses_among_the_pasted_keys():
    case = CASES["shipengine jwks"]
    with pytest.raises(VerificationError):
        case.verify(case.request(headers=cases.rsa_headers(kid="kid-2")))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    members = [json.loads(text)["keys"] for text in (cases.rsa_jwks("kid-2", other), cases.rsa_jwks())]
    both = json.dumps({"keys": members[0] + members[1]})
    assert case.verify(secret=both)
    assert case.verify(case.request(headers=cases.rsa_headers(kid="kid-2", key=other)), secret=both)
    with pytest.raises(VerificationError):
        case.verify(case.request(headers=cases.rsa_headers(kid="kid-1", key=other)), secret=both)
    assert CASES["shipengine pem"].verify(secret=cases.rsa_pem(other) + cases.rsa_pem())


def test_keys_that_do_not_protect_are_refused_when_they_are_pasted():
    scheme = get_preset_scheme("shipengine")
    scheme.check_secret(cases.rsa_pem())
    scheme.check_secret(cases.rsa_jwks())
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    curve = ec.generate_private_key(ec.SECP256R1())
    unfit = (
        cases.rsa_pem(short),
        cases.rsa_jwks(key=short),
        cases.rsa_pem(curve),
        cases.rsa_jwks(kty="EC"),
        cases.rsa_jwks(use="enc"),
        cases.rsa_jwks(alg="HS256"),
        cases.rsa_jwks(kid=None),
        cases.rsa_jwks(n="!"),
        cases.rsa_jwks(n=None),
        cases.rsa_jwks(e="AQ"),
        '{"keys":{}}',
        '{"keys":[1]}',
        "{",
        "",
        "x",
        cases.rsa_pem() * 21,
        cases.rsa_pem().replace("A", "B"),
    )
    for text in unfit:
        with pytest.raises(ConfigurationError):
            scheme.check_secret(text)


def test_17track_signs_body_slash_key():
    digest = hashlib.sha256(b'{"event":"TRACKING_UPDATED"}/0123456789abcdef0123456789abcdef').hexdigest()
    request = SignedRequest(b'{"event":"TRACKING_UPDATED"}', {"sign": [digest]})
    scheme = get_preset_scheme("seventeentrack")
    assert scheme.verify(request, [Key("k", "0123456789abcdef0123456789abcdef")], NOW)


def test_a_token_of_another_algorithm_or_time_is_refused():
    case = CASES["easyship"]
    good = cases.jwt({}, case.secret)
    unsigned = cases.jwt({}, case.secret, "none")
    for token in (
        unsigned,
        unsigned.rpartition(".")[0] + ".",
        good + "=",
        good.replace(".", ".x", 1),
        "a.b",
        "..",
        cases.jwt({}, case.secret, "HS512"),
        cases.jwt({}, case.secret, crit=["b64"], b64=False),
        cases.jwt({"exp": NOW - 301}, case.secret),
        cases.jwt({"nbf": NOW + 301}, case.secret),
        cases.jwt({"exp": "never"}, case.secret),
        cases.jwt({"exp": True}, case.secret),
        cases.jwt([], case.secret),
    ):
        with pytest.raises(VerificationError):
            case.verify(case.request(headers={"x-easyship-signature": token}))
    for claims in ({}, {"exp": NOW - 299}, {"nbf": NOW, "exp": NOW + 0.5}):
        assert case.verify(case.request(headers={"x-easyship-signature": cases.jwt(claims, case.secret)}))


def test_a_bearer_token_must_be_whole_and_its_word_may_be_in_any_case():
    case = CASES["bearer"]
    assert case.verify(case.request(headers={"authorization": f"bearer {case.secret}"}))
    for value in (
        case.secret,
        f"Basic {case.secret}",
        f"Bearer  {case.secret}",
        f"Bearer {case.secret[:-1]}",
        f"Bearer {case.secret} ",
        "Bearer",
        "Bearer ",
    ):
        with pytest.raises(VerificationError):
            case.verify(case.request(headers={"authorization": value}))


def test_an_unsigned_source_may_be_limited_to_its_senders_networks():
    case = CASES["unsigned"]
    scheme = get_scheme("unsigned", {"networks": ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]})
    for address, accepted in (
        ("192.0.2.9", True),
        ("198.51.100.7", True),
        ("198.51.100.8", False),
        ("2001:db8::1", True),
        ("::ffff:192.0.2.9", True),
        ("", False),
        ("x", False),
        ("192.0.2.9, 10.0.0.1", False),
        ("\ud800", False),
    ):
        request = SignedRequest(BODY, {}, case.secret, address)
        if accepted:
            assert scheme.verify(request, [Key("k", case.secret)], NOW)
        else:
            with pytest.raises(VerificationError):
                scheme.verify(request, [Key("k", case.secret)], NOW)
    with pytest.raises(VerificationError):
        scheme.verify(SignedRequest(BODY, {}, "wrong", "192.0.2.9"), [Key("k", case.secret)], NOW)


def test_a_list_of_networks_with_a_typing_error_is_refused_when_it_is_entered():
    assert [str(network) for network in parse_networks(["10.1.2.3/8", " ::1 "])] == ["10.0.0.0/8", "::1/128"]
    assert not is_allowed("10.0.0.1", [])
    for text in ("10.0.0.0/33", "localhost", "", "10.0.0"):
        with pytest.raises(ValueError):
            parse_networks([text])
        with pytest.raises(ConfigurationError):
            get_scheme("unsigned", {"networks": [text]})


def test_only_hmac_presets_can_be_played_by_the_demo():
    for preset, timestamp in (("shipengine", None), ("nobody", None), ("shippo", None), ("dcsa", None)):
        with pytest.raises(ConfigurationError):
            sign_hmac_body(BODY, "not base64!", preset, timestamp)
