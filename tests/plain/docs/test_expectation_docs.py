"""The chapter on expectations names each shipped template, and what it raises."""

import csv
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "distribution_visibility" / "data/detect"


def read_templates():
    """Name to category of each shipped template."""
    categories = {}
    for path in DATA.glob("exception/visibility.exception.category*.csv"):
        with path.open(encoding="utf-8") as file:
            categories.update({row["id"]: row["name"] for row in csv.DictReader(file)})
    found = {}
    for record in ElementTree.parse(DATA / "expectation/visibility_expectation_template.xml").iter("record"):
        fields = {field.get("name"): field for field in record.iter("field")}
        found[fields["name"].text] = categories[fields["category_id"].get("ref")]
    return found


def test_each_shipped_template_is_in_the_chapter_with_what_it_raises():
    text = (ROOT / "docs" / "detect" / "expectations.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    assert {row[0]: row[-1] for row in rows[2:]} == read_templates()
