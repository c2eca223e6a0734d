"""Commands for working on the add-ons by hand, run as ``python3 -m scripts.sandbox``.

* ``new NAME``      a database with the modules that our add-ons depend on, in a second
* ``odoo NAME ...`` odoo-bin on that database, with further options of Odoo's
* ``psql NAME ...`` psql on that database
* ``drop NAME``     remove it
"""

import subprocess
import sys

from scripts import databases, environment, odoo_server, postgres
from scripts.console import SetupError, guarded, say


def new(name):
    """Copy the template of the modules that we depend on."""
    databases.copy(databases.base_template(), name)
    say(f"Database {name} is ready.")


def odoo(name, *options):
    """Run odoo-bin on the database."""
    return subprocess.run(odoo_server.command(name, *options), env=odoo_server.environment(), check=False).returncode


def psql(name, *options):
    """Run psql on the database."""
    command = [postgres.program("psql"), "-d", name, *options]
    return subprocess.run(command, env=postgres.server().environment(), check=False).returncode


COMMANDS = {"new": new, "odoo": odoo, "psql": psql, "drop": databases.drop}


def main(arguments):
    """Run one command with PostgreSQL running."""
    if len(arguments) < 2 or arguments[0] not in COMMANDS:
        raise SetupError(__doc__.strip())
    environment.ensure(quiet=True)
    with postgres.running():
        return COMMANDS[arguments[0]](*arguments[1:])


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
