"""A search for numbers has to know whether zero, which no row says, is among what is asked for."""

import pytest

from distribution_visibility.lib.base.comparisons import COMPARISONS


@pytest.mark.parametrize(
    ("operator", "value", "is_zero_meant"),
    [
        ("<", 1, True),
        ("<", 0, False),
        ("<=", 0, True),
        ("<=", -1, False),
        (">", -1, True),
        (">", 0, False),
        (">=", 0, True),
        (">=", 1, False),
    ],
)
def test_zero_is_among_what_is_asked_for(operator, value, is_zero_meant):
    assert COMPARISONS[operator](0, value) is is_zero_meant


def test_other_comparisons_are_not_known():
    assert "=" not in COMPARISONS
