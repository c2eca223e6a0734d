"""A mapping that an administrator writes instead of code."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from distribution_visibility.lib.base.errors import ConfigurationError, UnknownShape
from distribution_visibility.lib.ingest.adapters import FACTORIES
from distribution_visibility.lib.ingest.adapters.base import Delivery
from distribution_visibility.lib.ingest.adapters.bounded_jmespath import Evaluator
from distribution_visibility.lib.ingest.adapters.declarative import DeclarativeAdapter
from distribution_visibility.lib.ingest.adapters.declarative_mapping import DeclarativeMapping

BODY = {
    "meta": {"env": "live"},
    "moves": [
        {"no": "LC-1", "ref": "a1", "st": 14, "at": "03.02.2026 08:15", "town": "Graz", "eta": "2026-02-05"},
        {"no": "LC-1", "ref": "a2", "st": "07", "at": "03.02.2026 19:40", "town": "Linz", "eta": None},
    ],
}
SETTINGS = {
    "events": "moves",
    "fields": {
        "tracking_number": "no",
        "carrier": "'Local Courier'",
        "code": "st",
        "occurred_at": "at",
        "location.city": "town",
    },
    "vocabulary": "local.status",
    "id": "ref",
    "time_zone": "Europe/Vienna",
    "time_format": "%d.%m.%Y %H:%M",
}
SIGNS = "ab@[]{}()|&?*.:,'`\"!=<>0-9 \\"


def mapping(**changes):
    return DeclarativeMapping(**{**SETTINGS, **changes})


def apply(body=BODY, **changes):
    return mapping(**changes).apply(Delivery(body))


def fields(**changes):
    return {"fields": {**SETTINGS["fields"], **changes}}


def test_a_senders_own_json_becomes_events():
    first, second = apply()
    assert (first.id, first.data.tracking_number, first.data.carrier) == ("a1", "LC-1", "Local Courier")
    assert first.data.codes[0].model_dump() == {"vocabulary": "local.status", "value": "14"}
    assert first.data.occurred.at.isoformat() == "2026-02-03T07:15:00+00:00"
    assert (first.data.occurred.raw, first.data.place.city) == ("03.02.2026 08:15", "Graz")
    assert second.data.codes[0].value == "07"


def test_a_time_without_zone_or_offset_is_assumed_utc_and_says_so():
    first, _ = apply(time_zone="")
    assert not first.data.occurred.offset_known and first.doubts == ("offset_unknown",)


def test_seconds_since_1970_are_understood():
    (event,) = apply([{"no": "1", "at": 1772000000}], events="", time_format="epoch")
    assert event.data.occurred.at.year == 2026


def test_an_order_response_is_mapped_with_its_lines():
    first, second = {"pos": 1, "s": "IB", "q": "3", "d": "2026-09-01"}, {"pos": 2, "s": "XX"}
    body = {"po": "P00310", "rows": [first, second]}
    (event,) = DeclarativeMapping(
        type="supplier.order_response",
        fields={"order": "po"},
        lines="rows",
        vocabulary="x12.668",
        line_fields={"line": "pos", "code": "s", "quantity": "q", "promised_at": "d"},
    ).apply(Delivery(body))
    assert [(line.line, line.status, line.quantity) for line in event.data.lines] == [
        ("1", "backordered", 3.0),
        ("2", "unknown", None),
    ]
    assert event.data.lines[0].promised.at.isoformat() == "2026-09-01T23:59:59+00:00"


def test_the_type_may_come_from_the_body():
    kind = "st == `14` && 'shipment.exception' || 'shipment.milestone'"
    assert [event.type for event in apply(type=kind)] == ["shipment.exception", "shipment.milestone"]


def test_a_withdrawal_can_be_mapped():
    (event,) = DeclarativeMapping(type="shipment.retraction", fields={"event_id": "undo"}).apply(
        Delivery({"undo": "a1"}),
    )
    assert event.data.event_id == "a1"


def test_test_bodies_say_so():
    body = [{"no": "1", "sandbox": True}, {"no": "2", "sandbox": "no"}]
    assert [event.is_test for event in apply(body, events="", is_test="sandbox")] == [True, False]


def test_a_field_that_cannot_be_read_is_left_out_with_a_doubt():
    first, _ = apply(**fields(eta="town"))
    assert first.data.eta is None and "field_unreadable" in first.doubts


def test_an_event_without_subject_does_not_hold_up_the_others():
    (event,) = apply({"moves": [{"no": "LC-1"}, {"no": None}]})
    assert "scan_skipped" in event.doubts


@pytest.mark.parametrize("body", [None, 3, "x", {}, {"moves": None}, {"moves": [{}]}, {"moves": [None]}, []])
def test_a_body_that_gives_nothing_is_an_unknown_shape(body):
    with pytest.raises(UnknownShape):
        apply(body)


def test_more_than_five_hundred_events_are_refused():
    with pytest.raises(UnknownShape):
        apply([{"no": "1"}] * 501, events="")


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"events": "moves["}, "events"),
        ({"id": "("}, "id"),
        ({"is_test": "nofunction(@"}, "is_test"),
        (fields(carrier="a..b"), "carrier"),
        (fields(shoe_size="x"), "shoe_size"),
        ({"fields": {"carrier": "c"}}, "tracking_number"),
        ({"vocabulary": ""}, "vocabulary"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_format": "iso"}, "time_format"),
        ({"lines": "rows"}, "lines"),
        ({"id": "(" * 400}, "id"),
    ],
)
def test_each_wrong_setting_has_one_sentence(changes, place):
    problems = mapping(**changes).validate()
    assert len(problems) == 1 and problems[0].startswith(f"{place}: ") and problems[0].endswith(".")


def test_a_mapping_that_can_work_has_no_problem():
    assert mapping().validate() == []


def test_a_wrong_mapping_makes_no_adapter():
    with pytest.raises(ConfigurationError):
        DeclarativeAdapter(mapping(events="moves["))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "a" * 501},
        {"surprise": 1},
        {"fields": {f"f{n}": "a" for n in range(61)}},
    ],
)
def test_settings_are_bounded(changes):
    with pytest.raises(ValidationError):
        mapping(**changes)


def test_the_preview_shows_what_each_expression_gives_for_the_first_event():
    rows = {row.field: row for row in mapping(**fields(eta="town", carrier="missing")).preview(BODY)}
    assert rows["events"].value == "2 event(s)"
    assert rows["tracking_number"].value == "LC-1"
    assert rows["occurred_at"].value == "2026-02-03T07:15:00+00:00"
    assert (rows["eta"].value, rows["eta"].problem) == ("Graz", "Not usable: this is no expected time.")
    assert rows["carrier"].value == "" and rows["id"].value == "a1"


def test_the_preview_says_when_the_required_field_is_not_found():
    rows = {row.field: row for row in mapping(**fields(tracking_number="nothing")).preview(BODY)}
    assert rows["tracking_number"].problem == "Required, and nothing was found."


def test_the_preview_of_a_wrong_mapping_or_body_raises_nothing():
    assert mapping(events="moves[").preview(BODY)[0].problem
    assert mapping().preview(None)[0].problem
    assert next(row.problem for row in mapping(id="(").preview(BODY) if row.field == "id")


@pytest.mark.parametrize(
    "expression",
    [
        "|".join(["[@,@]"] * 80),
        "|".join(["[@,@][]"] * 60),
        "|".join(["{a:@,b:@}"] * 45),
        "|".join(["[@,@]"] * 70) + "|to_string(@)",
        "|".join(["[@,@,@,@,@,@,@,@,@,@][]"] * 20),
        "|".join(["join('',[@,@])"] * 30),
    ],
)
def test_an_expression_cannot_ask_for_more_memory_than_there_is(expression):
    started = time.monotonic()
    with pytest.raises(UnknownShape):
        Evaluator().value(expression, "ab" * 50)
    assert time.monotonic() - started < 10


@pytest.mark.filterwarnings("ignore:deprecated string literal")
@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=SIGNS, max_size=40), st.sampled_from([BODY, None, [1], "x"]))
def test_no_expression_raises_anything_but_our_two_errors(expression, body):
    with contextlib.suppress(UnknownShape, ConfigurationError):
        mapping(id=expression, **fields(reason=expression)).apply(Delivery(body))


@pytest.mark.parametrize(
    "expression",
    [
        "abs(@)",
        "sum(@)",
        "sort_by(@, &a)",
        "to_number(@)",
        "@[::0]",
        "max(@)",
    ],
)
def test_a_function_on_the_wrong_type_is_an_unknown_shape(expression):
    for body in (BODY, {"no": []}, "x", [{"a": 1}, {"a": "x"}]):
        try:
            Evaluator().value(expression, body)
        except UnknownShape as problem:
            assert str(problem)


def test_the_registry_makes_one_adapter_for_each_source():
    adapter = FACTORIES["declarative"](mapping())
    assert len(adapter.parse(Delivery(BODY))) == 2
    assert adapter.ordering_key(Delivery(BODY)) == "LC1"
    assert adapter.identify(Delivery(BODY)) is None
    assert adapter.identify(Delivery({"moves": BODY["moves"][:1]})) == "a1"
    assert adapter.ordering_key(Delivery(None)) is None
