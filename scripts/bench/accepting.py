"""How fast requests are taken, beside Odoo's own webhook and an empty route on the same server."""

import http.client
import json
import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from scripts.bench import odoo, table
from scripts.bench.signing import sign_headers
from scripts.console import SetupError

CONNECTIONS, ROUNDS, SECONDS = 4, 5, 3.0
BATCH = 200
JSON = {"Content-Type": "application/json"}


def measure(name, seeded):
    """Rows of the table. The contenders take turns, so that a busy moment hits all of them."""
    contenders = {
        "hook": lambda: (seeded["one_field"], *plain()),
        "empty": lambda: ("/visibility_bench/empty", *plain()),
        "single": lambda: _signed(event(), seeded["secret"]),
        "batch": lambda: _signed({"events": [event() for _index in range(BATCH)]}, seeded["secret"]),
    }
    with odoo.server(name) as server:
        rates = rounds(server.port, contenders)
    size = len(json.dumps(event()))
    yield table.Row("accept one signed event", rates["single"], "request/s", "/web/hook", rates["hook"], 1.8)
    yield table.Row("accept one signed event", rates["single"], "request/s", "empty route", rates["empty"], 0.85)
    batches = [rate * BATCH for rate in rates["batch"]]
    yield table.Row(f"accept in batches of {BATCH}", batches, "event/s", "/web/hook", rates["hook"], 150)
    yield table.Note(f"one event is {size} bytes, a batch of {BATCH} about {size * BATCH // 1024} KiB")


def event():
    """One delay in the canonical form; every one is another fact."""
    data = {"tracking_number": f"BENCH{random.randrange(200):05}", "carrier": "UPS", "category": "delayed_in_transit"}
    data |= {"occurred_at": "2026-11-23T11:00:00Z", "description": "Severe weather delays delivery"}
    return {"id": f"fact-{uuid.uuid4().hex}", "type": "shipment.exception", "data": data}


def plain():
    """The same event as Odoo's webhook is sent it: unsigned, with which of 200 records to write on."""
    spread = random.randrange(200)
    return json.dumps({**event(), "spread": spread, "number": f"R{spread:05}"}).encode(), JSON


def _signed(payload, secret):
    body = json.dumps(payload).encode()
    headers = sign_headers(f"msg_{uuid.uuid4().hex}", int(time.time()), body, [secret])
    return "/visibility/v1/sources/bench/events", body, {**JSON, **headers}


def rounds(port, contenders, count=ROUNDS, seconds=SECONDS):
    """Requests a second of each contender, one figure a round; a first round warms up and is left out."""
    found = {name: [] for name in contenders}
    for number in range(count + 1):
        for name, prepare in contenders.items():
            rate = _rate(port, prepare, seconds if number else 1)
            if number:
                found[name].append(rate)
    return found


def _rate(port, prepare, seconds):
    """All connections send for so long: requests a second that were answered 2xx."""
    # prepared before, so that the client's own work is as little a part of it as can be
    ready = [[prepare() for _index in range(40)] for _connection in range(CONNECTIONS)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        counts = list(pool.map(lambda requests: _send(port, prepare, requests, begin + seconds), ready))
    return sum(counts) / (time.perf_counter() - begin)


def _send(port, prepare, requests, end):
    connection, count = http.client.HTTPConnection("127.0.0.1", port, timeout=60), 0
    while time.perf_counter() < end:
        path, body, headers = requests.pop() if requests else prepare()
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise SetupError(f"{path} answered {response.status}: {answer[:200]!r}")
        count += 1
    connection.close()
    return count
