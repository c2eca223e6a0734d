"""Bodies of the standards with anything in any place: events or an unknown shape, nothing else."""

import copy

import pytest
import test_amazon_vendor
import test_canonical
import test_cloudevents
import test_dcsa
import test_declarative
import test_epcis
import test_ubl

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest.adapters import ADAPTERS
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.adapters.declarative import DeclarativeAdapter

DECLARED = test_epcis.changed(errorDeclaration={"reason": "did_not_occur", "correctiveEventIDs": ["urn:1"]})
RETRACTED = {"metadata": {**test_dcsa.META, "retractedEventID": "x"}}
PART = test_amazon_vendor.item(test_amazon_vendor.part("Accepted", 1))
SAMPLES = [
    (
        ADAPTERS["canonical"],
        {
            "events": [test_canonical.SCAN, test_canonical.RESPONSE, test_canonical.WITHDRAWAL],
        },
    ),
    (ADAPTERS["cloudevents"], [test_cloudevents.EVENT]),
    (ADAPTERS["dcsa"], [test_dcsa.LOADED, test_dcsa.FLAT, RETRACTED]),
    (ADAPTERS["epcis"], test_epcis.document(test_epcis.EVENT, DECLARED)),
    (ADAPTERS["ubl"], test_ubl.response(test_ubl.line("1", "5", Quantity=test_ubl.v(1)))),
    (ADAPTERS["ubl"], test_ubl.DESPATCH),
    (
        ADAPTERS["amazon_vendor"],
        {
            "acknowledgements": [test_amazon_vendor.answer(PART)],
            "shipmentConfirmations": [test_amazon_vendor.SHIPMENT],
        },
    ),
    (DeclarativeAdapter(test_declarative.mapping()), test_declarative.BODY),
]
HOSTILE = [
    ...,
    None,
    True,
    0,
    -1,
    10**400,
    1e308,
    "",
    " ",
    "x" * 5000,
    "\u0000",
    "\ud800",
    [],
    {},
    [[]],
    [None],
    {"a": {}},
    {"_": {}},
    {"_": "9" * 400},
    "2026-13-45T99:99:99Z",
    "+99:99",
    "urn:epc:id:sscc:0614141.x",
    "9999-12-31T23:59:59-14:00",
]


def places(value, path=()):
    yield path
    children = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    for key, child in children.items():
        yield from places(child, (*path, key))


def changed(body, path, value):
    body = copy.deepcopy(body)
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return body


@pytest.mark.parametrize(("adapter", "body"), SAMPLES, ids=lambda value: getattr(value, "name", ""))
def test_no_body_raises_anything_but_an_unknown_shape(adapter, body):
    for path in list(places(body))[1:]:
        for value in HOSTILE:
            delivery = Delivery(changed(body, path, value), {})
            adapter.identify(delivery)
            adapter.ordering_key(delivery)
            try:
                events = adapter.parse(delivery)
            except UnknownShape as problem:
                assert str(problem)
                continue
            for event in events:
                assert len(event.fingerprint()) == 64


@pytest.mark.parametrize(("adapter", "body"), SAMPLES, ids=lambda value: getattr(value, "name", ""))
def test_a_resent_body_gives_the_same_facts(adapter, body):
    first, again = ([event.fingerprint() for event in adapter.parse(Delivery(copy.deepcopy(body)))] for _ in range(2))
    assert first == again
