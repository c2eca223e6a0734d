"""`make test-oca`: ours beside OCA add-ons that people have, and none of them knows of the other.

About twenty add-ons are installed beside Distribution Visibility, without our glue to approvals and helpdesk, and
stories of the business are told with their buttons, fields and wizards. It takes a few minutes, so CI leaves it out.
"""

import ast
import os

from scripts import databases, environment, odoo_layer, odoo_server, postgres, python_env, results, settings
from scripts.console import say, step

TESTS = settings.ROOT / "tests" / "oca"
ADDON = "visibility_test_oca"
#: Two fields of a model with one name are told apart by nobody.
SAME_LABEL = "have the same label"


def test():
    """Ours beside about twenty OCA add-ons, without our glue to them"""
    environment.ensure(quiet=True)
    python_env.ensure_neighbours()
    with postgres.running():
        outcome = _run(f"{databases.TEST}oca_{os.getpid()}")
    for problem in outcome.problems:
        say(f"FAILED {problem}")
    say(outcome.summary())
    return 1 if outcome.failed or not outcome.passed else 0


def modules():
    """What the stories need: our core and the neighbours; what installs itself comes along."""
    manifest = ast.literal_eval((TESTS / ADDON / "__manifest__.py").read_text(encoding="utf-8"))
    return manifest["depends"]


def _run(database):
    path, log = settings.LOGS / "test-oca.log", results.OdooLog()
    labels = []
    try:
        databases.copy(databases.base_template(), database)
        what = f"{len(modules())} add-ons together (the whole log: {path.relative_to(settings.ROOT)})"
        with step(what), path.open("w", encoding="utf-8") as stream, _process(database) as running:
            for line in running.stdout:
                stream.write(line)
                log.feed(line)
                if SAME_LABEL in line and "visibility_" in line:
                    labels.append(line.strip())
        outcome = log.results(running.returncode)
    finally:
        databases.drop(database)
    for line in labels:
        outcome.fail(line)
    return outcome


def _process(database):
    folders = [*settings.addons_path(), settings.NEIGHBOURS / "odoo" / "addons", TESTS]
    options = [f"--addons-path={','.join(map(str, folders))}", "-i", ADDON, "--test-tags", f"/{ADDON}"]
    options += ["--stop-after-init", "--max-cron-threads=0", f"--http-port={odoo_server.free_port()}"]
    return odoo_layer.process(odoo_server.command(database, *options), env=_environment())


def _environment():
    """Packages that the neighbours ask for lie beside them."""
    found = [str(settings.NEIGHBOURS), os.environ.get("PYTHONPATH", "")]
    return {**odoo_server.environment(), "PYTHONPATH": os.pathsep.join(filter(None, found))}
