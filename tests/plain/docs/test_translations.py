"""Translations say what our texts say: the same values in them, the same marks around them, hardly any left out."""

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[3]
TRANSLATIONS = sorted(ROOT.glob("distribution_visibility*/i18n/*.po"))
# %(name)s, %s, %d, %%, {field}, {{ expression }}, and the marks of HTML
VALUE = re.compile(r"%\(\w+\)[sdg]|%[sdg%]|\{\{.*?\}\}|\{\w+\}")
MARK = re.compile(r"<(/?[\w-]+)")
# a text that came in with a change waits for who knows the language
ENOUGH = 0.95


def _of(path):
    return polib.pofile(str(path))


def _named(path):
    return f"{path.parent.parent.name}-{path.stem}"


def _different(path, pattern):
    """The texts whose translation has not the same in it, in any order."""
    done = [entry for entry in _of(path) if entry.msgstr]
    return [e.msgid for e in done if sorted(pattern.findall(e.msgid)) != sorted(pattern.findall(e.msgstr))]


@pytest.fixture(params=TRANSLATIONS, ids=_named)
def path(request):
    return request.param


def test_there_are_translations():
    assert {path.stem for path in TRANSLATIONS} >= {"de"}


def test_a_translation_has_the_texts_of_its_template(path):
    template = _of(path.with_name(f"{path.parent.parent.name}.pot"))
    assert {entry.msgid for entry in _of(path)} == {entry.msgid for entry in template}


def test_a_translated_text_has_the_same_values_in_it(path):
    assert _different(path, VALUE) == []


def test_a_translated_text_has_the_same_marks_around_it(path):
    assert _different(path, MARK) == []


def test_hardly_any_text_is_left_out(path):
    words = [entry for entry in _of(path) if re.search(r"[a-z]{3}", entry.msgid)]
    done = [entry for entry in words if entry.msgstr]
    assert len(done) >= ENOUGH * len(words), [entry.msgid for entry in words if not entry.msgstr][:20]
