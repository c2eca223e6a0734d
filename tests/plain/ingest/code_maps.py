"""The code maps that the add-on ships, read from their files as Odoo loads them."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from distribution_visibility.lib.ingest.code_map import Lookup, Meaning


def read_code_maps(paths: Iterable[Path]) -> dict[tuple[str, str], Meaning]:
    """Read the CSV files that Odoo loads; ``table.get`` by pair makes a lookup (``lookup_in``).

    :raises ValueError: when a (vocabulary, code) is there twice.
    """
    table: dict[tuple[str, str], Meaning] = {}
    for path in paths:
        with open(path, encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                key = row["vocabulary"], row["code"]
                if key in table:
                    raise ValueError(f"{key} is there twice")
                table[key] = _meaning(row)
    return table


def lookup_in(table: Mapping[tuple[str, str], Meaning]) -> Lookup:
    """A lookup in a table that is in memory."""
    return lambda vocabulary, code: table.get((vocabulary, code))


def _meaning(row: Mapping[str, str]) -> Meaning:
    return Meaning(
        milestone=row["milestone_id/id"].rpartition(".")[2].removeprefix("milestone_"),
        category=row["category_id/id"].rpartition(".")[2].removeprefix("category_"),
        responsible_party=row["responsible_party"],
        is_neutral=row["is_neutral"] == "True",
    )
