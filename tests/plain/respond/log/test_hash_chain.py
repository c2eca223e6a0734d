"""The log of actions: whoever changes it is found out."""

from dataclasses import replace

import pytest

from distribution_visibility.lib.respond.log.hash_chain import (
    GENESIS,
    Break,
    SealedRow,
    canonical_json,
    find_break,
    link,
    seal,
)

PAYLOADS = [canonical_json({"action": "assign", "row": number}) for number in range(5)]


def _chain(payloads=PAYLOADS, previous=GENESIS, sequence=0):
    sealed = seal(payloads, previous, sequence)
    return [
        SealedRow(place, before, current, payload, payload)
        for (place, before, current), payload in zip(sealed, payloads, strict=True)
    ]


def test_an_untouched_chain_holds():
    assert find_break(_chain()) is None
    assert find_break([]) is None


def test_the_same_value_has_one_text():
    assert canonical_json({"b": 1, "a": [True, None, "ü"]}) == '{"a":[true,null,"ü"],"b":1}'
    assert canonical_json({"a": 1, "b": 2}) == canonical_json({"b": 2, "a": 1})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have_are_refused(value):
    with pytest.raises(ValueError):
        canonical_json({"a": value})


def test_a_lone_surrogate_can_be_hashed():
    assert len(link(GENESIS, 1, canonical_json({"name": "\ud800"}))) == 64


def test_a_changed_row_is_the_first_broken_one():
    rows = _chain()
    rows[2] = replace(rows[2], payload=rows[2].payload.replace("assign", "resign"))
    assert find_break(rows) == Break(3, "payload")


def test_a_changed_row_that_was_hashed_again_breaks_the_next_one():
    rows = _chain()
    payload = rows[2].payload.replace("assign", "resign")
    rows[2] = replace(rows[2], payload=payload, facts=payload, hash=link(rows[2].previous, 3, payload))
    assert find_break(rows) == Break(4, "unlinked")


def test_columns_that_no_longer_say_what_was_hashed_are_found():
    rows = _chain()
    rows[1] = replace(rows[1], facts=rows[1].facts.replace("assign", "resign"))
    assert find_break(rows) == Break(2, "columns")


def test_a_deleted_row_is_missing():
    rows = _chain()
    del rows[3]
    assert find_break(rows) == Break(4, "missing")


def test_two_rows_that_changed_places_are_found():
    rows = _chain()
    rows[1], rows[2] = replace(rows[2], sequence=2), replace(rows[1], sequence=3)
    assert find_break(rows).sequence == 2


def test_a_row_that_was_put_in_is_found():
    rows = _chain()
    rows.insert(2, rows[1])
    assert find_break(rows) == Break(3, "twice")


def test_slices_check_as_well_as_the_whole():
    rows = _chain()
    assert find_break(rows[3:], rows[2].hash, 3) is None
    assert find_break(rows[3:], GENESIS, 3) == Break(4, "unlinked")


def test_appending_goes_on_from_the_head():
    rows = _chain()
    more = _chain(['{"later":1}'], rows[-1].hash, 5)
    assert find_break(rows + more) is None
