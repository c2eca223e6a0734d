"""A chain begins at one, and each row stands on the one before it."""

import hashlib

from distribution_visibility.lib.respond.log.hash_chain import (
    GENESIS,
    Break,
    SealedRow,
    commit,
    digest,
    find_break,
    link,
    seal,
)


def test_the_first_row_ever_is_number_one_and_stands_on_nothing():
    assert GENESIS == "0" * 64
    assert seal(["{}"]) == [(1, GENESIS, link(GENESIS, 1, "{}"))]


def test_rows_are_numbered_on_from_the_head():
    (first, second), (third,) = seal(["a", "b"]), seal(["c"], "head", 2)
    assert [place for place, _before, _hash in (first, second, third)] == [1, 2, 3]
    assert second[1] == first[2] and third[1] == "head"


def test_a_hash_can_be_checked_with_any_tool():
    text = f"{GENESIS}\n1\n{{}}"
    assert link(GENESIS, 1, "{}") == digest(text) == hashlib.sha256(text.encode()).hexdigest()


def test_a_chain_that_is_checked_from_its_beginning_must_begin_at_one():
    place, before, current = seal(["{}"], sequence=1)[0]
    assert find_break([SealedRow(place, before, current, "{}", "{}")]) == Break(1, "missing")


def test_what_names_somebody_is_sealed_with_a_salt_and_nothing_is_sealed_as_nothing():
    assert commit("Jane", "salt") == digest("salt\nJane")
    assert commit("", "salt") == ""
