"""What is blanked before it is stored or shown to a model."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distribution_visibility.lib.ingest.redaction import (
    REDACTED,
    redact,
    redact_url,
    redact_urls,
    storable_headers,
)

PAYLOAD = {
    "parcel": {"label": {"url": "https://x", "keep": 1}, "tracking_number": "JVGL1"},
    "items": [{"email": "a@b"}, {"email": "c@d", "sku": "S"}, "text"],
    "email": "e@f",
}


def test_named_values_are_blanked_and_the_payload_itself_is_not_changed():
    before = copy.deepcopy(PAYLOAD)
    found = redact(PAYLOAD, ["parcel.label.url", "items.*.email"])
    assert found["parcel"] == {"label": {"url": REDACTED, "keep": 1}, "tracking_number": "JVGL1"}
    assert found["items"] == [{"email": REDACTED}, {"email": REDACTED, "sku": "S"}, "text"]
    assert found["email"] == "e@f" and before == PAYLOAD


def test_a_name_can_be_blanked_wherever_it_stands():
    found = redact({"top": [PAYLOAD, [[{"email": "g@h"}]]], "email": 1}, ["**.email"])
    assert "@" not in str(found) and found["email"] == REDACTED and found["top"][0]["parcel"] == PAYLOAD["parcel"]
    assert redact({"a": {"b": {"a": {"c": 1}}}, "c": 2}, ["**.a.**.c"]) == {
        "a": {"b": {"a": {"c": REDACTED}}},
        "c": 2,
    }


def test_whole_branches_and_any_type_can_be_blanked():
    assert redact({"a": {"b": 1}, "c": [1], "d": None}, ["a", "c", "d"]) == dict.fromkeys("acd", REDACTED)
    assert redact([[1, 2], [3]], ["*.*"]) == [[REDACTED, REDACTED], [REDACTED]]


def test_a_path_that_is_not_there_is_no_error():
    for payload in (PAYLOAD, [], {}, None, "x", {"parcel": None}, {"parcel": [1]}):
        assert redact(payload, ["parcel.other.url", "a.*.b", "parcel.label.url.deeper"]) == payload


@pytest.mark.parametrize("path", ["", "a..b", ".a", "a.", "**", "a.**"])
def test_a_path_that_means_nothing_or_everything_is_a_mistake(path):
    with pytest.raises(ValueError):
        redact(PAYLOAD, [path])


trees = st.recursive(
    st.integers() | st.just("secret"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abk"), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(trees, st.lists(st.sampled_from(["**.k", "a.k", "a.*.k", "**.a.b", "*.k", "**.*.b"]), max_size=3))
def test_blanking_twice_is_blanking_once_and_only_values_change(tree, paths):
    once = redact(tree, paths)
    assert redact(once, paths) == once
    if "**.k" in paths:
        assert all(value == REDACTED for value in _members(once, "k"))


def _members(tree, name):
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == name:
                yield value
            yield from _members(value, name)
    elif isinstance(tree, list):
        for item in tree:
            yield from _members(item, name)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        (
            "https://panel.sendcloud.sc/api/v2/label/normal_printer/1?hash=abc123",
            "https://panel.sendcloud.sc/api/v2/label/normal_printer/1?hash=[redacted]",
        ),
        ("https://user:pass@x.example/a#frag", "https://x.example/a"),
        (
            "https://track.example/t?tracking_number=1Z999AA10123456784&lang=de",
            "https://track.example/t?tracking_number=1Z999AA10123456784&lang=de",
        ),
        (
            "https://cdn.example/labels/9f86d081884c7d659a2feaa0c55ad015/l.pdf",
            "https://cdn.example/labels/[redacted]/l.pdf",
        ),
        (
            "https://s3.example/l.pdf?X-Amz-Signature=ff&X-Amz-Credential=AK%2F1&part=1",
            "https://s3.example/l.pdf?X-Amz-Signature=[redacted]&X-Amz-Credential=[redacted]&part=1",
        ),
        (
            "https://x.example/?access_token=1&ACCESSTOKEN=2&monkey=3",
            "https://x.example/?access_token=[redacted]&ACCESSTOKEN=[redacted]&monkey=3",
        ),
        ("https://x.example/?Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1", "https://x.example/?[redacted]"),
        ("https://x.example/?id=eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.sig", "https://x.example/?id=[redacted]"),
        ("https://[bad", REDACTED),
        ("no url at all?hash=1", "no url at all?hash=1"),
    ],
)
def test_a_link_keeps_its_tracking_number_and_loses_its_access_secret(url, safe):
    assert redact_url(url) == safe
    assert redact_urls({"a": [url, 1, None]}) == {"a": [safe, 1, None]}


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_no_link_breaks_the_redaction(text):
    assert isinstance(redact_url(text), str)
    assert isinstance(redact_url("https://" + text), str)


def test_signatures_tokens_and_cookies_are_never_stored():
    sent = [
        "Authorization",
        "Cookie",
        "webhook-signature",
        "X-Hmac-Signature",
        "aftership-hmac-sha256",
        "sign",
        "credential",
        "x-api-key",
        "Notification-Signature",
        "x-shopify-hmac-sha256",
        "x-easyship-signature",
        "ce-Bad Name",
    ]
    assert storable_headers((name, "value") for name in sent) == {}


def test_what_explains_a_delivery_is_stored_on_one_bounded_line():
    found = storable_headers([("Webhook-ID", "msg_1"), ("ce-id", "7"), ("User-Agent", "x\r\ny" + "z" * 900)])
    assert found["webhook-id"] == "msg_1" and found["ce-id"] == "7"
    assert found["user-agent"].startswith("x??y") and len(found["user-agent"]) == 500
