"""AfterShip trackings, current and legacy."""

from carrier_bodies import (
    aftership,
    aftership_checkpoint,
    aftership_legacy,
    codes,
    doubts,
    estimates,
    parse,
    scans,
)

from distribution_visibility.lib.ingest.adapters import ADAPTERS, Delivery


def test_the_subtag_tells_most_and_the_tag_is_the_second_candidate():
    event = scans(parse("aftership", aftership()))[-1]
    assert codes(event) == [("aftership.subtag", "InTransit_007"), ("aftership.tag", "InTransit")]
    assert event.data.order_reference == "SO1042"
    assert event.data.place.name == "Köln, Germany"


def test_a_time_without_offset_counts_as_utc_and_says_so():
    announced, departed = scans(parse("aftership", aftership()))
    assert announced.data.occurred.offset_known and announced.data.occurred.at.hour == 7
    assert not departed.data.occurred.offset_known and departed.data.occurred.at.hour == 22
    assert departed.doubts == ("offset_unknown",)
    assert departed.data.occurred.raw == "2026-03-03T22:15:00"


def test_the_tag_wins_over_a_subtag_of_another_tag():
    checkpoint = aftership_checkpoint("Delivered", "InTransit_003", "2026-03-04T10:00:00Z")
    event = scans(parse("aftership", aftership(checkpoints=[checkpoint])))[0]
    assert codes(event)[0] == ("aftership.tag", "Delivered")
    assert "tag_vs_subtag" in event.doubts


def test_a_legacy_body_is_understood_alike():
    events = parse("aftership", aftership_legacy())
    assert len(events) == 1
    assert codes(events[0])[0][1] == "Delivered_003"
    assert events[0].data.signed_by == "R. Receiver"
    assert events[0].data.order_reference == "SO9"


def test_an_estimate_for_a_day_holds_until_its_end():
    eta = estimates(parse("aftership", aftership()))[0].data.eta
    assert (eta.at.hour, eta.at.minute, eta.offset_known, eta.raw) == (23, 59, False, "2026-03-06")


def test_a_revised_estimate_comes_through_its_own_event_type():
    body = {
        **aftership(latest_estimated_delivery={"datetime": "2026-03-08T16:00:00+01:00"}),
        "event": "edd_revise",
    }
    assert estimates(parse("aftership", body))[0].data.eta.at.hour == 15


def test_a_pending_tracking_has_nothing_to_tell_but_its_number():
    body = aftership(tag="Pending", subtag="Pending_001", checkpoints=[])
    assert scans(parse("aftership", body)) == []


def test_the_event_id_of_the_signed_body_identifies():
    assert ADAPTERS["aftership"].identify(Delivery(aftership())) == "5f0c"
    assert ADAPTERS["aftership"].identify(Delivery(aftership_legacy())) is None


def test_a_resent_history_gives_each_scan_once():
    again = aftership(updated_at="2026-03-05T00:00:00Z")
    before, after = scans(parse("aftership", aftership())), scans(parse("aftership", again))
    assert [event.fingerprint() for event in before] == [event.fingerprint() for event in after]


def test_checkpoints_of_the_wrong_type_are_skipped_with_a_doubt():
    body = aftership(
        checkpoints=[
            None,
            "scan",
            7,
            aftership_checkpoint("InTransit", "InTransit_001", "2026-03-03T22:15:00Z"),
        ]
    )
    events = parse("aftership", body)
    assert "scan_skipped" in doubts(events)
    assert codes(scans(events)[0])[0][1] == "InTransit_001"
