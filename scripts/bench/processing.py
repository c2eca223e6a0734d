"""How fast one worker makes events and exceptions of stored messages, beside `/web/hook`'s work."""

import json

from scripts.bench import accepting, odoo, table


def measure(name, seeded):
    """One worker each: ours works off an inbox in batches, Odoo's webhook takes request by request."""
    ours = json.loads(odoo.run_shell(name, "work_off.py"))
    with odoo.server(name, workers=1) as server:
        hook = {"hook": lambda: (seeded["search_and_write"], *accepting.plain())}
        theirs = accepting.rounds(server.port, hook, count=3)["hook"]
    against = "/web/hook, search and write"
    yield table.Row("process: delay to exception", ours["delays"], "event/s", against, theirs, 10)
    yield table.Row("process: scan on the way", ours["scans"], "event/s", against, theirs, 10)
