"""The page about the life of an exception says what the lists of steps say, step by step and room by room."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MODELS = ROOT / "distribution_visibility" / "models"
PAGE = ROOT / "docs" / "detect" / "life-of-an-exception.md"
MODEL = "visibility.exception"

#: The lists: whoever adds one describes it.
LISTS = [
    *("_detect_events", "_open_findings", "_see_again", "create", "_on_opened", "write", "_check_write"),
    *("_complete_write", "_before_write", "_after_write", "_on_reopened", "_end", "_end_with_documents", "_merge"),
    *("_prove", "_follow_withdrawal", "_follow_facts", "unlink"),
]


def read_classes(text):
    """The classes of the model in one file's text."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            names = [
                ast.literal_eval(line.value)
                for line in node.body
                if isinstance(line, ast.Assign) and line.targets[0].id in ("_name", "_inherit")
            ]
            if MODEL in names or any(MODEL in name for name in names if isinstance(name, list)):
                yield node


def read_model():
    """Each method of the model: its node and the room that it is defined in."""
    methods = {}
    for path in sorted(MODELS.rglob("*.py")):
        for node in read_classes(path.read_text(encoding="utf-8")):
            room = path.parent.relative_to(MODELS).as_posix()
            for one in node.body:
                if isinstance(one, ast.FunctionDef):
                    methods.setdefault(one.name, []).append((one, room))
    return methods


def is_super(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def read_steps(function, methods):
    """(step, room) of what a list calls of the model's own methods, in the order of the source."""
    calls = [
        node.func
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods
    ]
    calls.sort(key=lambda call: (call.end_lineno, call.end_col_offset))
    return [
        (f"super().{call.attr}", "Odoo") if is_super(call.value) else (call.attr, methods[call.attr][0][1])
        for call in calls
    ]


def read_tables(text):
    """The rows (step, room) of the table below each heading that names a list."""
    tables, name = {}, None
    for line in text.splitlines():
        if line.startswith("#"):
            found = re.search(r": `(\w+)`$", line)
            name = found and found[1]
        elif name and line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            tables.setdefault(name, []).append((cells[0].strip("`"), cells[1]))
    return tables


METHODS = read_model()
TABLES = read_tables(PAGE.read_text(encoding="utf-8"))


def test_the_page_describes_every_list_once_and_nothing_else():
    assert list(TABLES) and sorted(TABLES) == sorted(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_and_its_table_have_the_same_steps_in_the_same_order(name):
    ((function, _room),) = METHODS[name]
    assert TABLES[name] == read_steps(function, METHODS)


def test_each_step_and_each_list_is_defined_once():
    for name in {step for rows in TABLES.values() for step, _room in rows} | set(LISTS):
        if not name.startswith("super()"):
            assert len(METHODS[name]) == 1, (name, [room for _node, room in METHODS[name]])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("        self._plan_response()\n", "", 1),
        lambda text: text.replace("        self._plan_response()\n", "        self._plan_response()\n" * 2, 1),
        lambda text: re.sub(r"( +self\._refresh_doc\w+\(\)\n)( +self\._take_over_cons\w+\(\)\n)", r"\2\1", text),
    ],
    ids=["dropped", "added", "moved"],
)
def test_a_step_that_is_dropped_added_or_moved_is_noticed(change):
    text = (MODELS / "detect" / "exception" / "visibility_exception.py").read_text(encoding="utf-8")
    assert change(text) != text
    (node,) = read_classes(change(text))
    (function,) = (one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "_on_opened")
    assert read_steps(function, METHODS) != TABLES["_on_opened"]
