"""What our add-ons cost when a person confirms a sale order or validates a delivery.

Two databases, one without our add-ons and one with all of them, their shipped rules, governed automations and
occasions for messages switched on, each with a process of its own that stays warm. They take turns, so that a
busy moment hits both.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys

from scripts import databases, environment, odoo_server, postgres, settings
from scripts.bench import machine, odoo, table
from scripts.console import SetupError, guarded, say, step

ROUNDS, REACH, SHOWN = 5, 1.15, 60


STEPS = {"confirm": "confirm a sale order", "validate": "validate a delivery"}


def measure(profile=False):
    """Rows of the table: milliseconds of confirming and validating, ours against Odoo alone."""
    with contextlib.ExitStack() as stack:
        theirs = stack.enter_context(_contender("base", databases.base_template()))
        ours = stack.enter_context(_contender("ours", databases.our_template()))
        _round(theirs, ours)  # warms up
        found = [_round(theirs, ours) for _number in range(ROUNDS)]
        if profile:
            say(_compare(theirs.ask("profile"), ours.ask("profile")))
    for method, what in STEPS.items():
        theirs, ours = zip(*(pair for each in found for pair in each[method]), strict=True)
        their_times, their_queries = zip(*theirs, strict=True)
        our_times, our_queries = zip(*ours, strict=True)
        yield table.Row(what, _ms(our_times), "ms", "Odoo without us", _ms(their_times), REACH, at_most=True)
        queries = [f"{statistics.median(each):g}" for each in (our_queries, their_queries)]
        yield table.Note(f"{what}: {queries[0]} queries, without us {queries[1]}")


def _round(theirs, ours):
    """Both do each step with each document, one right after the other: (their figures, ours) by step."""
    count = theirs.ask("prepare")
    ours.ask("prepare")
    found = {method: [] for method in STEPS}
    for method, pairs in found.items():
        for index in range(count):
            question = f"{method} {index}"
            if index % 2:
                pairs.append((theirs.ask(question), ours.ask(question)))
            else:
                pairs.append((ours.ask(question), theirs.ask(question))[::-1])
    return found


def _ms(times):
    return [1000 * seconds for seconds in times]


def _compare(theirs, ours):
    """Which functions take more time of their own with our add-ons: calls and milliseconds for each document."""
    rows = []
    for place in theirs.keys() | ours.keys():
        (calls, seconds), (their_calls, their_seconds) = ours.get(place, (0, 0)), theirs.get(place, (0, 0))
        rows.append((1000 * (seconds - their_seconds), calls - their_calls, place))
    rows.sort(reverse=True)
    lines = [f"{spent:+8.2f} ms {calls:+10.1f} calls  {place}" for spent, calls, place in rows[:SHOWN]]
    return "\n".join([*lines, f"{sum(row[0] for row in rows):+8.2f} ms in all, under a profiler"])


class _Contender:
    """An Odoo process that does one round when it is asked to."""

    def __init__(self, questions, answers, log):
        self.questions, self.answers, self.log = questions, answers, log

    def ask(self, question):
        """Give what one round found, as JSON told."""
        self.questions.write(f"{question}\n")
        self.questions.flush()
        answer = self.answers.readline()
        if not answer:
            raise SetupError(f"The benchmark's process ended: {self.log.read_text(encoding='utf-8')[-3000:]}")
        return json.loads(answer)


@contextlib.contextmanager
def _contender(name, template):
    database = f"dv_bench_{name}_{os.getpid()}"
    inside_in, outside_out = os.pipe()
    outside_in, inside_out = os.pipe()
    log = settings.LOGS / f"{database}.log"
    try:
        databases.copy(template, database)
        command = odoo_server.command(database, "--no-http", "--log-level=error")
        command.insert(2, "shell")
        process = subprocess.Popen(
            command,
            stdin=(odoo.HERE / "overhead_rounds.py").open(encoding="utf-8"),
            stdout=log.open("w"),
            stderr=subprocess.STDOUT,
            env={**odoo_server.environment(), "BENCH_PIPES": f"{inside_in},{inside_out}"},
            pass_fds=(inside_in, inside_out),
        )
        os.close(inside_in)
        os.close(inside_out)
        with open(outside_out, "w", encoding="utf-8") as questions, open(outside_in, encoding="utf-8") as answers:
            yield _Contender(questions, answers, log)
        process.wait(60)
        log.unlink()
    finally:
        databases.drop(database)


def main(arguments):
    """Measure only this, and with `--profile` say where our time goes."""
    environment.ensure(quiet=True)
    with postgres.running():
        with step("measuring overhead"):
            rows = list(measure(profile="--profile" in arguments))
        say(table.render(rows, machine.describe()))


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
