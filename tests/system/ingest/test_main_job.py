"""The main job: a carrier's signed webhook becomes an owned exception on the order."""

import pytest
from senders import easypost_delay

pytestmark = pytest.mark.paced
WITHIN_SECONDS = 5


def _risk(reader, number):
    """What delivery and order carry, as lists can be filtered by it."""
    return reader.one(
        """SELECT p.visibility_is_at_risk AS picking_at_risk, o.visibility_is_at_risk AS order_at_risk,
                  o.visibility_severity AS severity, o.visibility_exception_count AS exceptions,
                  (SELECT count(*) FROM sale_order_visibility_tag_rel r WHERE r.sale_order_id = o.id) AS order_tags,
                  (SELECT count(*) FROM stock_picking_visibility_tag_rel r WHERE r.stock_picking_id = p.id)
                  AS picking_tags
             FROM stock_picking p JOIN sale_order o ON o.id = p.sale_id
            WHERE p.carrier_tracking_ref = %s""",
        number,
    )


def _exceptions(reader, number):
    return reader.rows(
        """SELECT e.*, c.code AS category FROM visibility_exception e
             JOIN visibility_exception_category c ON c.id = e.category_id
             JOIN visibility_shipment s ON s.id = e.shipment_id
            WHERE s.number = %s AND NOT coalesce(e.is_consequence, FALSE)""",
        number,
    )


def _events(reader, number):
    return reader.rows(
        """SELECT ev.* FROM visibility_event ev JOIN visibility_shipment s ON s.id = ev.shipment_id
            WHERE s.number = %s ORDER BY ev.id""",
        number,
    )


def test_a_carriers_delay_is_an_owned_exception_on_the_order_within_five_seconds(
    sender, reader, number, wait_until_done
):
    assert not _risk(reader, number)["order_at_risk"]
    answer = sender.easypost(easypost_delay(number, f"evt_main_{number}"))
    assert answer.status == 202, answer.body
    seconds = wait_until_done(f"evt_main_{number}", WITHIN_SECONDS)
    print(f"from answer to exception: {seconds:.2f} s")

    assert any("weather" in (event["description"] or "") for event in _events(reader, number))
    (exception,) = _exceptions(reader, number)
    assert exception["is_open"] and exception["category"] == "delayed_in_transit"
    assert exception["user_id"] and exception["deadline"] and "weather" in exception["reason"]
    risk = _risk(reader, number)
    assert risk["picking_at_risk"] and risk["order_at_risk"] and risk["severity"] == "warning"
    assert risk["exceptions"] == 1 and risk["order_tags"] and risk["picking_tags"]


def test_the_same_delivery_again_is_answered_200_and_changes_nothing(sender, reader, number, wait_until_done):
    body = easypost_delay(number, f"evt_again_{number}")
    assert sender.easypost(body).status == 202
    wait_until_done(f"evt_again_{number}")
    before = _everything(reader, number)
    assert [sender.easypost(body).status for _time in range(3)] == [200, 200, 200]
    assert _everything(reader, number) == before


def _everything(reader, number):
    messages = reader.rows("SELECT * FROM visibility_inbox_message WHERE ordering_key = %s", number)
    return messages, _events(reader, number), _exceptions(reader, number), _risk(reader, number)


def test_the_same_news_in_another_delivery_tells_nothing_new(sender, reader, number, wait_until_done):
    for event_id in (f"evt_one_{number}", f"evt_two_{number}"):
        assert sender.easypost(easypost_delay(number, event_id)).status == 202
        wait_until_done(event_id)
    (exception,) = _exceptions(reader, number)
    assert exception["seen_count"] == 1, "a history that is sent again is not a second sighting"


def test_a_wrong_signature_is_401_and_nothing_is_stored(sender, reader, number):
    before = reader.message_count()
    answer = sender.easypost(easypost_delay(number, f"evt_wrong_{number}"), secret="another secret")
    assert answer.status == 401 and answer.headers["Content-Type"] == "application/problem+json"
    assert reader.message(f"evt_wrong_{number}") is None and reader.message_count() == before


def test_a_message_that_comes_when_the_worker_goes_to_rest_is_not_left_lying(sender, reader, number, wait_until_done):
    """The worker stays a moment for more; what comes just then must neither wait for the next minute."""
    waits = []
    for index in range(8):
        event_id = f"evt_rest_{number}_{index}"
        assert sender.easypost(easypost_delay(number, event_id, minute=index)).status == 202
        waits.append(wait_until_done(event_id, WITHIN_SECONDS))
        _pause(1.25 + index * 0.06)
    print("seconds until done:", [round(wait, 2) for wait in waits])


def _pause(seconds):
    import time

    time.sleep(seconds)
