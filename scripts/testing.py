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
    parts = [(layer, *part) for layer in chosen for part in LAYERS[layer]()]
    return _report(_together(parts) if len(parts) > 1 and settings.jobs() > 1 else _one_by_one(parts))


def _ensure_programs(chosen):
    """What tests need besides Python, before several of them ask for it at once."""
    if chosen != ["plain"]:
        browser.ensure()
    if "plain" in chosen:
        nginx.ensure()


def _one_by_one(parts):
    """Run each part, which says what it does while it does it."""
    total, said = results.Results(), None
    for layer, _name, function, _gives_way in parts:
        if layer != said:
            say(f"\n== {layer} tests ==")
        said = layer
        total += _guarded(layer, function)
    return total


def _guarded(layer, function):
    """Run one part; if it cannot even start, that is a failure and the next one still runs."""
    try:
        return function()
    except SetupError as error:
        outcome = results.Results()
        outcome.fail(f"{layer} tests: {error}")
        return outcome


def _together(parts):
    """Run all parts side by side, and tell of each when it is its turn."""
    total, said = results.Results(), None
    keeps_time = not all(gives_way for *_part, gives_way in parts)
    running = [
        side_by_side.Part(name, function, gives_way and keeps_time) for _layer, name, function, gives_way in parts
    ]
    try:
        for (layer, *_rest), part in zip(parts, running, strict=True):
            with step(f"running {part.name} tests (their output: {part.output.relative_to(settings.ROOT)})"):
                total += part.results()
            if layer != said:
                say(f"\n== {layer} tests ==")
            said = layer
            say(f"{part.read()}\n{part.name}: {part.seconds:.0f} s")
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


def _plain():
    return [("plain", pytest_layers.plain, True)]


def _system():
    if settings.asked("TEST"):
        return [("system", pytest_layers.system, False)]
    return [("system", pytest_layers.timed, False), ("lifecycle", pytest_layers.heavy, True)]


def _odoo():
    if settings.asked("MODULE") or settings.asked("TEST"):
        return [("odoo", odoo_layer.chosen, True)]
    return [(f"odoo-{half + 1}", functools.partial(odoo_layer.half, half), True) for half in range(2)]


# Each layer's parts: what they are called, what runs them, and whether they let those go first that keep time.
LAYERS = {"plain": _plain, "odoo": _odoo, "system": _system}
