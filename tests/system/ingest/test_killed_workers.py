"""`kill -9` of a worker between every two steps: nothing is lost, and nothing happens twice."""

import threading
import time

import chaos
import gates
import pytest
from reader import Reader, wait_for
from senders import LOST_CONNECTION, Sender, canonical_delay

from scripts import postgres

# what the worker does with a claimed message, in its order: a gate before each step
STEPS = {
    "claiming it": ("visibility_inbox_message", "UPDATE", "NEW.state = 'running' AND OLD.state = 'pending'"),
    "recording its event": ("visibility_event", "INSERT", "true"),
    "moving its shipment": ("visibility_shipment", "UPDATE", "true"),
    "opening its exception": ("visibility_exception", "INSERT", "true"),
    "calling it done": ("visibility_inbox_message", "UPDATE", "NEW.state = 'done'"),
    "committing": ("ir_cron_progress", "UPDATE", "NEW.done > OLD.done"),
}
OTHERS = [
    "Visibility: heartbeat",
    "Visibility: work out rules",
    "Visibility: notice what is overdue",
    "Visibility: work out late risk",
]


@pytest.fixture(scope="module")
def own_server(run_server):
    """Processes die here: no other module uses this server. One worker works off the inbox."""
    with run_server(cron_threads=1) as server:
        yield server


@pytest.fixture
def server(own_server):
    return own_server


@pytest.fixture(scope="module", autouse=True)
def all_gates(own_server):
    reader = Reader(postgres.server(), own_server.database)
    # what these do would come to the gates, too
    reader.execute("UPDATE ir_cron SET active = false WHERE cron_name = ANY(%s)", OTHERS)
    for index, (table, event, condition) in enumerate(STEPS.values()):
        gates.install(reader, f"step_{index}", table, event, condition)
    gates.install(reader, "accept", "visibility_inbox_message", "INSERT")
    gates.install(reader, "answer", "ir_cron_trigger", "INSERT")
    reader.close()


def _send_in_background(sender, body, event_id):
    """A request that will never be answered, because its worker is killed."""
    errors = []

    def send():
        try:
            sender.standard("canonical", body, event_id)
        except LOST_CONNECTION as error:
            errors.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    return thread, errors


@pytest.mark.parametrize(
    ("gate", "expected"), [("accept", 202), ("answer", 200)], ids=["before the commit", "before the answer"]
)
def test_a_request_whose_worker_is_killed_is_taken_once_when_the_sender_repeats_it(
    server, reader, wait_until_done, gate, expected
):
    body, event_id = canonical_delay(f"KILLED-{gate}"), f"msg_killed_{gate}"
    # the wake-up is left out for half a second after another one
    time.sleep(0.6)
    with gates.closed(reader, gate):
        thread, errors = _send_in_background(Sender(server.port), body, event_id)
        gates.wait_until_somebody_waits(reader)
        chaos.kill_http_worker_in_work(server)
        thread.join()
    assert errors, "the sender got no answer"
    answer = Sender(server.port).insist("canonical", body, event_id)
    assert answer.status == expected
    wait_until_done(event_id, 10)
    assert reader.value("SELECT count(*) FROM visibility_event WHERE sender_id = %s", f"fact-KILLED-{gate}-0") == 1


def test_a_message_whose_worker_is_killed_at_any_step_has_its_effect_exactly_once(server, reader):
    """Each step kills a worker with a message of its own; then all of them recover together."""
    event_ids = []
    for index, step in enumerate(STEPS):
        event_ids.append(f"STEP_{index}")
        with gates.closed(reader, f"step_{index}"):
            Sender(server.port).insist("canonical", canonical_delay(f"STEP{index}", index), event_ids[-1])
            gates.wait_until_somebody_waits(reader)
            chaos.kill_cron_workers(server)
            # before the gate opens: a worker that was started since may be quick to make up for it
            assert reader.message(event_ids[-1])["state"] != "done", f"killed while {step}"
            assert step == "claiming it" or _claimed(reader), f"killed while {step}, its claim is left behind"
    event_ids.append(_kill_between_claim_and_lock(server, reader))

    print(f"recovered in {chaos.wait_for_recovery(reader):.1f} s")
    chaos.assert_nothing_lost_and_one_effect_each(reader, "STEP", event_ids)
    attempts = [reader.message(event_id)["attempts"] for event_id in event_ids]
    assert max(attempts) > 1, "an attempt is counted before the work"


def _claimed(reader):
    """How many messages a worker has taken and not finished: the new one, or one that was left before."""
    return reader.value("SELECT count(*) FROM visibility_inbox_message WHERE state = 'running'")


def _kill_between_claim_and_lock(server, reader):
    """The claim is committed, its rows not locked yet: only the time of the claim tells of it."""
    event_id = "STEP_between"
    with gates.closed(reader, "step_0") as open_gate:
        Sender(server.port).insist("canonical", canonical_delay("STEPBETWEEN", "between"), event_id)
        gates.wait_until_somebody_waits(reader)
        with gates.locked_table(reader, "visibility_inbox_message") as ready:
            time.sleep(0.2)
            open_gate()
            assert ready.wait(10)
            gates.wait_until_somebody_waits(reader)
            chaos.kill_cron_workers(server)
            assert _claimed(reader), "the claim is left behind"
    return event_id


@pytest.mark.long
def test_a_stream_of_messages_survives_random_kills_of_workers(server, reader):
    with (
        chaos.Repeatedly(lambda: chaos.kill_any(server, "WorkerHTTP"), every=0.9) as http,
        # each such kill costs the messages in work a longer pause before the next attempt
        chaos.Repeatedly(lambda: chaos.kill_any(server, "WorkerCron"), every=4) as cron,
    ):
        event_ids = chaos.stream([server.port], "RANDOM", 500, pause=0.1)
    print(f"{http.count} HTTP and {cron.count} cron workers killed during {len(event_ids)} messages")
    assert http.count > 2 and cron.count > 1
    print(f"recovered in {chaos.wait_for_recovery(reader):.1f} s")
    chaos.assert_nothing_lost_and_one_effect_each(reader, "RANDOM", event_ids)


def test_the_server_that_lost_many_workers_has_all_of_them_again(server):
    for kind, count in {"WorkerHTTP": 2, "WorkerCron": 1}.items():
        wait_for(lambda: len(chaos.workers(server, kind)) == count, 20, f"there are {count} {kind}")  # noqa: B023
