"""One sender's flood is that sender's problem."""

import contextlib
import threading
import time
import uuid

import pytest
from senders import LOST_CONNECTION, Sender, canonical_delay, standard_headers

pytestmark = pytest.mark.paced
SECONDS, FLOODERS = 6, 3
# All of these senders have one address: together they stay below its limit of 200 a second.
PAUSE = 0.02


@pytest.fixture
def flood(server):
    """A function that sends over three connections almost as fast as it is answered; gives the answers."""
    answers, stop, threads = [], threading.Event(), []

    def send(source):
        sender = Sender(server.port)
        while not stop.is_set():
            body = canonical_delay(f"FLOOD{len(answers) % 50}", uuid.uuid4().hex)
            with contextlib.suppress(*LOST_CONNECTION):
                answers.append(sender.standard(source, body))
            time.sleep(PAUSE)

    def begin(source):
        threads.extend(threading.Thread(target=send, args=(source,)) for _flooder in range(FLOODERS))
        for thread in threads:
            thread.start()
        return answers

    yield begin
    stop.set()
    for thread in threads:
        thread.join()


@pytest.fixture
def waits(sender, number, wait_until_done):
    """A function that sends now and then for some seconds; gives how long each message waited."""

    def send():
        begin, found = time.monotonic(), []
        while time.monotonic() - begin < SECONDS:
            event_id = f"msg_quiet_{number}_{len(found)}"
            assert sender.standard("quiet", canonical_delay(number, len(found)), event_id).status == 202
            found.append(wait_until_done(event_id, 5))
            time.sleep(0.4)
        print("seconds until done:", [round(wait, 2) for wait in found])
        return found

    return send


def test_a_flood_in_the_bulk_lane_delays_no_message_of_another_source(flood, waits):
    answers = flood("flood")
    assert len(waits()) > 3
    assert len(answers) > 100 and {answer.status for answer in answers} == {202}


def test_a_source_over_its_limit_is_told_when_to_come_again_and_no_other_is(flood, waits):
    answers = flood("limited")
    waits()
    assert {answer.status for answer in answers} == {202, 429}
    for answer in answers:
        if answer.status == 429:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert int(answer.headers["Retry-After"]) >= 1


def test_a_sender_that_waits_as_long_as_it_was_told_is_taken_again(server, reader):
    sender = Sender(server.port)
    for index in range(500):
        body, event_id = canonical_delay("PATIENT", index), f"msg_patient_{index}"
        answer = sender.standard("limited", body, event_id)
        if answer.status == 429:
            break
    assert answer.status == 429
    assert reader.message(event_id) is None, "refused means not stored"
    time.sleep(int(answer.headers["Retry-After"]))
    assert sender.post("limited", body, standard_headers(body, "limited", event_id)).status == 202
