"""Who gets the goods: each part of the score on its own, and together."""

import dataclasses

from distribution_visibility.lib.respond.allocation.allocation import Claim, Weights, allocate

BASE = Claim("base", wanted=5, hours_to_promise=48, tier=1, tiers=3, value=100, age_days=2)


def claim(key, **values):
    return dataclasses.replace(BASE, key=key, **values)


def order(*claims, available=100, weights=None):
    return [award.key for award in allocate(claims, available, weights)]


def test_the_nearer_promise_goes_first_and_a_passed_one_is_the_nearest():
    assert order(claim("b", hours_to_promise=90), claim("a", hours_to_promise=20), claim("z", hours_to_promise=-1)) == [
        "z", "a", "b",
    ]  # fmt: skip


def test_the_higher_tier_the_larger_value_and_the_longer_wait_go_first():
    assert order(claim("a", tier=0), claim("b", tier=3)) == ["b", "a"]
    assert order(claim("a", value=10), claim("b", value=90)) == ["b", "a"]
    assert order(claim("a", age_days=1), claim("b", age_days=20)) == ["b", "a"]


def test_weights_decide_what_matters_most():
    soon, strategic = claim("soon", hours_to_promise=2, tier=0), claim("strategic", hours_to_promise=300, tier=3)
    assert order(soon, strategic, weights=Weights(promise=90, tier=10, value=0, age=0)) == ["soon", "strategic"]
    assert order(soon, strategic, weights=Weights(promise=10, tier=90, value=0, age=0)) == ["strategic", "soon"]


def test_what_is_there_is_given_in_turn_and_the_rest_gets_nothing():
    awards = allocate([claim("a", tier=3), claim("b", tier=2), claim("c", tier=0)], 7)
    assert [(award.key, award.quantity) for award in awards] == [("a", 5), ("b", 2), ("c", 0)]


def test_what_is_picked_already_stays_where_it_is():
    awards = allocate([claim("a", tier=3), claim("b", tier=0, locked=4)], 5)
    assert {award.key: award.quantity for award in awards} == {"a": 5, "b": 4}


def test_never_more_than_there_is_is_given_and_the_score_is_the_sum_of_its_parts():
    awards = allocate([claim(str(number), tier=number % 4, wanted=number) for number in range(1, 9)], 11)
    assert sum(award.quantity for award in awards) == 11
    assert all(abs(award.score - sum(award.parts.values())) < 0.06 for award in awards)
    assert all(0 <= award.score <= 100 for award in awards)


def test_nothing_promised_is_not_urgent_and_no_weights_at_all_do_no_harm():
    assert order(claim("a", hours_to_promise=None), claim("b")) == ["b", "a"]
    assert order(claim("a"), weights=Weights(0, 0, 0, 0)) == ["a"]
