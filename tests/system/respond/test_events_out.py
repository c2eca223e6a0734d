"""Events out of real processes: `kill -9` between every two steps of sending, a receiver that is down and back.

At an idempotent receiver each event has exactly one effect, nothing is lost, and order is kept.
"""

import base64

import chaos
import gates
import pytest
from office import Office
from reader import Reader, wait_for
from receiving import Receiver
from senders import Sender, canonical_delay

from scripts import postgres

# What the worker does with an event, in its order. `None`: the receiver has it and does not answer.
MESSAGE = "visibility_outbox_message"
STEPS = {
    "claiming it": (MESSAGE, "UPDATE", "NEW.state = 'running' AND OLD.state IN ('pending', 'retry')"),
    "waiting for the answer": None,
    "writing down the attempt": ("visibility_outbox_attempt", "INSERT", "true"),
    "calling it done": (MESSAGE, "UPDATE", "NEW.state = 'done'"),
    "noting how the receiver is doing": ("visibility_subscription", "UPDATE", "NEW.last_success_at IS NOT NULL"),
}
# Odoo rests a scheduled action for a minute when it died three times in a row: each dies twice here.
LANES = ["transactional", "bulk", "analytical"]


class EventsOffice(Office):
    """An administrator who makes subscriptions."""

    def subscribe(self, receiver, name, lane, *types):
        """A subscription with a key of its own, still paused; gives its id."""
        secret = "whsec_" + base64.b64encode(f"{name:>32}".encode()).decode()
        receiver.secrets[f"/{name}"] = secret
        subscription = self.call("visibility.subscription", "create", {
            "name": name,
            "url": f"http://127.0.0.1:{receiver.port}/{name}",
            "lane": lane,
            "timeout_seconds": 20,
            "type_ids": [(6, 0, self.call("visibility.outbox.type", "search", [("name", "in", types)]))],
            "state": "off",
        })  # fmt: skip
        self.call("visibility.subscription.key", "create", {"subscription_id": subscription, "secret": secret})
        return subscription

    def activate(self, *subscriptions):
        self.call("visibility.subscription", "action_activate", list(subscriptions))

    def pause(self, subscription):
        self.call("visibility.subscription", "action_pause", [subscription])


@pytest.fixture(scope="module")
def own_server(run_server):
    """Processes die here: no other module uses this server. One worker sends."""
    with run_server(cron_threads=1) as server:
        yield server


@pytest.fixture
def server(own_server):
    return own_server


@pytest.fixture(scope="module")
def receiver():
    found = Receiver()
    yield found
    found.close()


@pytest.fixture(scope="module")
def office(own_server, receiver):
    found = EventsOffice(own_server)
    address = {"host": "127.0.0.1", "port": receiver.port, "reason": "The receiver of this test"}
    found.call("visibility.internal.address", "create", address)
    reader = Reader(postgres.server(), own_server.database)
    reader.execute("UPDATE ir_cron SET active = false WHERE cron_name = 'Visibility: heartbeat'")
    reader.close()
    return found


def _tell(server, reader, number):
    """Something happens that opens one exception."""
    Sender(server.port).insist("canonical", canonical_delay(number), f"msg_{number}")
    count = "SELECT count(*) FROM visibility_exception e JOIN visibility_shipment s ON s.id = e.shipment_id"

    def is_open():
        reader.wake_crons()
        return reader.value(count + " WHERE s.number = %s", number)

    wait_for(is_open, 60, f"the exception of {number} is open", pause=0.1)


def _unfinished(reader):
    return reader.rows(f"SELECT id, state, attempts, error FROM {MESSAGE} WHERE state NOT IN ('done', 'ignored')")


def _wait_until_sent(reader, seconds):
    def are_done():
        reader.execute(
            "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE cron_name LIKE 'Visibility: send%%'"
        )
        reader.wake_crons()
        return not _unfinished(reader)

    try:
        return wait_for(are_done, seconds, "all events are sent", pause=0.5)[1]
    except AssertionError:
        print(_unfinished(reader))
        raise


def _assert_each_once(reader, receiver):
    sent = {row["event_id"] for row in reader.rows(f"SELECT event_id FROM {MESSAGE} WHERE event_type != 'test'")}
    assert not receiver.problems, "every signature is good for a library that knows only the standard"
    assert set(receiver.effects) == sent, "nothing is lost, and nothing comes that was not written"
    assert set(receiver.effects.values()) <= {1}


def test_an_event_whose_sender_is_killed_at_any_step_has_its_effect_exactly_once(server, reader, receiver, office):
    subscriptions = []
    for index, (step, gate) in enumerate(STEPS.items()):
        subscription = office.subscribe(receiver, f"step-{index}", LANES[index % len(LANES)], "exception.opened")
        subscriptions.append(subscription)
        office.activate(subscription)
        if gate:
            gates.install(reader, f"out_{index}", *gate)
            with gates.closed(reader, f"out_{index}"):
                _tell(server, reader, f"OUT{index}")
                gates.wait_until_somebody_waits(reader)
                chaos.kill_cron_workers(server)
        else:
            with receiver.held():
                _tell(server, reader, f"OUT{index}")
                assert receiver.waiting.wait(30), "the receiver has it"
                chaos.kill_cron_workers(server)
        office.pause(subscription)
        states = {row["state"] for row in _unfinished(reader)}
        assert index >= 4 or states, f"killed while {step}"
    office.activate(*subscriptions)
    print(f"recovered in {_wait_until_sent(reader, 90):.1f} s; deliveries {sorted(receiver.deliveries.values())}")
    _assert_each_once(reader, receiver)
    # each subscription from its own step on: what a worker that did not know of it yet left out is missing here
    assert len(receiver.effects) == sum(range(1, len(STEPS) + 1))
    assert max(receiver.deliveries.values()) > 1, "one was sent again: it takes an idempotent receiver"
    for subscription in subscriptions:
        office.call("visibility.subscription", "action_switch_off", [subscription])


def test_a_receiver_that_is_down_and_back_gets_everything_once_and_in_order(server, reader, receiver, office):
    down = office.subscribe(receiver, "down", "transactional", "exception.opened", "exception.updated")
    office.activate(down)
    receiver.close()
    for index in range(6):
        _tell(server, reader, f"DOWN{index}")
    where = [("shipment_id.number", "=", "DOWN0")]
    (exception,) = office.call("visibility.exception", "search", where)
    for severity in ("blocking", "information"):
        office.call("visibility.exception", "write", [exception], {"severity": severity})

    def rests():
        reader.execute(f"UPDATE {MESSAGE} SET next_attempt_at = now() AT TIME ZONE 'UTC' WHERE state = 'retry'")
        reader.wake_crons()
        return reader.value(
            "SELECT failures >= 5 AND rests_until IS NOT NULL FROM visibility_subscription WHERE id = %s", down
        )

    wait_for(rests, 60, "the receiver is left alone", pause=0.5)
    receiver.open()
    reader.execute("UPDATE visibility_subscription SET rests_until = now() AT TIME ZONE 'UTC' WHERE id = %s", down)
    print(f"sent in {_wait_until_sent(reader, 60):.1f} s after it was back")
    _assert_each_once(reader, receiver)
    told = [event for event in receiver.order if event["data"]["tracking_number"] == "DOWN0"]
    assert [event["type"] for event in told] == ["exception.opened", "exception.updated", "exception.updated"]
    assert [event["data"]["severity"] for event in told][1:] == ["blocking", "information"]
    row = reader.one("SELECT state, failures FROM visibility_subscription WHERE id = %s", down)
    assert (row["state"], row["failures"]) == ("active", 0)
