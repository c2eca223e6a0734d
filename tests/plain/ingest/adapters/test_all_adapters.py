"""What holds for every adapter: nothing but UnknownShape leaves it, whatever the body is."""

import copy
from pathlib import Path

import pytest
from carrier_bodies import SAMPLES, codes, easypost, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distribution_visibility.lib.base.errors import UnknownShape
from distribution_visibility.lib.ingest.adapters import ADAPTERS, Delivery
from distribution_visibility.lib.ingest.code_map import resolve
from distribution_visibility.lib.ingest.redaction import redact
from tests.plain.ingest.code_maps import lookup_in, read_code_maps

DATA = Path(__file__).resolve().parents[4] / "distribution_visibility" / "data" / "ingest"
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["", "-", "\u200b", "\x00", "\ud800", "9" * 5000, "2026-03-04T10:00:00Z", "0000-00-00"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=8), inner, max_size=4),
    ),
    max_leaves=12,
)
CHEAP = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
THOROUGH = settings(CHEAP, max_examples=400)


def paths(value, path=()):
    """All places inside a JSON value."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    yield path
    for key, child in children:
        yield from paths(child, (*path, key))


def replaced(body, path, value):
    """The body with the value at the path; a missing one where the value is ``...``."""
    if not path:
        return value
    body = copy.deepcopy(body)
    target = body
    for key in path[:-1]:
        target = target[key]
    if value is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return body


def survives(name, body):
    """Use all of an adapter's methods on a body; the fingerprints must be computable too."""
    adapter, delivery = ADAPTERS[name], Delivery(body, {})
    for answer in (adapter.identify(delivery), adapter.ordering_key(delivery)):
        assert answer is None or (isinstance(answer, str) and answer)
    try:
        events = adapter.parse(delivery)
    except UnknownShape as error:
        assert str(error)
        return []
    assert isinstance(events, list)
    assert all(len(event.fingerprint()) == 64 for event in events)
    return events


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_the_registry_knows_each_adapter_by_its_own_name(name):
    assert ADAPTERS[name].name == name and ADAPTERS[name].label


@pytest.mark.parametrize("name", sorted(ADAPTERS))
@CHEAP
@given(body=JSON)
def test_any_json_gives_events_or_an_unknown_shape(name, body):
    survives(name, body)


@pytest.mark.parametrize(("name", "body"), SAMPLES)
@pytest.mark.parametrize(
    "value",
    [..., None, 0, -1.5, True, "", "x", [], {}, [None], [[]], {"a": 1}, 10**5000, "\x00", "a\ud800b", "\u200b"],
    ids=lambda value: ascii(value)[:12] if not isinstance(value, int) else str(value.bit_length()),
)
def test_any_field_missing_or_of_the_wrong_type_gives_events_or_an_unknown_shape(name, body, value):
    for path in paths(body):
        if path or value is not ...:
            survives(name, replaced(body, path, value))


@THOROUGH
@given(data=st.data())
def test_several_fields_wrong_at_once(data):
    name, body = data.draw(st.sampled_from(SAMPLES))
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(sorted(paths(body), key=repr)))
        body = replaced(body, path, data.draw(JSON))
    survives(name, body)


@pytest.mark.parametrize(("name", "body"), SAMPLES)
def test_the_same_body_twice_gives_the_same_facts_once(name, body):
    events = parse(name, body)
    prints = [event.fingerprint() for event in events]
    assert prints == [event.fingerprint() for event in parse(name, body)]
    assert len(set(prints)) == len(prints) > 0


@pytest.mark.parametrize(("name", "body"), SAMPLES)
def test_a_shipment_events_come_oldest_first(name, body):
    times = [
        event.data.occurred.at for event in parse(name, body) if event.data.occurred and event.type != "shipment.eta"
    ]
    assert times == sorted(times)


@pytest.mark.parametrize(("name", "body"), SAMPLES)
def test_every_code_of_the_samples_is_mapped(name, body):
    lookup = lookup_in(read_code_maps(sorted(DATA.glob("visibility.code.map-*.csv"))))
    for event in parse(name, body):
        found = resolve(event.data.codes, lookup)
        assert found.unknown == ()
        assert not event.data.codes or found.milestone or found.category


@pytest.mark.parametrize(("name", "body"), SAMPLES)
def test_the_key_that_orders_is_the_number_compared(name, body):
    key = ADAPTERS[name].ordering_key(Delivery(body))
    assert key and key == "".join(sign for sign in key if sign.isalnum()).upper()


@pytest.mark.parametrize(("name", "body"), SAMPLES)
def test_what_is_redacted_is_gone_and_the_facts_are_not(name, body):
    stored = redact(body, ADAPTERS[name].redact)
    for secret in ("A. Recipient", "hash=", "/secret", "/token"):
        assert secret not in repr(stored)
    assert [event.fingerprint() for event in parse(name, stored)] == [
        event.fingerprint() for event in parse(name, body)
    ]


def test_unknown_codes_do_not_raise_and_are_passed_on():
    events = parse("easypost", easypost(status="beamed", status_detail="up"))
    assert codes(events[-2]) == [("easypost.detail", "up"), ("easypost.status", "beamed")]
    found = resolve(events[-2].data.codes, lookup_in({}))
    assert len(found.unknown) == 2


def test_codes_that_are_numbers_are_the_text_of_the_number():
    body = easypost(tracking_details=[{"status": 21, "status_detail": 21.0, "datetime": "2026-03-04T05:12:00Z"}])
    assert {value for _, value in codes(parse("easypost", body)[0])} == {"21"}
