"""Stamps say that a step of the set-up finished, and with which inputs.

A step without its stamp was interrupted: it is thrown away and done again.
"""

import contextlib
import fcntl
import os

from scripts import settings


def _path(name):
    return settings.DEV / "stamps" / name


def read(name):
    """The hash of the inputs of the step that finished last, or None."""
    try:
        return _path(name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def remove(name):
    _path(name).unlink(missing_ok=True)


def write(name, value):
    """Record at once and completely that a step finished."""
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{name}.{os.getpid()}")
    draft.write_text(value, encoding="utf-8")
    draft.replace(path)


@contextlib.contextmanager
def lock(name):
    """Only one process at a time does what this guards; the others wait."""
    settings.RUN.mkdir(parents=True, exist_ok=True)
    with (settings.RUN / f"{name}.lock").open("w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
