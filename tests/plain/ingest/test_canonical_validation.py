"""What is wrong with a body is said by place and reason, and never with the sender's own words."""

import copy

import pytest

from distribution_visibility.lib.base.errors import InvalidEvents
from distribution_visibility.lib.ingest.canonical import MAX_EVENTS, ShipmentEvent
from distribution_visibility.lib.ingest.canonical_validation import MAX_ERRORS, _escape, validated_events

EVENT = {"type": "shipment.milestone", "data": {"tracking_number": "NW0044", "milestone": "delivered"}}
BROKEN = {"type": "shipment.milestone", "data": {"milestone": "delivered"}}


def refusal(body):
    with pytest.raises(InvalidEvents) as caught:
        validated_events(body)
    return caught.value


def pointers(body):
    return [error["pointer"] for error in refusal(body).errors]


@pytest.mark.parametrize("body", [EVENT, [EVENT], {"events": [EVENT]}], ids=["one", "a list", "a batch"])
def test_one_event_a_list_and_a_batch_are_read_alike(body):
    (event,) = validated_events(body)
    assert isinstance(event, ShipmentEvent) and event.data.tracking_number == "NW0044"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (BROKEN, "#/data/tracking_number"),
        ([EVENT, BROKEN], "#/1/data/tracking_number"),
        ({"events": [EVENT, EVENT, BROKEN]}, "#/events/2/data/tracking_number"),
        ({"data": {}}, "#/type"),
        ([{"type": "no.such.thing"}], "#/0/type"),
        ({"type": "shipment.milestone"}, "#/data"),
        ({"events": {}}, "#/events"),
        ({"events": None}, "#/events"),
        ([], "#"),
        (7, "#"),
    ],
)
def test_the_place_is_a_pointer_into_the_body_as_it_was_sent(body, pointer):
    assert pointers(body)[0].startswith(pointer)
    if pointer != "#":
        assert pointers(body)[0] == pointer


@pytest.mark.parametrize(("size", "is_taken"), [(0, False), (1, True), (MAX_EVENTS, True), (MAX_EVENTS + 1, False)])
@pytest.mark.parametrize("as_list", [True, False])
def test_a_batch_holds_one_to_five_hundred_events(size, is_taken, as_list):
    events = [EVENT] * size
    body = events if as_list else {"events": events}
    if is_taken:
        assert len(validated_events(body)) == size
    else:
        (error,) = refusal(body).errors
        assert error["code"] == "batch_size" and str(MAX_EVENTS) in error["detail"]


def test_what_is_no_list_is_no_batch():
    (error,) = refusal({"events": "all of them"}).errors
    assert error == {"pointer": "#/events", "detail": "Input should be a list of events", "code": "list_type"}


def test_all_errors_of_all_events_are_found_and_counted_and_the_first_is_told_in_words():
    problem = refusal([BROKEN, EVENT, {**EVENT, "is_test": "yes"}])
    assert problem.count == len(problem.errors) == 2
    assert str(problem).startswith("2 error(s) in the body; the first at #/0/data/tracking_number: ")


def test_of_very_many_errors_fifty_are_listed():
    problem = refusal([BROKEN] * (MAX_ERRORS + 1))
    assert (len(problem.errors), problem.count) == (50, 51)


def test_neither_values_nor_addresses_of_documentation_are_told():
    problem = refusal({**EVENT, "data": {**EVENT["data"], "eta": "Tuesday-secret", "is_return": "secret"}})
    assert "secret" not in str(problem) + str(problem.errors)
    assert "http" not in str(problem.errors)
    assert not any(error["detail"].startswith("Value error") for error in problem.errors)
    assert {error.keys() >= {"pointer", "detail", "code"} for error in problem.errors} == {True}


def test_our_own_name_of_a_field_is_not_one_that_a_sender_may_use():
    (event,) = validated_events({**EVENT, "data": {**EVENT["data"], "occurred": "2026-04-11T09:58:00Z"}})
    assert event.data.occurred is None


def test_only_an_adapter_may_doubt_and_what_was_sent_stays_as_it_is():
    body = {**EVENT, "doubts": ["status_vs_detail"]}
    before = copy.deepcopy(body)
    (event,) = validated_events(body)
    assert event.doubts == () and body == before


def test_a_pointer_escapes_what_a_pointer_must():
    assert (_escape("a/b~c"), _escape(3)) == ("a~1b~0c", "3")
