"""Each add-on says what changed, version by version, and in fragments what will stand in the next one."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ADDONS = sorted(path.parent for path in ROOT.glob("*/__manifest__.py"))


def version(addon):
    return ast.literal_eval((addon / "__manifest__.py").read_text(encoding="utf-8"))["version"]


def numbers(text):
    return [int(part) for part in text.split(".")]


def test_all_add_ons_have_the_version_of_the_package():
    package = re.search(r"^version = (.*)$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert {addon.name: version(addon) for addon in ADDONS} == {addon.name: package for addon in ADDONS}


@pytest.mark.parametrize("addon", ADDONS, ids=lambda addon: addon.name)
def test_the_newest_version_of_the_history_is_that_of_the_add_on(addon):
    history = (addon / "readme" / "HISTORY.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\S+) \(\d{4}-\d\d-\d\d\)$", history, re.MULTILINE)
    assert versions[0] == version(addon)
    assert len(versions) == len(re.findall(r"^## ", history, re.MULTILINE))


@pytest.mark.parametrize("addon", ADDONS, ids=lambda addon: addon.name)
def test_newsfragments_are_named_by_issue_and_type(addon):
    names = [path.name for path in (addon / "readme" / "newsfragments").glob("*")]
    assert [name for name in names if not re.fullmatch(r"\d+\.(feature|bugfix|doc|misc)\.md", name)] == []


def test_no_migration_is_for_a_version_that_is_not_there_yet():
    for addon in ADDONS:
        for path in addon.glob("migrations/*"):
            assert numbers(path.name) <= numbers(version(addon)), path
