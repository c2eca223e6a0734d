"""A brief puts first what keeps the promise without asking anybody, and never guesses."""

import datetime as dt
import doctest

import pytest

from distribution_visibility.lib.respond.brief import brief
from distribution_visibility.lib.respond.brief.brief import (
    Option,
    Standing,
    collect_sources,
    fingerprint,
    next_step,
    rank,
)

PROMISE = dt.datetime(2026, 3, 5, 23, 59, 59)
SOON, LATE = dt.datetime(2026, 3, 4), dt.datetime(2026, 3, 9)


def test_its_examples_are_true():
    assert doctest.testmod(brief).failed == 0


def test_what_keeps_the_promise_goes_first_and_without_a_decision_before_with_one():
    options = [
        Option("tell_customer"),
        Option("other_supplier", LATE, "supplier_substitution"),
        Option("expedite", decision="expedited_freight"),
        Option("stock_elsewhere", SOON, "rerouting"),
        Option("send_again", SOON),
    ]
    codes = [option.code for option in rank(options, PROMISE)]
    assert codes == ["send_again", "stock_elsewhere", "expedite", "other_supplier", "tell_customer"]


def test_without_a_promise_nothing_is_said_to_be_in_time():
    assert Option("send_again", SOON).in_time(None) is None
    assert Option("expedite").in_time(PROMISE) is None


@pytest.mark.parametrize(
    ("standing", "options", "expected"),
    [
        (Standing(is_open=False), [Option("send_again", SOON)], "over"),
        (Standing(is_unproven=True), [Option("send_again", SOON)], "confirm"),
        (Standing(is_owned=False), [], "take"),
        (Standing(waits_for="DEC/1"), [Option("send_again", SOON)], "decide"),
        (Standing(), [Option("send_again", SOON)], "do"),
        (Standing(), [Option("stock_elsewhere", SOON, "rerouting")], "ask"),
        (Standing(is_strategic=True), [Option("expedite", None, "expedited_freight")], "tell"),
        (Standing(), [Option("expedite", None, "expedited_freight")], "find_out"),
        (Standing(), [Option("incoming", LATE), Option("wait", SOON)], "tell"),
    ],
)
def test_the_next_step_follows_from_how_far_people_are_and_from_what_is_possible(standing, options, expected):
    assert next_step(standing, rank(options, PROMISE), PROMISE)["code"] == expected


def test_the_same_facts_have_one_fingerprint_in_any_order_of_keys():
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_each_source_is_named_once():
    assert collect_sources([["sale.order", 1, "S1"]], [("sale.order", 1, "S1"), ("stock.picking", 1, "P")]) == [
        ["sale.order", 1, "S1"],
        ["stock.picking", 1, "P"],
    ]
