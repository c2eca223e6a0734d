"""Refusals: what they say, and what they never say."""

import json

import pydantic
import pytest

from distribution_visibility.lib.ingest import canonical, problem

EVERY = {
    400: problem.bad_request("The webhook-id header is there more than once."),
    401: problem.not_verified(),
    403: problem.forbidden(),
    405: problem.method_not_allowed(),
    411: problem.length_required(),
    413: problem.too_large(262144),
    415: problem.unsupported_media_type(("application/json",)),
    422: problem.invalid_event([{"pointer": "#/data", "detail": "Field required"}]),
    429: problem.too_many_requests(0.2),
    431: problem.headers_too_large(),
    503: problem.overloaded(30),
}


@pytest.mark.parametrize("status", EVERY)
def test_every_refusal_is_problem_json_that_no_cache_keeps(status):
    code, headers, body = EVERY[status].to_response()
    members = json.loads(body)
    assert code == status == members["status"]
    assert members["type"].startswith("/visibility/v1/problems/") and members["title"].endswith(".")
    assert dict(headers)["Content-Type"] == "application/problem+json"
    assert dict(headers)["Cache-Control"] == "no-store"


def test_refusals_carry_the_headers_that_http_wants_with_them():
    headers = {status: dict(one.to_response()[1]) for status, one in EVERY.items()}
    assert headers[401]["WWW-Authenticate"]
    assert headers[405]["Allow"] == "POST"
    assert headers[415]["Accept"] == "application/json"
    assert dict(problem.unsupported_encoding().to_response()[1])["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(("wait", "header"), [(0.001, "1"), (1, "1"), (1.2, "2"), (float("inf"), "86400")])
def test_who_is_told_to_wait_is_told_whole_seconds_that_suffice(wait, header):
    for one in (problem.too_many_requests(wait), problem.overloaded(wait)):
        assert dict(one.to_response()[1])["Retry-After"] == header


def test_an_invalid_event_is_explained_by_pointers_and_never_quotes_what_was_sent():
    with pytest.raises(pydantic.ValidationError) as caught:
        canonical.ShipmentEvent.model_validate(
            {
                "type": "shipment.milestone",
                "data": {"tracking_number": "", "codes": [{"value": "top-secret"}]},
            }
        )
    _status, _headers, body = problem.invalid_event(problem.describe_errors(caught.value.errors())).to_response()
    pointers = [error["pointer"] for error in json.loads(body)["errors"]]
    assert "#/data/codes/0/vocabulary" in pointers and "#/data/tracking_number" in pointers
    assert b"top-secret" not in body


def test_a_hostile_body_cannot_make_an_endless_or_broken_list_of_errors():
    errors = [{"loc": ("a/b~\n", index), "msg": "x" * 5000 + "\r\n"} for index in range(5000)]
    described = problem.describe_errors(errors)
    assert len(described) == 20 and described[0]["pointer"] == "#/a~1b~0?/0"
    assert len(problem.invalid_event(errors).to_response()[2]) < 150_000
    assert all("\n" not in error["detail"] and len(error["detail"]) <= 200 for error in described)


def test_further_members_cannot_take_the_place_of_the_standard_ones():
    body = problem.Problem(400, "x", "X.", extra={"status": 200, "type": "y", "limit": 5}).to_response()[2]
    assert json.loads(body) == {"type": "/visibility/v1/problems/x", "title": "X.", "status": 400, "limit": 5}
