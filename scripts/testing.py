"""`make test`: three layers of tests and one summary.

Variables of `make test` that run less, in seconds:

==========  ====================================================================================
``LAYER``   ``plain`` (no database), ``odoo`` (the modules' own tests) or ``system`` (processes)
``MODULE``  one add-on (implies ``LAYER=odoo``)
``TEST``    one test: ``Class``, ``Class.test_method`` or ``test_method`` for Odoo;
            a file, a node id or words of a name (``-k``) for pytest
``LONG``    ``1``: also the system tests that wait minutes for recovery again and again
``JOBS``    ``1``: one after the other; otherwise layers run side by side where there are
            several processors
==========  ====================================================================================
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

from scripts import (
    browser,
    databases,
    environment,
    nginx,
    odoo_layer,
    postgres,
    pytest_layers,
    results,
    settings,
    side_by_side,
)
from scripts.console import SetupError, say, step


def test():
    """all tests in three layers, with one summary line"""
    chosen = _chosen_layers()
    environment.ensure(quiet=True)
    _ensure_programs(chosen)
    works = [work for layer in chosen for work in LAYERS[layer]()]
    together = [work for work in works if not work.alone] if settings.jobs() > 1 else []
    total = _together(together) if len(together) > 1 else _one_by_one(together)
    return _report(total + _one_by_one([work for work in works if work not in together]))


def _ensure_programs(chosen):
    """What tests need besides Python, before several of them ask for it at once."""
    if chosen != ["plain"]:
        browser.ensure()
    if "plain" in chosen:
        nginx.ensure()


def _one_by_one(works):
    """Run each part, which says what it does while it does it."""
    total = results.Results()
    for work in works:
        say(f"\n== {work.title} ==")
        total += _guarded(work)
    return total


def _guarded(work):
    """Run one part; if it cannot even start, that is a failure and the next one still runs."""
    try:
        return work.function()
    except SetupError as error:
        outcome = results.Results()
        outcome.fail(f"{work.name} tests: {error}")
        return outcome


def _together(works):
    """Run all parts side by side, and tell of each when it is its turn."""
    total = results.Results()
    keeps_time = not all(work.gives_way for work in works)
    running = [side_by_side.Part(work.name, work.function, work.gives_way and keeps_time) for work in works]
    try:
        for work, part in zip(works, running, strict=True):
            with step(f"running {part.name} tests (their output: {part.output.relative_to(settings.ROOT)})"):
                total += part.results()
            say(f"\n== {work.title} ==\n{part.read()}\n{part.name}: {part.seconds:.0f} s")
    except BaseException:
        for part in running:
            part.stop()
        with postgres.running():
            databases.sweep()
        raise
    return total


def _chosen_layers():
    default = "odoo" if settings.asked("MODULE") else ""
    name = settings.asked("LAYER") or default
    if name and name not in LAYERS:
        raise SetupError(f"There is no layer {name}: LAYER is one of {', '.join(LAYERS)}.")
    if settings.asked("TEST") and not name:
        raise SetupError("Say where to look for the test: add LAYER=plain, LAYER=system or MODULE=<add-on>.")
    return [name] if name else list(LAYERS)


def _report(total):
    """Say what failed and what was skipped, then the counts; the very last line is for machines."""
    say("")
    if settings.asked("TEST") and not total.passed + total.failed + total.skipped:
        total.fail(f"no test matches TEST={settings.asked('TEST')}")
    for title, lines in (("skipped", total.skips), ("FAILED", total.problems)):
        for line in lines:
            say(f"{title}: {line}")
    for what, program in (("Browser tests were", browser), ("The test of nginx was", nginx)):
        if program.ensure.cache_info().currsize and program.ensure():
            say(f"{what} skipped: {program.ensure()}.")
    say(total.summary())
    return 1 if total.failed else 0


class Work(NamedTuple):
    """A part of the tests: what it is called, what runs it, whether it lets those go first that keep time.

    ``alone``: it measures how fast something goes, and runs when nothing else does.
    """

    name: str
    title: str
    function: Callable[[], results.Results]
    gives_way: bool = False
    alone: bool = False


def _plain():
    return [Work("plain", "plain tests", pytest_layers.plain, gives_way=True)]


def _odoo():
    if settings.asked("MODULE") or settings.asked("TEST"):
        return [Work("odoo", "odoo tests", odoo_layer.chosen, gives_way=True)]
    names = ("first half", "second half")
    return [
        Work(f"odoo-{number + 1}", f"odoo tests, {name}", functools.partial(odoo_layer.half, number), gives_way=True)
        for number, name in enumerate(names)
    ]


def _system():
    if settings.asked("TEST"):
        return [Work("system", "system tests", pytest_layers.system)]
    return [
        Work("system", "system tests", pytest_layers.timed),
        Work("lifecycle", "system tests that install, upgrade and uninstall", pytest_layers.heavy, gives_way=True),
        Work("paced", "system tests of how fast it goes", pytest_layers.paced, alone=True),
    ]


LAYERS = {"plain": _plain, "odoo": _odoo, "system": _system}
