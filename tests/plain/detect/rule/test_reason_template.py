"""A reason is a text with fields in it, and nothing more."""

import pytest

from distribution_visibility.lib.detect.rule.reason_template import TemplateError, get_paths, render


def test_fields_take_the_place_of_their_names():
    values = {"partner_id": "General Hospital", "partner_id.city": "Toledo"}
    assert render("{partner_id} in {partner_id.city} waits", values.__getitem__) == "General Hospital in Toledo waits"


def test_a_text_without_fields_stays_as_it_is():
    assert render("Nobody looked at it: 50 % done", dict.__getitem__) == "Nobody looked at it: 50 % done"


def test_what_a_field_says_is_not_read_as_a_template_again():
    assert render("{name}", lambda path: "{secret}") == "{secret}"


@pytest.mark.parametrize(
    "template",
    [
        "{}", "{0}", "{name!r}", "{name:>10}", "{name.__class__}", "{_name}", "{a.b.c}", "{name[0]}", "{name", "name}",
        "{{name}}", "{env.cr.dbname}",
    ],
)  # fmt: skip
def test_everything_else_in_braces_is_refused(template):
    with pytest.raises(TemplateError):
        get_paths(template)
    with pytest.raises(TemplateError):
        render(template, str)
