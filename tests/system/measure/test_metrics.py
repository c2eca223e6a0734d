"""Metrics and health of a server with several workers, as a monitor sees them."""

import urllib.error
import urllib.request
import uuid
import xmlrpc.client

import pytest
from reader import wait_for
from senders import easypost_delay, easypost_headers

TOKEN = f"system-test-{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def token(calm_server):
    """The metrics token, set in the settings as an administrator does."""
    objects = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{calm_server.port}/xmlrpc/2/object")
    values = {"visibility_metrics_token": TOKEN}
    objects.execute_kw(calm_server.database, 2, "admin", "res.config.settings", "create", [[values]])
    return TOKEN


def get(server, path, token=""):
    """Status and text of one page, on a connection of its own, so that any worker may answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/visibility/{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def sample(page, name):
    """The value of one sample; 0 when it is not there."""
    found = [line.split()[-1] for line in page.splitlines() if line.startswith(f"{name} ")]
    return float(found[0]) if found else 0.0


def test_what_every_worker_took_and_refused_is_told_by_each_of_them(server, sender, token, wait_until_done):
    results = {
        "accepted": 6,
        "duplicate": 1,
        "rejected_signature": 7,
    }
    names = {r: f'visibility_inbox_events_received_total{{result="{r}",source="easypost"}}' for r in results}
    before = get(server, "metrics", token)[1]
    events = [f"evt_{uuid.uuid4().hex}" for _number in range(results["accepted"])]
    for event in [*events, events[0]]:
        body = easypost_delay("METRICS1", event)
        assert sender.post("easypost", body, easypost_headers(body)).status in (200, 202)
        sender.hang_up()  # the next one may reach the other worker
    for _number in range(results["rejected_signature"]):
        assert sender.post("easypost", b"{}", {}).status == 401
        sender.hang_up()

    def told():
        pages = [get(server, "metrics", token)[1] for _worker in range(6)]
        found = [{r: sample(page, name) - sample(before, name) for r, name in names.items()} for page in pages]
        return all(row == results for row in found)

    wait_for(told, 15, "every worker tells all that was taken and refused", pause=0.5)
    for event in events:
        wait_until_done(event, 20)


def test_without_the_token_there_are_no_numbers_and_no_details(server, token):
    assert get(server, "metrics")[0] == 401
    assert get(server, "metrics", f"{token}x")[0] == 401
    assert "checks" not in get(server, "health/ready")[1]
    assert "checks" in get(server, "health/ready", token)[1]


def test_a_heartbeat_comes_through_every_lane(server, reader, token):
    before = reader.value("SELECT coalesce(max(id), 0) FROM visibility_inbox_message")
    reader.execute("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE cron_name = 'Visibility: heartbeat'")

    def arrived():
        reader.wake_crons()
        return reader.value(
            f"""SELECT count(DISTINCT m.lane) = 3 FROM visibility_inbox_message m
                  JOIN visibility_source s ON s.id = m.source_id
                 WHERE s.code = 'heartbeat' AND m.state = 'done' AND m.id > {before}"""
        )

    wait_for(arrived, 60, "a heartbeat came through each lane", pause=0.3)
    page = get(server, "metrics", token)[1]
    for lane in ("transactional", "bulk", "analytical"):
        name = f'visibility_heartbeat_age_seconds{{lane="{lane}"}}'
        assert f"{name} " in page and sample(page, name) < 120
