"""Who gets the next piece of work."""

from dataclasses import dataclass, field

import pytest

from distribution_visibility.lib.respond.ownership.assignment import find_substitute, pick_least_loaded, rank_team


@dataclass
class Team:
    role: str = "buyer"
    categories: set = field(default_factory=set)
    company: int | None = None
    warehouses: set = field(default_factory=set)


def test_who_has_least_gets_the_next():
    assert pick_least_loaded([1, 2, 3], {1: 5, 2: 2, 3: 7}, {}) == 2


def test_of_equals_the_first_gets_it():
    assert pick_least_loaded([3, 1], {}, {}) == 3


def test_who_takes_half_gets_half():
    load, shares = {1: 0, 2: 0}, {1: 1, 2: 0.5}
    for _number in range(30):
        load[pick_least_loaded([1, 2], load, shares)] += 1
    assert load == {1: 20, 2: 10}


def test_who_takes_none_gets_none():
    assert pick_least_loaded([1], {}, {1: 0}) is None
    assert pick_least_loaded([], {}, {}) is None


@pytest.mark.parametrize(
    ("absences", "expected"), [({}, 1), ({1: 2}, 2), ({1: 2, 2: 3}, 3), ({1: None}, None), ({1: 2, 2: 1}, None)]
)
def test_a_substitute_stands_in_and_circles_end(absences, expected):
    assert find_substitute(1, absences) == expected


def test_the_closer_a_team_is_the_better_it_fits():
    teams = [Team(), Team(company=1), Team(warehouses={9}), Team(categories={7})]
    ranks = [rank_team(team, 7, "buyer", 1, 9) for team in teams]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 4


def test_a_team_for_something_else_does_not_fit():
    assert rank_team(Team(role="service"), 7, "buyer", 1, 9) is None
    assert rank_team(Team(company=2), 7, "buyer", 1, 9) is None
    assert rank_team(Team(warehouses={8}), 7, "buyer", 1, 9) is None
    assert rank_team(Team(categories={8}), 7, "buyer", 1, 9) is None


def test_a_team_for_a_category_takes_it_whatever_its_role():
    assert rank_team(Team(role="service", categories={7}), 7, "buyer", 1, 9) is not None
