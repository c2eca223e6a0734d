"""`make bench`: the first promises about performance, each as a ratio within one run."""

import json
import os
import sys

from scripts import databases
from scripts.bench import accepting, machine, odoo, overhead, processing, scanning, table
from scripts.console import guarded, say, step


def main(_arguments=()):
    """Measure and print; fails nothing, because a busy machine is no bug."""
    name = f"dv_bench_{os.getpid()}"
    try:
        with step("preparing a database"):
            databases.copy(databases.our_template(), name)
            databases.install(name, ["visibility_bench"], *_addons_option(), log="bench.log")
            seeded = json.loads(odoo.run_shell(name, "seed.py"))
        rows = []
        for part in (accepting, processing, scanning):
            with step(f"measuring {part.__name__.rpartition('.')[2]}"):
                rows += part.measure(name, seeded)
        with step("measuring overhead"):
            rows += overhead.measure()
    finally:
        databases.drop(name)
    say(table.render(rows, machine.describe()))


def _addons_option():
    return [f"--addons-path={odoo.config()['addons_path']}"]


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
