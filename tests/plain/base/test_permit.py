"""A person's word passes once."""

import pytest

from distribution_visibility.lib.base.permit import Permit, take


def test_a_permit_is_good_for_one_write_and_what_follows_from_it_is_automation_again():
    context = {"by_hand": Permit()}
    assert [take(context, "by_hand") for _write in range(3)] == [True, False, False]


def test_a_permit_that_was_taken_in_one_context_is_taken_in_every_copy_of_it():
    permit = Permit()
    assert take({"by_hand": permit, "lang": "en_US"}, "by_hand")
    assert not take({"by_hand": permit}, "by_hand")


def test_each_permit_is_one_of_its_own():
    assert Permit().take() and Permit().take()


def test_a_permit_counts_under_its_own_name_only():
    context = {"by_hand": Permit()}
    assert not take(context, "another")
    assert take(context, "by_hand"), "asking for another one has not taken it"


@pytest.mark.parametrize("value", [True, 1, "by_hand", {"_is_taken": False}, [Permit], Permit, None])
def test_what_a_client_can_write_into_a_context_is_no_permit(value):
    assert take({"by_hand": value}, "by_hand") is False
