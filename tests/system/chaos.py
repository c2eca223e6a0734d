"""Streams of messages under failures, and what must hold when the dust has settled."""

import contextlib
import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
from reader import wait_for
from senders import Sender, canonical_delay

from scripts.console import SetupError

# Long enough for a machine that is busy with other tests; it takes a few seconds where nothing stands in the way.
RECOVERY_SECONDS = 150


def stream(ports, prefix, count, threads=4, pause=0.0, source="canonical"):
    """Send ``count`` different messages as good senders do; gives their ids once all are answered 2xx."""
    sender = Sender(*ports)

    def send(index):
        event_id = f"{prefix}_{index:04}"
        # ten shipments, so that many messages touch the same rows
        sender.insist(source, canonical_delay(f"{prefix}{index % 10}", index), event_id)
        time.sleep(pause)
        return event_id

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(send, range(count)))


class Repeatedly:
    """Does something harmful again and again, until the block ends."""

    def __init__(self, harm, every):
        self.harm, self.every, self.count = harm, every, 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._stop.wait(self.every):
            self.count += bool(self.harm())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._stop.set()
        self._thread.join()


class KeptRunning:
    """Starts servers again that ended, as systemd or Docker (``restart: unless-stopped``) do.

    Odoo's main process ends by itself when a worker has to be started while the database is away.
    """

    def __init__(self, servers):
        self.servers = servers
        self._watch = Repeatedly(self._start_what_ended, every=0.5)

    def _start_what_ended(self):
        ended = [server for server in self.servers if server.process.poll() is not None]
        for server in ended:
            # workers that outlived their main process still hold the port
            server.kill()
            with contextlib.suppress(SetupError):
                server.start(timeout=20)
        return bool(ended)

    def __enter__(self):
        self._watch.__enter__()

    def __exit__(self, *exception):
        self._watch.__exit__(*exception)


def workers(server, kind):
    """Processes of the server that live now, by their kind: WorkerHTTP or WorkerCron."""
    log = server.log.read_text(encoding="utf-8", errors="replace")
    named = {int(pid) for pid in re.findall(rf"Worker {kind} \((\d+)\) alive", log)}
    return [child for child in psutil.Process(server.process.pid).children() if child.pid in named]


def kill_cron_workers(server):
    """`kill -9` of what works off the inbox."""
    for worker in workers(server, "WorkerCron"):
        worker.kill()


def kill_http_worker_in_work(server):
    """`kill -9` of the worker that holds a client's connection."""
    for worker in workers(server, "WorkerHTTP"):
        if any(link.status == psutil.CONN_ESTABLISHED for link in worker.net_connections("tcp")):
            worker.kill()


def kill_any(server, kind):
    """`kill -9` of one worker of the server. Gives whether there was one."""
    children = workers(server, kind)
    if children:
        random.choice(children).kill()
    return bool(children)


def wait_for_recovery(reader, seconds=RECOVERY_SECONDS):
    """Wait until nothing is left to do; gives the seconds it took.

    Odoo itself rests a scheduled action for its interval, a minute, when it died three times in a row. That
    minute is over at once here.
    """

    def is_quiet():
        reader.hurry_crons("Visibility: work off%")
        reader.wake_crons()
        return not reader.unfinished()

    return wait_for(is_quiet, seconds, "all messages are worked off", pause=0.5)[1]


def assert_nothing_lost_and_one_effect_each(reader, prefix, event_ids):
    """Lost 0, effects per event 1, nothing stuck: the promise, message by message."""
    rows = reader.rows(
        "SELECT external_id, state, error FROM visibility_inbox_message WHERE external_id LIKE %s", f"{prefix}\\_%"
    )
    states = {row["external_id"]: row["state"] for row in rows}
    assert sorted(states) == sorted(event_ids), "every id that was answered 2xx is stored, and nothing else"
    assert set(states.values()) == {"done"}, [row for row in rows if row["state"] != "done"]

    events = reader.value("SELECT count(*) FROM visibility_event WHERE sender_id LIKE %s", f"fact-{prefix}%")
    assert events == len(event_ids), "one event for each message"
    seen = reader.value(
        """SELECT sum(e.seen_count) FROM visibility_exception e JOIN visibility_shipment s ON s.id = e.shipment_id
             JOIN visibility_exception_category c ON c.id = e.category_id
            WHERE s.number LIKE %s AND c.code = 'delayed_in_transit'""",
        f"{prefix}%",
    )
    assert seen == len(event_ids), "each event is one sighting of its exception"
    twins = reader.rows(
        "SELECT number FROM visibility_shipment WHERE number LIKE %s GROUP BY number HAVING count(*) > 1", f"{prefix}%"
    )
    assert not twins, "no shipment was made twice"
