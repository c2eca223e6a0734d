"""One short function for each target of the Makefile."""

import shutil
import subprocess

from scripts import (
    browser,
    demo_server,
    environment,
    lint,
    neighbours,
    odoo_server,
    odoo_suites,
    postgres,
    python_env,
    settings,
    testing,
    translations,
)
from scripts.console import SetupError, say


def setup():
    """Odoo, Python packages and PostgreSQL in .dev/"""
    environment.ensure()
    with postgres.running():
        say("PostgreSQL starts.")


def keep_postgres():
    """start PostgreSQL and leave it running until `make stop`"""
    environment.ensure(quiet=True)
    postgres.keep()
    say(f"PostgreSQL listens in {postgres.server().host}")


def stop():
    """stop PostgreSQL"""
    postgres.release()


def bench():
    """measure the promises about performance and print a table"""
    return _colleague("scripts/bench", "scripts.bench", "benchmarks")


def stories():
    """tell stories of a distributor's days: precision and recall of each detector"""
    return _colleague("scripts/stories", "scripts.stories", "stories", settings.asked("STORIES"))


def screenshots():
    """make the pictures of the documentation"""
    environment.ensure(quiet=True)
    problem = browser.ensure()
    if problem:
        raise SetupError(f"Screenshots need a browser: {problem}.")
    return _colleague("scripts/screenshots.py", "scripts.screenshots", "screenshots")


def _colleague(path, module, what, *arguments):
    """Run a part of scripts that needs our Python packages."""
    if not (settings.ROOT / path).exists():
        raise SetupError(f"There are no {what} yet: {path} is missing.")
    environment.ensure(quiet=True)
    with postgres.running():
        command = [settings.PYTHON, "-m", module, *arguments]
        return subprocess.run(command, cwd=settings.ROOT, env=odoo_server.environment(), check=False).returncode


def clean():
    """stop PostgreSQL and remove .dev/ with all databases"""
    postgres.release()
    shutil.rmtree(settings.DEV, ignore_errors=True)


def show_help():
    """this list"""
    for name, function in COMMANDS.items():
        say(f"make {name:17} {function.__doc__.splitlines()[0]}")
    for part in (settings, testing):
        lines = part.__doc__.replace("``", "").splitlines()[1:]
        say("\n".join(line for line in lines if line and not line.startswith("=")))


COMMANDS = {
    "help": show_help,
    "setup": setup,
    "demo": demo_server.demo,
    "serve": demo_server.serve,
    "test": testing.test,
    "test-oca": neighbours.test,
    "test-odoo-suites": odoo_suites.compare,
    "lint": lint.lint,
    "format": lint.format_code,
    "i18n": translations.export,
    "bench": bench,
    "stories": stories,
    "screenshots": screenshots,
    "postgres": keep_postgres,
    "stop": stop,
    "clean": clean,
    "lock": python_env.lock,
}
