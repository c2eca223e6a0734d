"""What it costs to look for what is late, beside the bare SQL that finds it; at growing numbers of expectations."""

import json
import statistics

from scripts.bench import odoo, table


def measure(name, _seeded):
    """Rows of the table: times of one scan that finds nothing new, in microseconds."""
    found = json.loads(odoo.run_shell(name, "scan.py"))
    for size, times in found["sizes"].items():
        what = f"scan of {int(size):,} open expectations, nothing new"
        yield table.Row(what, times["scan"], "µs", "bare SQL", times["sql"], 2, at_most=True)
    smallest, *_others, largest = found["sizes"]
    growth = int(largest) // int(smallest)
    times = [found["sizes"][size]["scan"] for size in (largest, smallest)]
    what = f"the same with {growth} times as many"
    yield table.Row(what, times[0], "µs", f"scan of {int(smallest):,}", times[1], growth, at_most=True)
    rate = statistics.median(found["noticed"])
    yield table.Note(f"{rate:,.0f} overdue expectations a second become exceptions with owner, deadline and activity")
    yield table.Note(f"scans at all sizes added {found['grown_kib']:,} KiB to the worker's memory")
