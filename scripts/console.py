"""What the user sees: progress, and errors that say in one sentence what to do."""

import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from scripts import settings


class SetupError(Exception):
    """Something the user can mend; the message is one sentence that says how."""


# Whether a long step shows that it still runs.
TICKS = True
NO_SPACE = "The disk is full: free about 4 GB for {} and run the same command again."


def say(message):
    print(message, flush=True)


@contextlib.contextmanager
def step(message):
    """Announce a step, show that it still runs, and say how long it took."""
    started = time.monotonic()
    say(f"- {message} ...")
    done = threading.Event()
    if TICKS:
        threading.Thread(target=_tick, args=(done, started), daemon=True).start()
    try:
        yield
    finally:
        done.set()
    say(f"  done in {time.monotonic() - started:.1f} s")


def _tick(done, started):
    while not done.wait(15):
        say(f"  still at it, {time.monotonic() - started:.0f} s")


def run(command, failure, log="setup.log", **options):
    """Run a command with its output in a log file; on failure raise `failure` as a SetupError.

    :return: what the command printed
    """
    result = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        check=False,
        **options,
    )
    _append_log(log, command, result.stdout)
    if result.returncode:
        raise failed(result.stdout, failure, log)
    return result.stdout


def failed(output, failure, log):
    """The error to raise for a command that failed, by what it printed."""
    if os.strerror(errno.ENOSPC) in output:
        return SetupError(NO_SPACE.format(settings.DEV))
    return SetupError(f"{failure} (details: {relative(settings.LOGS / log)})")


def _append_log(log, command, output):
    settings.LOGS.mkdir(parents=True, exist_ok=True)
    with (settings.LOGS / log).open("a", encoding="utf-8") as stream:
        stream.write(f"$ {' '.join(map(str, command))}\n{output}\n")


def relative(path):
    """The path as a user in the project folder would type it."""
    with contextlib.suppress(ValueError):
        return Path(path).relative_to(settings.ROOT)
    return path


def check_disk(gigabytes):
    """Refuse to start what would fill the disk."""
    settings.DEV.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.DEV).free / 1e9
    if free < gigabytes:
        raise SetupError(
            f"Only {free:.1f} GB are free on the disk of {settings.DEV}: free at least {gigabytes} GB and try again."
        )


def _interrupt(_number, _frame):
    """Being asked to end is the same as Ctrl-C: what we started is stopped."""
    raise KeyboardInterrupt


def guarded(function, *args):
    """Run a command of ours and turn foreseeable errors into one sentence and an exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return function(*args) or 0
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr, flush=True)
        return 130
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(f"\n{NO_SPACE.format(settings.DEV)}", file=sys.stderr, flush=True)
        return 1
