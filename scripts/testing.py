"""`make test`: three layers of tests and one summary.

Variables of `make test` that run less, in seconds:

==========  ====================================================================================
``LAYER``   ``plain`` (no database), ``odoo`` (the modules' own tests) or ``system`` (processes)
``MODULE``  one add-on (implies ``LAYER=odoo``)
``TEST``    one test: ``Class``, ``Class.test_method`` or ``test_method`` for Odoo;
            a file, a node id or words of a name (``-k``) for pytest
``LONG``    ``1``: also the system tests that wait minutes for recovery again and again
==========  ====================================================================================
"""

import contextlib
import os
import subprocess

from scripts import browser, databases, environment, odoo_server, postgres, results, settings
from scripts.console import SetupError, say, step


def test():
    """all tests in three layers, with one summary line"""
    chosen = _chosen_layers()
    environment.ensure(quiet=True)
    total = results.Results()
    for name in chosen:
        say(f"\n== {name} tests ==")
        total += _layer(name)
    return _report(total)


def _layer(name):
    """Run one layer; if it cannot even start, that is a failure and the next layer still runs."""
    try:
        return LAYERS[name]()
    except SetupError as error:
        outcome = results.Results()
        outcome.fail(f"{name} tests: {error}")
        return outcome


def _chosen_layers():
    default = "odoo" if _asked("MODULE") else ""
    name = _asked("LAYER") or default
    if name and name not in LAYERS:
        raise SetupError(f"There is no layer {name}: LAYER is one of {', '.join(LAYERS)}.")
    if _asked("TEST") and not name:
        raise SetupError("Say where to look for the test: add LAYER=plain, LAYER=system or MODULE=<add-on>.")
    return [name] if name else list(LAYERS)


def _asked(variable):
    return os.environ.get(variable, "").strip()


def _report(total):
    """Say what failed and what was skipped, then the counts; the very last line is for machines."""
    say("")
    if _asked("TEST") and not total.passed + total.failed + total.skipped:
        total.fail(f"no test matches TEST={_asked('TEST')}")
    for title, lines in (("skipped", total.skips), ("FAILED", total.problems)):
        for line in lines:
            say(f"{title}: {line}")
    if browser.ensure.cache_info().currsize and browser.ensure():
        say(f"Browser tests were skipped: {browser.ensure()}.")
    say(total.summary())
    return 1 if total.failed else 0


def plain():
    """Without Odoo and without a database."""
    # schemathesis takes four seconds to load and is for running servers
    return _pytest("plain", ["tests/plain", "tests/environment"], "-p", "no:schemathesis")


def system():
    """Real processes, real HTTP, a real browser."""
    if not (settings.ROOT / "tests" / "system").is_dir():
        return results.Results()
    browser.ensure()
    if not _asked("LONG"):
        say("The longest tests are skipped (LONG=1 runs them).")
    with postgres.running():
        return _pytest("system", ["tests/system"])


def _pytest(layer, folders, *options):
    # several runs at once do not read each other's report
    report = settings.LOGS / f"{layer}-{os.getpid()}.xml"
    settings.LOGS.mkdir(parents=True, exist_ok=True)
    command = [settings.PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    present = [name for name in folders if (settings.ROOT / name).is_dir()]
    code = subprocess.run(
        [*command, *options, *_pytest_choice(present)], cwd=settings.ROOT, env=odoo_server.environment(), check=False
    ).returncode
    outcome = results.of_pytest(report, code)
    report.unlink(missing_ok=True)
    return outcome


def _pytest_choice(folders):
    """Which tests pytest should run, by TEST."""
    wanted = _asked("TEST")
    if not wanted:
        return folders
    if "/" in wanted or "::" in wanted or wanted.endswith(".py"):
        return [wanted]
    return [*folders, "-k", wanted]


def odoo():
    """The add-ons' own tests, in a real Odoo."""
    modules = settings.addons()
    if not modules:
        return results.Results()
    module = _asked("MODULE")
    if module and module not in modules:
        raise SetupError(f"There is no add-on {module}: MODULE is one of {', '.join(modules)}.")
    browser.ensure()
    with postgres.running():
        return _odoo_tests([module] if module else modules, modules)


def _odoo_tests(wanted, modules):
    """Install on a fresh copy and test; for one module, upgrade it where all are installed."""
    databases.sweep()
    database = f"{databases.TEST}{os.getpid()}"
    everything = len(wanted) == len(modules) and not _asked("TEST")
    template = databases.base_template() if everything else databases.latest_template()
    try:
        databases.copy(template, database)
        upgrade = [] if everything else ["-u", ",".join(wanted)]
        return _run_odoo(database, ["-i", ",".join(modules), *upgrade, "--test-tags", _tags(wanted)])
    finally:
        databases.drop(database)


def _tags(modules):
    """Odoo's --test-tags for the modules, narrowed by TEST."""
    wanted = _asked("TEST")
    suffix = f":{wanted}" if wanted[:1].isupper() else f".{wanted}" if wanted else ""
    return ",".join(f"/{module}{suffix}" for module in modules)


def _run_odoo(database, options):
    """Run Odoo's tests; its whole log goes to a file, failures to the console."""
    arguments = [*options, "--stop-after-init", "--max-cron-threads=0", f"--http-port={odoo_server.free_port()}"]
    path = settings.LOGS / "odoo-tests.log"
    log = results.OdooLog()
    with step(f"running Odoo's tests (the whole log: {path.relative_to(settings.ROOT)})"), path.open("w") as stream:
        with process(odoo_server.command(database, *arguments)) as running:
            for line in running.stdout:
                stream.write(line)
                if log.feed(line):
                    say(line.rstrip())
        code = running.returncode
    return _with_tests(log.results(code))


@contextlib.contextmanager
def process(command):
    """A process whose output is read; it does not outlive us if we are interrupted."""
    started = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env=odoo_server.environment(),
        text=True,
        errors="replace",
    )
    try:
        with started:
            yield started
    except BaseException:
        started.kill()
        raise


def _with_tests(outcome):
    """A run of whole modules that ran no test proves nothing."""
    if not outcome.passed + outcome.failed + outcome.skipped:
        outcome.fail("Odoo ran no test")
    return outcome


LAYERS = {"plain": plain, "odoo": odoo, "system": system}
