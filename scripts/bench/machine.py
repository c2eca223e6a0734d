"""What the figures were measured on."""

import os
import platform
from pathlib import Path

from scripts import postgres


def describe():
    """Lines about processors, memory, load and the database's care for durability."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    settings = {name: postgres.server().sql(f"SHOW {name}")[0] for name in ("server_version", "fsync")}
    settings["synchronous_commit"] = postgres.server().sql("SHOW synchronous_commit")[0]
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return [
        f"{os.cpu_count()} processors ({_processor()}), {memory:.0f} GiB, load average at the end {load}",
        f"PostgreSQL {settings['server_version']}, fsync={settings['fsync']}, "
        f"synchronous_commit={settings['synchronous_commit']}; Python {platform.python_version()}",
        "2 prefork workers, 4 connections; medians of rounds in which the contenders take turns",
    ]


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
