"""The layer of tests that Odoo itself runs: those of the add-ons, in databases made for them."""

import contextlib
import os
import subprocess

from scripts import databases, odoo_server, postgres, results, settings
from scripts.console import SetupError, say, step

# Odoo's own way to run tests without installing or upgrading anything.
RUN_TESTS = """
import sys
from odoo.tests.shell import run_tests
sys.exit(not run_tests(env, {tags!r}, {modules!r}).wasSuccessful())
"""


def half(number):
    """The first or the second half of all tests, on a copy of the database with our add-ons."""
    modules, files = settings.addons(), _files(settings.addons())[::2]
    tags = files if number == 0 else [f"/{module}" for module in modules] + [f"-{name}" for name in files]
    script = RUN_TESTS.format(tags=",".join(tags), modules=modules)
    with _database(databases.our_template) as database:
        return _run(f"odoo-tests-{number + 1}", database, script=script)


def _files(modules):
    """The files with tests as Odoo names them in tags, the largest first: so halves take about as long."""
    found = [path for module in modules for path in (settings.ROOT / module / "tests").rglob("test_*.py")]
    found.sort(key=lambda path: (-path.stat().st_size, path))
    return [f"/{path.relative_to(settings.ROOT)}" for path in found]


def chosen():
    """One add-on, or one test of it: the add-on is upgraded where all are installed."""
    module, modules = settings.asked("MODULE"), settings.addons()
    if module and module not in modules:
        raise SetupError(f"There is no add-on {module}: MODULE is one of {', '.join(modules)}.")
    wanted = [module] if module else modules
    options = ["-i", ",".join(modules), "-u", ",".join(wanted), "--test-tags", _tags(wanted), "--stop-after-init"]
    with _database(databases.latest_template) as database:
        return _run("odoo-tests", database, *options)


def _tags(modules):
    """Odoo's --test-tags for the modules, narrowed by TEST."""
    wanted = settings.asked("TEST")
    suffix = f":{wanted}" if wanted[:1].isupper() else f".{wanted}" if wanted else ""
    return ",".join(f"/{module}{suffix}" for module in modules)


@contextlib.contextmanager
def _database(get_template):
    """A copy of a template for as long as the tests run."""
    with postgres.running():
        databases.sweep()
        name = f"{databases.TEST}{os.getpid()}"
        try:
            yield databases.copy(get_template(), name)
        finally:
            databases.drop(name)


def _run(name, database, *arguments, script=None):
    """Run Odoo's tests; its whole log goes to a file, failures to the console."""
    ports = ["--max-cron-threads=0", f"--http-port={odoo_server.free_port()}"]
    command = odoo_server.command(database, *ports, *arguments)
    if script:
        command.insert(2, "shell")
    path, log = settings.LOGS / f"{name}.log", results.OdooLog()
    with step(f"running Odoo's tests (the whole log: {path.relative_to(settings.ROOT)})"), path.open("w") as stream:
        with process(command, script) as running:
            for line in running.stdout:
                stream.write(line)
                if log.feed(line):
                    say(line.rstrip())
        code = running.returncode
    return _with_tests(log.results(code))


@contextlib.contextmanager
def process(command, script=None, env=None):
    """A process whose output is read; it does not outlive us if we are interrupted.

    :param script: what it reads from its standard input
    :param env: its environment, where that is not the usual one
    """
    started = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env or odoo_server.environment(),
        text=True,
        errors="replace",
    )
    try:
        with started:
            started.stdin.write(script or "")
            started.stdin.close()
            yield started
    except BaseException:
        started.kill()
        raise


def _with_tests(outcome):
    """A run of whole modules that ran no test proves nothing."""
    if not outcome.passed + outcome.failed + outcome.skipped:
        outcome.fail("Odoo ran no test")
    return outcome
