"""The layers of tests that pytest runs: plain Python, and real processes."""

import json
import os
import subprocess

from scripts import databases, odoo_server, postgres, results, settings
from scripts.console import say

LIB = "distribution_visibility/lib"
# A file of lib/ that plain tests run through for less than this many percent is told.
WELL_COVERED = 90
# System tests mostly wait: more of them at a time than there are processors.
SYSTEM_PROCESSES = 3


def plain():
    """Without Odoo and without a database; tells how much of lib/ is run through where this layer is asked for."""
    # schemathesis takes four seconds to load and is for running servers
    arguments = [*_choice(["tests/plain", "tests/environment"]), "-p", "no:schemathesis"]
    # watching takes as long as the tests
    if settings.asked("TEST") or settings.asked("LAYER") != "plain":
        return _pytest("plain", arguments)
    data = settings.RUN / f"coverage-{os.getpid()}"
    watch = ["coverage", "run", f"--data-file={data}", f"--source={LIB}", "-m"]
    try:
        outcome = _pytest("plain", arguments, [*watch, "pytest"])
        _tell_coverage(data)
    finally:
        data.unlink(missing_ok=True)
    return outcome


def _tell_coverage(data):
    """Say how many of the lines of lib/ the tests ran through, and where they did for few."""
    command = [settings.PYTHON, "-m", "coverage", "json", "-q", f"--data-file={data}", "-o", "-"]
    told = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True, check=False)
    if told.returncode:
        say(f"The coverage of {LIB} is not known: {told.stderr.strip()}")
        return
    report = json.loads(told.stdout)
    say(f"coverage of {LIB}: {report['totals']['percent_covered']:.1f} %")
    for path, file in sorted(report["files"].items(), key=lambda item: item[1]["summary"]["percent_covered"]):
        if file["summary"]["percent_covered"] < WELL_COVERED:
            say(f"  {file['summary']['percent_covered']:5.1f} %  {path}")


def system():
    """Real processes, real HTTP, a real browser: what TEST chooses."""
    return _system("system", _choice(["tests/system"]))


def timed():
    """System tests that keep time, several at once: those of one server after another."""
    return _system("system", ["tests/system", "-m", "not heavy and not paced", *_spread(SYSTEM_PROCESSES)])


def heavy():
    """System tests that work the machine hard and do not keep time."""
    return _system("lifecycle", ["tests/system", "-m", "heavy", *_spread(2)])


def paced():
    """System tests of how fast it goes, on a machine that does nothing else."""
    return _system("paced", ["tests/system", "-m", "paced"])


def _spread(processes):
    """Options that spread tests over processes; tests/system/conftest.py says which ones stay together."""
    return ["-n", str(processes), "--dist", "loadscope"] if settings.jobs() > 1 else []


def _system(name, arguments):
    if not settings.asked("LONG"):
        say("The longest tests are skipped (LONG=1 runs them).")
    with postgres.running():
        # not in the time of the first test
        databases.our_template()
        return _pytest(name, arguments)


def _pytest(name, arguments, runner=("pytest",)):
    # several runs at once do not read each other's report
    report = settings.LOGS / f"{name}-{os.getpid()}.xml"
    settings.LOGS.mkdir(parents=True, exist_ok=True)
    command = [settings.PYTHON, "-m", *runner, "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    environment = odoo_server.environment()
    code = subprocess.run([*command, *arguments], cwd=settings.ROOT, env=environment, check=False).returncode
    outcome = results.of_pytest(report, code)
    report.unlink(missing_ok=True)
    return outcome


def _choice(folders):
    """Which tests pytest should run, by TEST."""
    wanted = settings.asked("TEST")
    if not wanted:
        return folders
    if "/" in wanted or "::" in wanted or wanted.endswith(".py"):
        return [wanted]
    return [*folders, "-k", wanted]
