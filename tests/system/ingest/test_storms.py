"""Many requests at once: senders repeat themselves, and all of them at the same time."""

from concurrent.futures import ThreadPoolExecutor

from reader import wait_for
from senders import canonical_delay, standard_headers

AT_ONCE = 16


def _at_once(send, count):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(count)))


def test_200_identical_requests_at_once_are_one_message_and_200_answers_of_2xx(sender, reader, number):
    body = canonical_delay(number)
    headers = standard_headers(body, "canonical", f"msg_storm_{number}")
    answers = _at_once(lambda _index: sender.post("canonical", body, headers), 200)
    assert sorted(answer.status for answer in answers) == [200] * 199 + [202]
    rows = reader.rows("SELECT id FROM visibility_inbox_message WHERE external_id LIKE %s", f"msg_storm_{number}%")
    assert len(rows) == 1


def test_200_different_requests_at_once_are_200_messages_and_200_events(sender, reader, number):
    def send(index):
        return sender.standard("canonical", canonical_delay(number, index), f"msg_many_{number}_{index}")

    assert {answer.status for answer in _at_once(send, 200)} == {202}
    many = f"msg_many_{number}_%"
    assert reader.value("SELECT count(*) FROM visibility_inbox_message WHERE external_id LIKE %s", many) == 200
    wait_for(lambda: not reader.unfinished(), 30, "all are worked off")
    events = reader.value(
        """SELECT count(*) FROM visibility_event e JOIN visibility_inbox_message m ON m.id = e.message_id
            WHERE m.external_id LIKE %s""",
        many,
    )
    assert events == 200
    exception = reader.one(
        """SELECT e.seen_count FROM visibility_exception e JOIN visibility_shipment s ON s.id = e.shipment_id
            WHERE s.number = %s""",
        number,
    )
    assert exception["seen_count"] == 200, "one exception, seen as often as it was reported"


def test_an_id_that_comes_again_with_another_body_is_put_aside(sender, reader, number, wait_until_done):
    event_id = f"msg_reuse_{number}"
    assert sender.standard("canonical", canonical_delay(number, 1), event_id).status == 202
    wait_until_done(event_id)
    answer = sender.standard("canonical", canonical_delay(number, 2), event_id)
    assert answer.status < 300, "a provider would switch off an endpoint that keeps refusing"
    rows = reader.rows("SELECT state FROM visibility_inbox_message WHERE external_id LIKE %s", event_id + "%")
    assert sorted(row["state"] for row in rows) == ["done", "quarantined"]
