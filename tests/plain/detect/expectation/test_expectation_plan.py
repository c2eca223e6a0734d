"""Which milestone fulfils an expected one, and what the plan of a template is."""

import datetime as dt

import pytest

from distribution_visibility.lib.base.due_time import DueRule
from distribution_visibility.lib.detect.expectation.expectation_plan import ExpectationPlan, Reached

PICKED_UP, IN_TRANSIT, DELIVERED, RETURNED = 7, 12, 28, 31


def plan(**values):
    told = {
        "template_id": 1,
        "company_id": 0,
        "res_model": "visibility.shipment",
        "trigger": "label_created",
        "domain": (),
        "base": "trigger",
        "rule": DueRule(24),
        **values,
    }
    return ExpectationPlan(**told)


def for_milestone(milestone_id, rank, is_main=True):
    return plan(milestone_id=milestone_id, milestone_rank=rank, is_milestone_main=is_main)


def test_the_expected_milestone_itself_fulfils_it_whatever_its_branch():
    assert for_milestone(PICKED_UP, 50).is_reached_by(50, True, PICKED_UP)
    assert for_milestone(RETURNED, 110, is_main=False).is_reached_by(110, False, RETURNED)


@pytest.mark.parametrize(
    ("rank", "is_main", "milestone_id", "is_reached"),
    [
        (60, True, IN_TRANSIT, True),
        (90, True, DELIVERED, True),
        # another one just as far on the way
        (50, True, 99, True),
        (49, True, 6, False),
        # later, but no step of the way
        (110, False, RETURNED, False),
        (200, False, 32, False),
    ],
)
def test_what_is_further_on_the_way_fulfils_it_and_a_return_does_not(rank, is_main, milestone_id, is_reached):
    assert for_milestone(PICKED_UP, 50).is_reached_by(rank, is_main, milestone_id) is is_reached


def test_a_delivery_does_not_fulfil_an_expected_return():
    assert not for_milestone(RETURNED, 110, is_main=False).is_reached_by(200, True, DELIVERED)


@pytest.mark.parametrize(("fact", "recurs"), [("any_scan", True), ("milestone", False), ("", False)])
def test_only_an_expected_scan_makes_the_next_one_expected(fact, recurs):
    assert plan(fact=fact).recurs is recurs


def test_plans_are_the_same_as_objects_only_and_can_be_kept_in_a_set():
    one = plan(domain=(["state", "in", ["sale"]],))
    assert one == one and one != plan(domain=one.domain)
    assert len({one, one}) == 1


def test_without_more_being_said_a_plan_is_for_no_milestone_and_by_the_companys_calendar():
    found = plan()
    assert (found.milestone_id, found.milestone_rank, found.is_milestone_main) == (0, 0, False)
    assert (found.calendar_source, found.calendar_id, found.zone, found.fact) == ("company", 0, "", "")


def test_what_was_waited_for_is_known_by_its_time_even_without_an_event():
    moment = dt.datetime(2026, 3, 2, 12)
    assert Reached(moment) == Reached(moment, False, "")
    assert Reached(moment, 4) != Reached(moment, 5)
