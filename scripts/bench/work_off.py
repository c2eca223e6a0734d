"""Run by `odoo shell`: one worker's speed from stored messages to exceptions, measured in its process.

Messages are accepted before, as the webhook does it, one fact each; the time is that of
the scheduled action's own loop, commits included.
"""

# ruff: noqa: F821  (`env` is the shell's)

import json
import time
import uuid

MESSAGES, ROUNDS, SHIPMENTS = 400, 3, 200
receiver = env["visibility.source"]._get_receiver("bench")
Inbox = env["visibility.inbox.message"]


class Proof:
    event_id, key_id = "", env["visibility.source.key"].search([("source_id", "=", receiver.source_id)], limit=1).id


def accept(number, what):
    """One message as the door stores it."""
    event_id = uuid.uuid4().hex
    data = {"tracking_number": number, "carrier": "UPS", "occurred_at": "2026-11-23T11:00:00Z", **what}
    payload = {"id": event_id, "type": "shipment.milestone", "data": data}
    Proof.event_id = event_id
    Inbox._accept(receiver, json.dumps(payload).encode(), payload, {}, Proof)


def work_off(numbers, what):
    """Events a second over all that was accepted."""
    env.cr.postcommit.clear()
    for number in numbers:
        accept(number, what)
    env.cr.postcommit.clear()
    env.cr.commit()
    begin = time.perf_counter()
    while batch := Inbox._claim("transactional", 200):
        env.cr.commit()
        batch._work()
        env.cr.commit()
    return len(numbers) / (time.perf_counter() - begin)


delays, scans = [], []
for index in range(ROUNDS + 1):
    # new shipments with a delivery each time would be an order each: half known, half new numbers
    known = [f"BENCH{number % SHIPMENTS:05}" for number in range(MESSAGES // 2)]
    new = [f"NEW{index}A{number:05}" for number in range(MESSAGES // 2)]
    delays.append(work_off(known + new, {"category": "delayed_in_transit"}))
    scans.append(work_off(known + new, {"milestone": "in_transit"}))
states = {state: count for state, count in Inbox._read_group([], ["state"], ["__count"])}
assert set(states) <= {"done"}, states
print(json.dumps({"delays": delays[1:], "scans": scans[1:]}))
