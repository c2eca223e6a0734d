"""`make test-odoo-suites`: Odoo's own tests of sales, purchasing and stock, without our add-ons and with them.

Some of Odoo's tests fail on Debian's build by themselves. What matters is that installing our add-ons
makes no further one fail: the failures without them are the yardstick, and any other is ours to mend.
"""

import json

from scripts import browser, databases, environment, odoo_layer, odoo_server, postgres, results, settings
from scripts.console import say, step

MODULES = ("sale_stock", "purchase_stock")
TAGS = ",".join(f"/{module}" for module in MODULES)


def compare():
    """Odoo's own sale_stock and purchase_stock tests, with and without our add-ons"""
    environment.ensure(quiet=True)
    browser.ensure()
    with postgres.running():
        theirs = _remembered(databases.base_template())
        ours = _run(databases.our_template(), "with our add-ons")
    return _report(theirs, ours)


def _remembered(template):
    """Odoo's result without our add-ons changes only with Odoo: it is kept beside the template."""
    path = settings.DEV / "suites" / f"{template}.json"
    if not path.is_file():
        found = _run(template, "without our add-ons")
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def _run(template, what):
    """Run the suites on a copy of a template: how many tests there were, and which failed."""
    name = f"{databases.TEST}suites_{'ours' if template.startswith(databases.OURS) else 'base'}"
    path = settings.LOGS / f"odoo-suites-{what.partition(' ')[0]}.log"
    try:
        databases.copy(template, name)
        with step(f"Odoo's own tests {what} (the whole log: {path.relative_to(settings.ROOT)})"):
            log, code = _run_tests(name, path)
    finally:
        databases.drop(name)
    failures = sorted({results.OUTCOME.sub("", text.splitlines()[0]) for text in log.failures})
    return {"total": log.totals[2] if log.totals else 0, "failures": failures, "code": code}


def _run_tests(database, path):
    # -u, because Odoo tests the modules that it has just updated
    options = ["-u", ",".join(MODULES), "--test-tags", TAGS, "--stop-after-init", "--max-cron-threads=0"]
    options.append(f"--http-port={odoo_server.free_port()}")
    log = results.OdooLog()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream, odoo_layer.process(odoo_server.command(database, *options)) as running:
        for line in running.stdout:
            stream.write(line)
            log.feed(line)
    return log, running.returncode


def _report(theirs, ours):
    """Print the comparison; 1 if there is a failure with our add-ons that there is not without."""
    grown = sorted(set(ours["failures"]) - set(theirs["failures"]))
    say(f"without our add-ons: {theirs['total']} tests, {len(theirs['failures'])} of them fail")
    say(f"with our add-ons:    {ours['total']} tests, {len(ours['failures'])} of them fail")
    for name in grown:
        say(f"FAILED only with our add-ons: {name}")
    if not theirs["total"] or ours["total"] < theirs["total"]:
        say("FAILED: not all tests ran")
        return 1
    return 1 if grown else 0
