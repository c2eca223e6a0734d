"""Sendcloud."""

from carrier_bodies import codes, parse, sendcloud

from distribution_visibility.lib.ingest.adapters import ADAPTERS


def test_a_status_is_one_event_at_the_carriers_time():
    (event,) = parse("sendcloud", sendcloud())
    assert codes(event) == [("sendcloud.status", "91")]
    assert event.data.occurred.at.isoformat() == "2026-03-04T06:10:00+00:00"
    assert (event.data.carrier, event.data.order_reference, event.data.place) == ("postnl", "SO77", None)


def test_a_retry_with_a_later_send_time_is_the_same_fact():
    later = {**sendcloud(), "timestamp": 1772699999000}
    assert parse("sendcloud", sendcloud())[0].fingerprint() == parse("sendcloud", later)[0].fingerprint()


def test_a_parcel_without_number_gives_no_event_yet():
    assert parse("sendcloud", sendcloud(tracking_number="", status={"id": 1002})) == []


def test_a_return_is_a_return():
    assert parse("sendcloud", sendcloud(is_return=True))[0].data.is_return


def test_other_actions_say_nothing_here():
    assert parse("sendcloud", {"action": "integration_updated", "timestamp": 1}) == []


def test_label_links_and_the_recipient_are_redacted():
    for path in ("parcel.label", "parcel.name", "parcel.telephone", "parcel.email", "parcel.address"):
        assert path in ADAPTERS["sendcloud"].redact
