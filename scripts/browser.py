"""Chromium for browser tests and screenshots: the only thing ever installed on the machine itself."""

import functools
import os
import shutil
import subprocess

from scripts.console import step

# the names that Odoo's own browser tests look for
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def path():
    """The path of Chrome or Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@functools.cache
def ensure():
    """Find a browser or install Debian's chromium.

    :return: why there is none, for the summary of the tests; empty if there is one
    """
    if path():
        return ""
    if not shutil.which("apt-get"):
        return "no Chrome or Chromium was found, and there is no apt-get to install one"
    if not _root_prefix() and os.geteuid():
        return "no Chrome or Chromium was found, and installing Debian's chromium needs root or sudo"
    with step("installing Debian's chromium (no browser was found)"):
        return _install()


def _root_prefix():
    """What makes a command run as root without asking for a password."""
    if os.geteuid() == 0 or not shutil.which("sudo"):
        return []
    works = not subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    return ["sudo", "-n"] if works else []


def _install():
    options = ["--yes", "--no-install-recommends"]
    for command in (["apt-get", "update"], ["apt-get", "install", *options, "chromium"]):
        full = [*_root_prefix(), "env", "DEBIAN_FRONTEND=noninteractive", *command]
        if subprocess.run(full, capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode:
            return f"no Chrome or Chromium was found, and `{' '.join(command)}` failed"
    return ""
