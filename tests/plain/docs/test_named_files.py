"""A file or folder that the documentation, a docstring or a comment names is there: moves leave no dead signposts."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ADDONS = sorted(path.parent for path in ROOT.glob("distribution_visibility*/__manifest__.py"))
PARTS = [*ADDONS, *(ROOT / name for name in ("docs", "scripts", "tests", "docker", "requirements", ".ci"))]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = "models|lib|views|data|security|wizards|controllers|migrations|readme|tests|scripts|docs|docker"
#: What names a file of ours, by a path or its name alone, or a folder of ours.
PATH = re.compile(
    r"(?<![\w/.:<>$*{}-])("
    r"(?:[\w.-]+/)*[\w.-]*\w\.(?:py|xml|csv|md|toml|cfg|yml)(?![\w.*])"
    r"|(?:distribution_visibility\w*/)?(?:" + FOLDERS + r")/[\w./-]*)"
)
#: Named, and not here.
ELSEWHERE = {
    "readme/newsfragments": "there while a version has unreleased changes",
    "kestrel.py": "the example of the guide for adapters",
    "data/ingest/visibility.code.map-": "followed by a placeholder",
    "data/ingest/visibility.code.map-kestrel.csv": "the example of the guide for adapters",
}


def find_parts():
    """Every file and folder of ours, by its path from here."""
    found = {path for part in PARTS for path in part.rglob("*") if "__pycache__" not in path.parts}
    found |= {path for path in ROOT.iterdir() if path.is_file()} | set(PARTS)
    return {path.relative_to(ROOT).as_posix() for path in found}


#: The ends of all paths: ``models/base/wake.py``, ``base/wake.py`` and ``wake.py`` name the same file.
ENDS = {"/".join(path.split("/")[start:]) for path in find_parts() for start in range(path.count("/") + 1)}


def find_missing(text):
    named = {match.rstrip("/.") for match in PATH.findall(text)}
    return {name for name in named if name.removeprefix("./") not in ENDS} - ELSEWHERE.keys()


def read_remarks(path):
    """The docstrings and comments of a module."""
    code = path.read_text(encoding="utf-8")
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = [ast.get_docstring(node) or "" for node in ast.walk(ast.parse(code)) if isinstance(node, kinds)]
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return "\n".join([*docs, *(token.string for token in tokens if token.type == tokenize.COMMENT)])


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_files_that_a_page_names_are_there(page):
    missing = set()
    for code in re.findall(r"```.*?```|`[^`\n]+`", page.read_text(encoding="utf-8"), re.DOTALL):
        missing |= find_missing(code.strip("`"))
    assert not missing


@pytest.mark.parametrize("addon", ADDONS, ids=[addon.name for addon in ADDONS])
def test_files_that_docstrings_and_comments_name_are_there(addon):
    missing = {}
    for path in sorted(addon.rglob("*.py")):
        if names := find_missing(read_remarks(path)):
            missing[str(path.relative_to(ROOT))] = names
    assert not missing


def test_what_was_moved_is_noticed():
    assert find_missing("lib/base/backoff.py and lib/respond/catalogue.py") == {"lib/respond/catalogue.py"}
