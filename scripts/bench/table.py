"""The table that `make bench` prints."""

import statistics
from dataclasses import dataclass, field


@dataclass
class Row:
    """One promise: what was measured, against what, and the ratio that should be reached."""

    what: str
    values: list
    unit: str
    against: str
    reference: list
    reach: float
    #: the ratio is a cost, which should not be more than ``reach``
    at_most: bool = False

    @property
    def ratio(self):
        return statistics.median(self.values) / statistics.median(self.reference)

    def cells(self):
        ours, theirs = statistics.median(self.values), statistics.median(self.reference)
        reached = self.ratio <= self.reach if self.at_most else self.ratio >= self.reach
        verdict, sign = "reached" if reached else "NOT REACHED", "<=" if self.at_most else ">="
        measured, other = f"{ours:,.0f} {self.unit}", f"{self.against}: {theirs:,.0f}"
        return [self.what, measured, other, f"{self.ratio:,.2f}", f"{sign} {self.reach:g}", verdict]


@dataclass
class Note:
    """A line below the table."""

    text: str
    cells: list = field(default_factory=list)


HEAD = ["what", "measured", "against", "ratio", "reach", ""]


def render(rows, about):
    """Rows as a Markdown table, then notes and the machine."""
    lines = [HEAD] + [row.cells() for row in rows if isinstance(row, Row)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    text = [_line(line, widths) for line in lines]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    notes = [note.text for note in rows if isinstance(note, Note)]
    return "\n" + "\n".join([*text, "", *notes, *about])


def _line(cells, widths):
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
