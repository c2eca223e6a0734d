"""Parts of the tests at the same time, each in a process of its own whose output is kept until it is its turn."""

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

from scripts import console, settings
from scripts.results import Results

# Whoever does not give way gets three times as much of a processor.
NICE = 5
FORK = multiprocessing.get_context("fork")


class Part:
    """A function that gives :class:`Results`, begun at once.

    :param name: of its file in `.dev/log`, and of what is told when it ends without results
    :param gives_way: whether parts that keep time have the processors first
    """

    def __init__(self, name, function, gives_way=False):
        self.name, self.output, self.seconds = name, settings.LOGS / f"test-{name}.log", 0
        self._function, self._gives_way = function, gives_way
        self._end, far_end = FORK.Pipe(duplex=False)
        self._process = FORK.Process(target=self._run, args=[far_end], name=name)
        settings.LOGS.mkdir(parents=True, exist_ok=True)
        self._process.start()
        far_end.close()

    def _run(self, end):
        with self.output.open("w", encoding="utf-8") as stream:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
        sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1, encoding="utf-8", closefd=False)
        console.TICKS = False
        # so that all it has begun can be ended with it
        os.setsid()
        if self._gives_way:
            give_way()
        begin = time.monotonic()
        try:
            outcome = self._function()
        except console.SetupError as error:
            outcome = error
        end.send((outcome, time.monotonic() - begin))

    def results(self):
        """Wait until it ends."""
        outcome = "it ended without results"
        with contextlib.suppress(EOFError):
            outcome, self.seconds = self._end.recv()
        self._process.join()
        if isinstance(outcome, Results):
            return outcome
        broken = Results()
        broken.fail(f"{self.name} tests: {outcome} (see {console.relative(self.output)})")
        return broken

    def read(self):
        """What it has said."""
        return self.output.read_text(encoding="utf-8", errors="replace").rstrip()

    def stop(self):
        """End it early: it takes down what it started, as after Ctrl-C."""
        self._process.terminate()
        self._process.join(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.join()


def give_way():
    """Let other processes go first, also where the scheduler shares out by session (autogroup)."""
    os.nice(NICE)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICE), encoding="utf-8")
