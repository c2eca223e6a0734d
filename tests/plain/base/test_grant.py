"""What only code may say through a context, and what callers from outside may send instead."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distribution_visibility.lib.base import grant
from distribution_visibility.lib.base.grant import Carried, Mark, Once

KEY = "visibility_test"
MARK, ONCE, CARRIED = Mark(KEY), Once(KEY), Carried(KEY)
NAMED = {name: one for name, one in vars(grant).items() if isinstance(one, (Mark, Once, Carried))}

#: Everything that JSON can say; among it what the objects look like from outside.
LOOK_ALIKES = [
    *(None, True, False, 0, 1, 1.5, "", "True", KEY, "Mark", repr(MARK), repr(ONCE.context), str(CARRIED)),
    *([], [True], [[1, 2]], {}, {"key": KEY}, {"owner": KEY, "is_taken": False}, {"owner": None, "value": [1]}),
    {"__class__": "Mark", "key": KEY},
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def passes(context):
    """Whether any of the three takes something in a context for the word of our own code."""
    return MARK.says(context) or ONCE.take(context) or CARRIED.get(context, "nothing") != "nothing"


@pytest.mark.parametrize("value", LOOK_ALIKES, ids=repr)
def test_what_looks_like_it_grants_nothing(value):
    assert not passes({KEY: json.loads(json.dumps(value))})


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_nothing_that_json_can_say_grants_anything(value):
    assert not passes({KEY: json.loads(json.dumps(value))})
    assert not passes({})


@pytest.mark.parametrize("name", sorted(NAMED))
def test_no_word_of_ours_can_be_written_as_json(name):
    one = NAMED[name]
    said = one.carry([1]) if isinstance(one, Carried) else one.context
    with pytest.raises(TypeError):
        json.dumps(said)


def test_a_mark_is_seen_and_no_other_mark_with_its_key_is_taken_for_it():
    assert MARK.says(MARK.context)
    assert not MARK.says(Mark(KEY).context)


def test_a_word_that_passes_once_passes_once_and_only_where_it_was_said():
    context = ONCE.context
    assert not Once(KEY).take(context)
    assert [ONCE.take(context), ONCE.take(context)] == [True, False]
    assert ONCE.take(ONCE.context), "the next word is a new one"


def test_a_word_that_was_taken_in_one_context_is_taken_in_every_copy_of_it():
    said = ONCE.context
    assert ONCE.take({**said, "lang": "en_US"})
    assert not ONCE.take(said)


def test_a_value_comes_back_as_it_was_given_and_from_nobody_else():
    value = [1, 2]
    assert CARRIED.get(CARRIED.carry(value)) is value
    assert CARRIED.get(Carried(KEY).carry(value)) is None
    assert CARRIED.get(CARRIED.carry(None), "nothing") is None, "None can be carried, too"


def test_none_of_the_three_is_taken_for_another_one():
    said = [MARK.context, ONCE.context, CARRIED.carry(1)]
    assert [[MARK.says(one), ONCE.take(one), CARRIED.get(one) is not None] for one in said] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]


def test_every_word_has_a_key_of_its_own():
    keys = [one.key for one in NAMED.values()]
    assert NAMED and len(keys) == len(set(keys))
