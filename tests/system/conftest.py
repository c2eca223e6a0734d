"""Real processes: prefork Odoo with two HTTP workers and cron workers, real HTTP, a real PostgreSQL.

One template is seeded for the whole run (seed.py). Tests that break nothing share one server;
modules that kill things have a server of their own on a copy of the same template.

Several processes (pytest-xdist) share the template, and each module that has a server of its own
may run in any of them: those that share a server stay together.
"""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest
from reader import Reader, wait_for
from senders import Sender, canonical_delay
from system_values import AGENT, NUMBERS, SECRETS

from scripts import databases, odoo_server, postgres, stamp
from scripts.console import SetupError

HERE = Path(__file__).resolve().parent


# Files whose tests have a server of their own, and such whose tests stand alone: any process may run them.
OF_ITS_OWN = {
    "test_at_once.py",
    "test_events_out.py",
    "test_follow_up.py",
    "test_killed_workers.py",
    "test_two_nodes.py",
    "test_upgrade.py",
}
STAND_ALONE = {"test_modules_come_and_go.py", "test_quick_stories.py"}


def pytest_itemcollected(item):
    """Tests marked `long` wait for slow recoveries again and again: `LONG=1 make test` runs them, too."""
    if not os.environ.get("LONG") and item.get_closest_marker("long"):
        item.add_marker(pytest.mark.skip(reason="takes minutes of waiting: set LONG=1"))
    if "lifecycle" in item.path.parts:
        item.add_marker(pytest.mark.heavy)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """What pytest-xdist keeps together, in one process and one after the other: tests that share a server."""
    from xdist.scheduler import LoadScopeScheduling

    class ByServer(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0].rpartition("/")[2]
            if file in STAND_ALONE:
                return nodeid
            return file if file in OF_ITS_OWN else "calm_server"

    return ByServer(config, log)


def _prefix(config):
    """What all databases of this run begin with, whichever process of pytest-xdist makes them."""
    return f"{databases.SYSTEM}{os.getppid() if hasattr(config, 'workerinput') else os.getpid()}_"


def pytest_sessionfinish(session):
    """Whoever began the run drops what its processes shared when all are through."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        with contextlib.suppress(SetupError):
            databases.drop(*databases.named(_prefix(session.config)))


@pytest.fixture(scope="session")
def made_once(pytestconfig):
    """A function that gives the name of a database, made by the first process that asks for it."""

    def get(kind, make):
        name = _prefix(pytestconfig) + kind
        with stamp.lock(f"system_{kind}"):
            if not databases.exists(name):
                make(f"{name}_part")
                databases.rename(f"{name}_part", name)
        return name

    return get


@pytest.fixture(scope="session")
def template(made_once):
    """A database with our add-ons, sources and orders, that every other one is a copy of."""

    def make(name):
        _copy_of_ours(name)
        _seed(name)

    return made_once("template", make)


def _copy_of_ours(name):
    """Copy the template with our add-ons; another run may have replaced it meanwhile."""
    try:
        databases.copy(databases.our_template(), name)
    except SetupError:
        databases.copy(databases.our_template(), name)


def _seed(database):
    given = f"SECRETS, NUMBERS, AGENT = {SECRETS!r}, {NUMBERS!r}, {AGENT!r}\n"
    command = odoo_server.command(database, "--no-http", "--log-level=warn")
    command.insert(2, "shell")
    result = subprocess.run(
        command,
        input=given + (HERE / "seed.py").read_text(encoding="utf-8"),
        env=odoo_server.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    problem = result.stdout + result.stderr
    assert not result.returncode and "Traceback" not in problem, problem[-4000:]


@pytest.fixture(scope="session")
def run_server(template, pytestconfig):
    """A function that gives a context manager: a server on a fresh copy of the template."""
    process, count = os.environ.get("PYTEST_XDIST_WORKER", "gw0"), iter(range(1000))

    @contextlib.contextmanager
    def run(**options):
        name = databases.copy(template, f"{_prefix(pytestconfig)}{process}_{next(count)}")
        server = odoo_server.OdooServer(name, **{"workers": 2, "cron_threads": 2, **options})
        try:
            server.start()
            _wait_for_crons(name)
            yield server
        finally:
            # nothing to be gained from a polite end
            server.kill()
            databases.drop(name)

    return run


def _wait_for_crons(database):
    """A cron worker that has just started sleeps up to a minute unless it is told of work."""
    reader = Reader(postgres.server(), database)
    missing = """SELECT count(*) FROM ir_cron WHERE lastcall IS NULL AND cron_name LIKE 'Visibility: work off%%'"""

    def have_run():
        reader.wake_crons()
        return not reader.value(missing)

    wait_for(have_run, 60, "the scheduled actions have run once", pause=0.3)
    reader.close()


@pytest.fixture(scope="session")
def calm_server(run_server):
    """The server of all tests that kill nothing; it has worked off a message in each lane, as one in use has."""
    with run_server() as server:
        for source in ("canonical", "flood"):
            _warm_up(server, source)
        yield server


def _warm_up(server, source):
    event_id, reader = f"msg_warm_up_{source}", Reader(postgres.server(), server.database)
    Sender(server.port).insist(source, canonical_delay("WARMUP"), event_id)
    wait_for(lambda: reader.message(event_id)["state"] == "done", 120, "the first message is worked off", pause=0.3)
    reader.close()


@pytest.fixture
def server(calm_server):
    return calm_server


@pytest.fixture
def sender(server):
    return Sender(server.port)


@pytest.fixture
def reader(server):
    found = Reader(postgres.server(), server.database)
    yield found
    found.close()


@pytest.fixture(scope="session")
def numbers():
    """Tracking numbers of deliveries; each test takes its own."""
    return iter(NUMBERS)


@pytest.fixture
def number(numbers):
    """The tracking number of a delivery that no other test speaks of."""
    return next(numbers)


@pytest.fixture
def wait_until_done(reader):
    """A function that waits until a message is done, and gives the seconds it took."""

    def wait(external_id, seconds=5):
        def is_done():
            message = reader.message(external_id)
            return message and message["state"] == "done"

        return wait_for(is_done, seconds, f"{external_id} is done")[1]

    return wait
