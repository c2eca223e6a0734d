"""Two Odoo nodes on one PostgreSQL, which fails in the ways that databases fail.

PostgreSQL is one of this module's own, so that nobody else's work is interrupted. It keeps its
promise of durability (`synchronous_commit`), because ours rests on it.
"""

import contextlib
import threading

import chaos
import gates
import psycopg2
import pytest
from office import Office
from reader import Reader, wait_for

from scripts import databases, odoo_server, postgres, settings

MESSAGES = 120


@pytest.fixture(scope="module")
def cluster():
    """A PostgreSQL server that may be stopped and killed."""
    found = postgres.Cluster(settings.RUN / "pg_system")
    found.start()
    admin = postgres.Server(found.host, user="postgres")
    admin.sql("ALTER SYSTEM SET synchronous_commit = on")
    admin.sql("ALTER SYSTEM SET full_page_writes = on")
    found.restart()
    try:
        yield found
    finally:
        found.stop("immediate")


@pytest.fixture(scope="module")
def database(cluster, template):
    """The seeded database in that cluster; its files are those of the template."""
    name = databases.copy(template, f"{template}_nodes")
    cluster.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    cluster.adopt(postgres.server(), name)
    yield name
    databases.drop(name)


@pytest.fixture(scope="module")
def nodes(cluster, database):
    """Two servers, each with one HTTP and one cron worker."""
    options = {"workers": 1, "cron_threads": 1, "config": cluster.odoo_options()}
    servers = [odoo_server.OdooServer(database, **options) for _node in range(2)]
    try:
        for server in servers:
            server.start()
        with chaos.KeptRunning(servers):
            yield servers
    finally:
        for server in servers:
            server.kill()


@pytest.fixture
def ports(nodes):
    return [node.port for node in nodes]


@pytest.fixture
def reader(cluster, database, nodes):
    found = Reader(cluster, database)
    yield found
    found.close()


def _stream_during(harm, ports, prefix, pause):
    """Send a stream in the background, do the harm in the middle of it, and wait for the stream's end."""
    sent = []
    thread = threading.Thread(target=lambda: sent.extend(chaos.stream(ports, prefix, MESSAGES, pause=pause)))
    thread.start()
    try:
        harm()
    finally:
        thread.join()
    assert len(sent) == MESSAGES, "every message was answered 2xx in the end"
    return sent


def test_two_nodes_share_the_work_and_nothing_happens_twice(ports, reader):
    """Both accept and both work off; the same deliveries reach both of them at once."""
    twice = [chaos.stream, chaos.stream]
    threads = [threading.Thread(target=one, args=(ports, "NODES", MESSAGES)) for one in twice]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"worked off {chaos.wait_for_recovery(reader):.1f} s after the last answer")
    event_ids = [f"NODES_{index:04}" for index in range(MESSAGES)]
    chaos.assert_nothing_lost_and_one_effect_each(reader, "NODES", event_ids)


@pytest.mark.long
def test_connections_that_are_terminated_again_and_again_lose_nothing(ports, reader, cluster, database):
    admin = Reader(postgres.Server(cluster.host, user="postgres"), database)

    def terminate():
        return admin.value(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name LIKE 'odoo-%%'"
        )

    with chaos.Repeatedly(terminate, every=1.5) as storms:
        sent = chaos.stream(ports, "STORM", MESSAGES, pause=0.1)
    admin.close()
    print(f"{storms.count} storms; recovered in {chaos.wait_for_recovery(reader):.1f} s")
    assert storms.count >= 2
    chaos.assert_nothing_lost_and_one_effect_each(reader, "STORM", sent)


@pytest.mark.parametrize("mode", ["immediate", pytest.param("fast", marks=pytest.mark.long)])
def test_a_restart_of_the_database_during_a_stream_loses_nothing(ports, reader, cluster, mode):
    """`immediate` is a crash: whatever was answered 2xx must be on disk."""
    before = reader.message_count()

    def restart():
        wait_for(lambda: reader.message_count() > before + 20, 30, "the stream has begun")
        reader.close()
        cluster.restart(mode)

    sent = _stream_during(restart, ports, f"RESTART{mode}", pause=0.05)
    print(f"recovered in {chaos.wait_for_recovery(reader):.1f} s")
    chaos.assert_nothing_lost_and_one_effect_each(reader, f"RESTART{mode}", sent)


def test_a_crash_of_the_database_between_a_persons_request_and_its_follow_up_loses_nothing(
    nodes, ports, reader, cluster
):
    """What they saved is on disk, and so is that it is still to be looked at."""
    office = Office(nodes[0])
    product = office.call("product.product", "create", {"name": "Valve", "type": "consu", "is_storable": True})
    order = office.sell(product)
    gates.install(reader, "follow", "visibility_expectation", "INSERT")
    with contextlib.suppress(psycopg2.Error), gates.closed(reader, "follow"):
        office.click("sale.order", "action_confirm", order)
        gates.wait_until_somebody_waits(reader)
        reader.close()
        cluster.restart("immediate")
    count = "SELECT count(*) FROM visibility_expectation WHERE res_model = 'sale.order' AND res_id = %s"

    def is_followed():
        reader.wake_crons()
        return not reader.value("SELECT count(*) FROM visibility_follow_up")

    print(f"followed up {wait_for(is_followed, chaos.RECOVERY_SECONDS, 'it is followed up', pause=0.5)[1]:.1f} s later")
    assert reader.value(count, order) == 1
    reader.execute("DROP TRIGGER visibility_test_follow ON visibility_expectation")


def test_a_session_that_idles_in_a_transaction_holds_nothing_up(ports, reader):
    """Somebody's forgotten transaction that has read the inbox, as a report or a backup does."""
    with contextlib.closing(reader.connect()) as connection:
        connection.autocommit = False
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM visibility_inbox_message")
        sent = chaos.stream(ports, "IDLE", 40)
        print(f"worked off in {chaos.wait_for_recovery(reader, 15):.1f} s")
    chaos.assert_nothing_lost_and_one_effect_each(reader, "IDLE", sent)
