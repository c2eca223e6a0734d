"""The whole set-up, in the order in which its parts need each other."""

import os

from scripts import debian, odoo_server, python_env, settings, stamp
from scripts.console import SetupError, say


def ensure(quiet=False):
    """Everything that runs Odoo is there; cheap when it already was."""
    _check_owner()
    with stamp.lock("setup"):
        debian.ensure_odoo()
        python_env.ensure()
        python_env.ensure_oca()
        odoo_server.write_files()
    if not quiet:
        say("Odoo, Python packages and PostgreSQL are ready.")


def _check_owner():
    """Half of a set-up by another user is not ours to repair."""
    if settings.DEV.exists() and not os.access(settings.DEV, os.W_OK):
        raise SetupError(f"You may not write to {settings.DEV}: remove it, or run as the user who made it.")
