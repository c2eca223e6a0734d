"""Odoo for the benchmark: servers with the add-on to compare with, and scripts in `odoo shell`."""

import contextlib
import subprocess
from pathlib import Path

from scripts import odoo_server, settings
from scripts.console import SetupError

HERE = Path(__file__).resolve().parent


def config():
    """Options of odoo.conf that add the benchmark's own add-on."""
    line = next(line for line in odoo_server.configuration().splitlines() if line.startswith("addons_path"))
    return {"addons_path": f"{line.partition('=')[2].strip()},{HERE / 'addons'}"}


@contextlib.contextmanager
def server(name, workers=2):
    """Without cron workers: they would compete for the same processors.

    With a `dbfilter`, as on servers with several databases: there Odoo asks PostgreSQL at each request which ones
    there are. It costs every contender the same.
    """
    options = {**config(), "dbfilter": f"^{name}$"}
    found = odoo_server.OdooServer(name, workers=workers, cron_threads=0, config=options)
    try:
        yield found.start()
    finally:
        found.kill()


def run_shell(name, script):
    """Run a script of this folder in `odoo shell`; give the last line that it printed."""
    path = settings.RUN / f"bench-{name}.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(odoo_server.configuration(**config()), encoding="utf-8")
    command = odoo_server.command(name, "--no-http", "--log-level=error", config=path)
    command.insert(2, "shell")
    result = subprocess.run(
        command,
        input=(HERE / script).read_text(encoding="utf-8"),
        env=odoo_server.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    path.unlink()
    if result.returncode or "Traceback" in result.stderr + result.stdout:
        raise SetupError(f"{script} failed: {(result.stdout + result.stderr)[-3000:]}")
    return result.stdout.strip().splitlines()[-1]
