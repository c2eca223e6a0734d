"""Shopify fulfillments."""

from carrier_bodies import codes, parse, shopify_event, shopify_fulfillment

from distribution_visibility.lib.ingest.adapters import ADAPTERS, Delivery


def test_a_fulfillment_event_without_number_is_known_by_its_fulfillment_and_order():
    (event,) = parse("shopify", shopify_event())
    assert event.data.tracking_number == "shopify-fulfillment-255000001"
    assert event.data.order_reference == "450000001"
    assert codes(event) == [("shopify.event_status", "out_for_delivery")]
    assert event.data.occurred.at.hour == 16


def test_each_tracking_number_of_a_fulfillment_has_its_event():
    events = parse("shopify", shopify_fulfillment())
    assert [event.data.tracking_number for event in events] == ["CP1", "CP2"]
    assert {event.data.order_reference for event in events} == {"#1001"}
    assert codes(events[0]) == [
        ("shopify.event_status", "in_transit"),
        ("shopify.fulfillment_status", "success"),
    ]


def test_a_fulfillment_sent_again_for_another_reason_is_the_same_fact():
    later = shopify_fulfillment(updated_at="2026-03-03T20:00:00-05:00")
    before, after = parse("shopify", shopify_fulfillment()), parse("shopify", later)
    assert [event.fingerprint() for event in before] == [event.fingerprint() for event in after]


def test_the_words_of_the_newer_interface_in_capitals_are_the_same_codes():
    assert codes(parse("shopify", shopify_event(status="DELIVERED"))[0])[0][1] == "delivered"


def test_a_fulfillment_without_number_is_known_by_its_id():
    (event,) = parse("shopify", shopify_fulfillment(tracking_numbers=[], tracking_number=None))
    assert event.data.tracking_number == "shopify-fulfillment-255000001"


def test_events_and_fulfillment_are_worked_in_one_order():
    keys = {ADAPTERS["shopify"].ordering_key(Delivery(body)) for body in (shopify_event(), shopify_fulfillment())}
    assert len(keys) == 1


def test_unsigned_header_ids_identify_nothing():
    delivery = Delivery(shopify_event(), {"x-shopify-event-id": "1", "x-shopify-webhook-id": "2"})
    assert ADAPTERS["shopify"].identify(delivery) is None


def test_other_topics_say_nothing_here():
    assert parse("shopify", {"id": 1}, **{"x-shopify-topic": "orders/create"}) == []


def test_a_fulfillment_with_numbers_says_which_fulfillment_it_is_so_that_its_events_find_it():
    first, second = parse("shopify", shopify_fulfillment())
    (event,) = parse("shopify", shopify_event(fulfillment_id=shopify_fulfillment()["id"]))
    assert first.data.related_numbers == second.data.related_numbers == (event.data.tracking_number,)


def test_events_as_the_rest_api_lists_them_are_read_oldest_first():
    later = shopify_event(id=944000002, happened_at="2026-03-04T11:00:00-05:00", status="delivered")
    events = parse("shopify", {"fulfillment_events": [later, shopify_event()]})
    assert [codes(event)[0][1] for event in events] == ["out_for_delivery", "delivered"]
