"""`make lint` and `make format`: ruff for Python, pylint-odoo for what ruff does not know about Odoo."""

import subprocess

from scripts import environment, settings
from scripts.console import say

# readme/ holds the fragments of each README.rst, which pylint cannot know.
# Classes to merge are looked for room by room: see scripts/lint_rooms.py.
NOT_WANTED = ["--disable=missing-readme,consider-merging-classes-inherited"]


def lint():
    """ruff and pylint-odoo"""
    environment.ensure(quiet=True)
    commands = [["ruff", "check", "."]]
    if settings.addons():
        commands.append(["pylint", "--rcfile=pyproject.toml", *NOT_WANTED, *settings.addons()])
        commands.append(["python", "-m", "scripts.lint_rooms", *settings.addons()])
    failed = [command[0] for command in commands if _run(command)]
    say(f"lint: {' and '.join(failed)} complained" if failed else "lint: clean")
    return 1 if failed else 0


def format_code():
    """sort imports and lay out the code"""
    environment.ensure(quiet=True)
    return _run(["ruff", "check", "--fix-only", "--select", "I", "."]) or _run(["ruff", "format", "."])


def _run(command):
    tool, *arguments = command
    return subprocess.run([settings.VENV / "bin" / tool, *arguments], cwd=settings.ROOT, check=False).returncode
