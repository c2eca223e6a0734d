"""`make lint` and `make format`: ruff for Python, pylint-odoo for what ruff does not know about Odoo."""

import subprocess

from scripts import environment, odoo_server, settings
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
    # side by side: each keeps one processor busy
    running = [(command[0], _start(command)) for command in commands]
    failed = [name for name, process in running if _finish(process)]
    say(f"lint: {' and '.join(failed)} complained" if failed else "lint: clean")
    return 1 if failed else 0


def format_code():
    """sort imports and lay out the code"""
    environment.ensure(quiet=True)
    return _run(["ruff", "check", "--fix-only", "--select", "I", "."]) or _run(["ruff", "format", "."])


def _run(command):
    return _finish(_start(command))


def _start(command):
    tool, *arguments = command
    return subprocess.Popen(
        [settings.VENV / "bin" / tool, *arguments],
        cwd=settings.ROOT,
        env=odoo_server.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _finish(process):
    """Say what it said; gives its exit code."""
    said, _nothing = process.communicate()
    if said.strip():
        say(said.rstrip())
    return process.returncode
