"""Ordered, announced, received: what fits, and what is said of what does not."""

import pytest

from distribution_visibility.lib.detect.supply.receipt_comparison import compare


@pytest.mark.parametrize(
    "ordered, announced, received, kind",
    [
        (10, 10, 10, None),
        (10, 6, 6, None),
        (10, 10, 8, "short"),
        (10, 10, 0, "short"),
        (10, 10, 12, "over"),
        (10, "no quantity", 3, None),
        (10, "no quantity", 0, "short"),
        (10, "missing", 3, "not_announced"),
        (0, "missing", 3, "wrong"),
        (0, 3, 3, None),
    ],
)
def test_each_product_is_judged_against_the_notice(ordered, announced, received, kind):
    notices = {"no quantity": {"pump": None}, "missing": {}}.get(announced, {"pump": announced})
    [row] = compare({"pump": ordered} if ordered else {}, notices, {"pump": received})
    assert row.kind == kind


def test_what_was_ordered_and_neither_announced_nor_received_is_no_matter_here():
    assert compare({"pump": 10}, {}, {}) == []
