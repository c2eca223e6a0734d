"""`make stories`: acts the stories of `tests/stories` out and prints how well the detectors agree with a dispatcher.

`quick` are the few that `make test` tells, too; other words are looked for in titles and names of files.
"""

import json
import os
import subprocess
import sys

from scripts import databases, odoo_server, settings
from scripts.console import SetupError, guarded, say, step
from scripts.stories import score, told

SCRIPT = """
import json
from scripts.stories import stage, told
chosen = {chosen!r}
stories = told.read_all()
stage.play(env, [(stories[number], house) for number, house in chosen], {path!r})
"""


def main(arguments=()):
    """Run stories; 1 where a detector is worse than what we aim at."""
    wanted = " ".join(arguments).strip()
    chosen = choose(wanted)
    name = f"{databases.TEST}{os.getpid()}_stories"
    try:
        with step("preparing a database"):
            # the quick ones need neither kits nor drop-shipping
            databases.copy(databases.our_template() if wanted == "quick" else databases.shapes_template(), name)
        with step(f"telling {len({number for number, _house in chosen})} stories {len(chosen)} times"):
            seen = act(name, chosen)
    finally:
        databases.drop(name)
    return report(seen)


def choose(wanted=""):
    """Numbers of stories, each with a house."""
    chosen = []
    for number, story in enumerate(told.read_all()):
        if wanted == "quick":
            chosen += [(number, house) for house in story.quick]
        elif wanted.lower() in f"{story.place} {story.title}".lower():
            chosen += [(number, house) for house in story.houses]
    if not chosen:
        raise SetupError(f"There is no story with “{wanted}”.")
    return chosen


def act(database, chosen):
    """Act the chosen stories out in Odoo's own process; give what was seen."""
    path, log = settings.RUN / f"{database}.json", settings.LOGS / "stories.log"
    for folder in (path.parent, log.parent):
        folder.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    port = odoo_server.free_port()
    command = odoo_server.command(database, "--max-cron-threads=0", f"--http-port={port}", "--log-level=warn")
    command.insert(2, "shell")
    with log.open("w", encoding="utf-8") as stream:
        subprocess.run(
            command,
            input=SCRIPT.format(chosen=chosen, path=str(path)),
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**odoo_server.environment(), "PYTHONPATH": str(settings.ROOT)},
            text=True,
            check=False,
        )
    seen = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    path.unlink(missing_ok=True)
    if len(seen) != len(chosen):
        raise SetupError(f"The stories were not told; {log} ends with:\n{log.read_text(encoding='utf-8')[-3000:]}")
    return seen


def report(seen):
    """Print the table and each disagreement; give the exit code."""
    counts, sentences = score.compare([look for story in seen for look in story["looks"]])
    failures = [failure for story in seen for failure in story["failures"]]
    for failure in failures:
        last = failure["error"].strip().splitlines()[-1]
        sentences.append(
            f"{failure['title']} [{failure['house']}, {failure['when']}, {failure['place']}]: broke off: {last}"
        )
    say("\n".join(sentences))
    say(score.render(counts))
    return int(bool(failures) or not all(count.is_good for count in counts.values()))


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
