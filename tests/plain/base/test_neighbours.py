"""Only what the table names is read of other people's add-ons, and the documentation says of each what follows."""

import ast
import re
from pathlib import Path

import pytest

from distribution_visibility.lib.base.neighbours import FIELDS, MODELS, ask, knows, told

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "neighbours.md").read_text(encoding="utf-8")
NAMES = {field for _model, field in FIELDS}


class Record(dict):
    """As much of a record as is asked for."""

    _name = "sale.order.line"

    @property
    def _fields(self):
        return self


def test_a_field_is_read_where_its_add_on_is_installed():
    assert told(Record(commitment_date="then"), "commitment_date") == "then"
    assert told(Record(), "commitment_date") is False
    assert told(Record(), "commitment_date", "nothing") == "nothing"
    assert knows(Record(commitment_date=None), "commitment_date") and not knows(Record(), "commitment_date")


def test_a_model_is_asked_where_its_add_on_is_installed():
    assert ask({}, "calendar.public.holiday") is None


@pytest.mark.parametrize("asked", [told, knows])
def test_what_the_table_does_not_name_is_not_read(asked):
    with pytest.raises(KeyError):
        asked(Record(price="5"), "price")
    with pytest.raises(KeyError):
        ask({"res.partner": 1}, "res.partner")


@pytest.mark.parametrize("addon", sorted({*FIELDS.values(), *MODELS.values()}))
def test_the_page_says_what_follows_of_each_neighbour(addon):
    assert re.search(rf"^\|.*`{addon}`.*\|.*\|$", PAGE, re.MULTILINE)


def test_every_row_of_the_table_is_used():
    """And nothing else: a name that is not read any more has to go."""
    used = set()
    for path in (ROOT / "distribution_visibility" / "models").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("told", "knows"):
                used.add(node.args[1].value)
    assert used == NAMES
