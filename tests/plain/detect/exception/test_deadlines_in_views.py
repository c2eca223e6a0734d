"""Wherever a deadline stands in a list or on a card it shows how long is left, by the hour and minute."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[4]
VIEWS = sorted(ROOT.glob("distribution_visibility*/views/**/*.xml"))
DEADLINES = {"deadline", "due_at", "escalation_due_at", "visibility_due_at"}
CLOCKS = {"visibility_deadline", "visibility_clock"}


def fields_below(tree, *kinds):
    for kind in kinds:
        for view in tree.iter(kind):
            yield from view.iter("field")


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_no_view_counts_calendar_units(path):
    """Odoo's own widget calls tomorrow "Next month" on the last day of a month."""
    fields = ElementTree.parse(path).iter("field")
    assert [one.get("name") for one in fields if one.get("widget") == "remaining_days"] == []


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_each_list_and_card_with_a_deadline_has_its_clock(path):
    shown = [one for one in fields_below(ElementTree.parse(path), "list", "kanban") if one.get("name") in DEADLINES]
    named = {one.get("name") for one in shown}
    clocks = {one.get("name") for one in shown if one.get("widget") in CLOCKS}
    assert named - clocks == allowed(path)


def allowed(path):
    """The preview of a template names days to come that nobody waits for yet."""
    return {"due_at"} if path.stem == "visibility_expectation_template_views" else set()


def test_there_are_deadlines_in_many_places():
    names = [one.get("widget") for path in VIEWS for one in ElementTree.parse(path).iter("field")]
    assert sum(widget in CLOCKS for widget in names) >= 10
