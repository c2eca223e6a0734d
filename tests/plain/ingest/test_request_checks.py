"""What is checked before a body is read."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distribution_visibility.lib.ingest import request_checks
from distribution_visibility.lib.ingest.problem import ProblemError

GOOD = [
    ("Host", "odoo.example"),
    ("Content-Type", "application/json; charset=utf-8"),
    ("Content-Length", "20"),
]


def _status(headers, method="POST", **options):
    with pytest.raises(ProblemError) as caught:
        request_checks.check_request(method, headers, **{"limit": 1000, **options})
    return caught.value.problem.status


def _with(name, value):
    return [pair for pair in GOOD if pair[0] != name] + ([(name, value)] if value is not None else [])


def test_a_plain_json_post_passes_and_its_length_is_known():
    assert request_checks.check_request("POST", GOOD, limit=20) == 20


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post", ""])
def test_only_post_is_a_way_in(method):
    assert _status(GOOD, method) == 405


@pytest.mark.parametrize(
    "value",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json; profile=x",
        "application/cloudevents+json; charset=utf-8",
    ],
)
def test_json_in_utf_8_is_supported_however_it_is_spelt(value):
    assert request_checks.check_request("POST", _with("Content-Type", value), limit=20)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; charset=utf-16",
        "application/json; charset=utf-8; charset=utf-8",
        "application/json, text/plain",
        "application/jsonx",
        "application/json; charset=",
        "application/json; charset",
    ],
)
def test_forms_and_other_charsets_are_415(value):
    assert _status(_with("Content-Type", value)) == 415


def test_a_source_may_declare_a_type_of_its_own():
    headers = _with("Content-Type", "application/vnd.carrier+json")
    assert request_checks.check_request("POST", headers, limit=20, allowed_types=("application/vnd.carrier+json",))


@pytest.mark.parametrize("value", ["gzip", "deflate", "br", "GZIP", "identity, gzip", ""])
def test_a_compressed_body_is_415_whatever_it_would_unpack_to(value):
    length = str(len(gzip.compress(b"0" * 10_000_000)))
    assert _status([*_with("Content-Length", length), ("Content-Encoding", value)], limit=10**6) == 415
    assert request_checks.check_request("POST", [*GOOD, ("Content-Encoding", "identity")], limit=20)


def test_one_byte_over_the_limit_is_413():
    assert _status(GOOD, limit=19) == 413
    with pytest.raises(ProblemError):
        request_checks.check_size(1001, 1000)
    request_checks.check_size(1000, 1000)


def test_a_chunked_body_or_one_without_length_is_411():
    assert _status(_with("Content-Length", None)) == 411
    assert _status(_with("Content-Length", "")) == 411
    assert _status([*GOOD, ("Transfer-Encoding", "chunked")]) == 411
    assert _status([*_with("Content-Length", None), ("Transfer-Encoding", "chunked")]) == 411


@pytest.mark.parametrize(
    "value", ["+20", "-20", "2_0", " 20", "20 ", "20,20", "0x14", "2e1", "٢٠", "20.0", "9" * 16, "20\n"]
)
def test_a_length_that_servers_may_read_differently_is_400(value):
    assert _status(_with("Content-Length", value)) == 400


@pytest.mark.parametrize("name", ["content-length", "CONTENT-TYPE", "Authorization", "Host", "webhook-signature"])
def test_two_headers_of_which_one_must_be_right_are_400(name):
    assert (
        _status(
            [*GOOD, ("webhook-signature", "v1,a"), ("Authorization", "a"), (name, "b")],
            security_headers=("Webhook-Signature",),
        )
        == 400
    )


def test_a_harmless_header_may_be_there_twice():
    assert request_checks.check_request("POST", [*GOOD, ("Accept", "a"), ("Accept", "b")], limit=20) == 20


def test_too_many_or_too_large_headers_are_431():
    assert _status([*GOOD, *[("x", "y")] * 98]) == 431
    assert _status([*GOOD, ("x", "y" * 8192)]) == 431
    assert _status([*GOOD, *[("x", "y" * 8000)] * 5]) == 431


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=8),
    st.lists(
        st.tuples(
            st.sampled_from(["content-type", "Content-Length", "content-encoding", "transfer-encoding", "x"]),
            st.text(st.characters(exclude_categories=()), max_size=30),
        ),
        max_size=8,
    ),
)
def test_no_request_line_or_header_makes_the_checks_fail_otherwise(method, headers):
    for one in (method, "POST"):
        with pytest.raises(ProblemError):
            request_checks.check_request(one, [("content-length", "x"), *headers], limit=100)
