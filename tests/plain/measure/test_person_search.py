"""A person is found in every form in which a sender may have written them, and blanked."""

import json
import re

import pytest

from distribution_visibility.lib.measure.person_search import blank, read_terms, sql_pattern


def found(term, body):
    return bool(re.search(sql_pattern(term), body, re.IGNORECASE))


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("Jane Doe", "Signed: JANE  DOE"),
        ("Jürgen Groß", "Jürgen Groß"),
        ("Jürgen Groß", "JÜRGEN Groß"),
        ("+1 (614) 555-0100", "6145550100"),
        ("6145550100", "+1 614 555-0100"),
        ("o'neil@example.com", "O'Neil@example.com"),
        ("Acme 100% (Ohio)", "Acme 100% (Ohio)"),
        ("李小龍先生", "李小龍先生"),
        ("Anne 😀 Smith", "Anne 😀 Smith"),
    ],
)
@pytest.mark.parametrize("escaped", [True, False])
def test_a_person_is_found_however_the_sender_wrote_the_json(term, value, escaped):
    body = json.dumps({"signed_by": value}, ensure_ascii=escaped)
    assert found(term, body)
    assert blank({"signed_by": value}, [term]) == {"signed_by": "[erased]"}


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("Jane Doe", "Janet Doerr"),
        ("a.b@example.com", "axb@example.com"),
        ("614555", "61 4x555"),
        ("614555", "6145551"),
    ],
)
def test_somebody_else_is_not_found(term, value):
    assert not found(term, json.dumps(value))
    assert blank(value, [term]) == value


def test_the_whole_text_around_a_name_goes_and_everything_else_stays():
    body = {"to": ["Jane Doe, 5 Main Street", "Dock 4"], "Jane Doe": 1, "n": 6145550100, "ok": True, "none": None}
    assert blank(body, ["jane doe", "614 555 0100"]) == {
        "to": ["[erased]", "Dock 4"],
        "Jane Doe": 1,
        "n": "[erased]",
        "ok": True,
        "none": None,
    }


def test_terms_too_short_to_mean_one_person_are_left_out():
    assert read_terms("Al\n  Jane   Doe \n\n") == ["Jane Doe"]
