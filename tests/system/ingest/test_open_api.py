"""The running server keeps what its own openapi.json says, whatever is sent: schemathesis tries."""

import json
import os
import time
import urllib.request
import uuid

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from system_values import SECRETS

from distribution_visibility.lib.ingest.verification.signing import sign_headers

ADDRESS = "/visibility/v1/openapi.json"
DOOR = "/visibility/v1/sources/{code}/events"
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
BOUNDED = settings(
    max_examples=300 if os.environ.get("LONG") else 100,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def document(calm_server):
    with urllib.request.urlopen(calm_server.url + ADDRESS) as response:
        assert response.headers["Content-Type"].startswith("application/json")
        return json.load(response)


@pytest.fixture(scope="module")
def contract(calm_server):
    return schemathesis.openapi.from_url(calm_server.url + ADDRESS)


def _try(operation, send):
    """Up to BOUNDED.max_examples requests that the contract allows, each answered as it says."""

    @BOUNDED
    @given(case=operation.as_strategy())
    def check(case):
        case.validate_response(send(case), checks=CHECKS)

    check()


def _operations(contract, method=""):
    operations = [found.ok() for found in contract.get_all_operations()]
    return [operation for operation in operations if method in operation.method.upper()]


def test_unsigned_requests_get_the_answers_that_the_contract_names(contract):
    operations = _operations(contract)
    assert DOOR in {operation.path for operation in operations}
    for operation in operations:
        _try(operation, lambda case: case.call())


def test_signed_requests_get_the_answers_that_the_contract_names(contract):
    """The bytes that will be sent are prepared first, signed, and then sent as they are."""
    answered = set()

    def send(case):
        case.path_parameters = {"code": "canonical"}
        request = requests.Request(**case.as_transport_kwargs()).prepare()
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        event_id = f"msg_{uuid.uuid4().hex}"
        request.headers.update(sign_headers(event_id, int(time.time()), body, [SECRETS["canonical"]]))
        with requests.Session() as session:
            answer = session.send(request, timeout=30)
        answered.add(answer.status_code)
        return answer

    (operation,) = _operations(contract, "POST")
    _try(operation, send)
    assert 401 not in answered and 202 in answered, answered


def test_the_document_names_every_answer_of_the_door(document):
    answers = document["paths"][DOOR]["post"]["responses"]
    assert {"200", "202", "400", "401", "411", "413", "415", "422", "429", "503"} <= set(answers)
