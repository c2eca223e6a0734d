"""Easyship."""

import pytest
from carrier_bodies import codes, easyship, parse


@pytest.mark.parametrize("key", ["tracking_status", "shipment", "data"])
def test_the_status_is_found_wherever_the_version_puts_it(key):
    (event,) = parse("easyship", easyship(key))
    assert codes(event) == [("easyship.status", "Out for Delivery")]
    assert event.data.order_reference == "SO55"


def test_a_status_has_no_time_and_counts_once():
    first, second = (parse("easyship", easyship())[0] for _ in range(2))
    assert first.data.occurred is None
    assert first.fingerprint() == second.fingerprint()


def test_checkpoints_have_times_and_the_status_is_not_counted_again():
    checkpoint = {
        "checkpoint_time": "2026-03-03T10:00:00Z",
        "primary_status": "Out for Delivery",
        "message": "On the van",
    }
    (event,) = parse("easyship", easyship(checkpoints=[checkpoint]))
    assert event.data.occurred.at.hour == 10


def test_a_shipment_without_tracking_number_is_known_by_its_easyship_id():
    body = easyship(tracking_number=None, status="Shipped (No Tracking Provided)")
    assert parse("easyship", body)[0].data.tracking_number == "ESUS7000001"


def test_a_label_event_speaks_through_its_type():
    body = {**easyship("label", status="generated"), "event_type": "shipment.label.created"}
    assert codes(parse("easyship", body)[0]) == [("easyship.event", "shipment.label.created")]


def test_events_of_the_account_say_nothing_here():
    assert parse("easyship", {"event_type": "credit.balance.low", "resource_id": "x"}) == []
