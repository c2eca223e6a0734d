"""Traces continue across systems, and strangers write no log lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distribution_visibility.lib.base.log_text import one_line
from distribution_visibility.lib.ingest.trace_context import TraceContext, parse_traceparent

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"


def test_our_span_is_a_child_of_the_senders():
    ours = TraceContext.receive(PARENT, "vendor=opaque")
    assert ours.trace_id == TRACE and ours.span_id != SPAN and ours.sampled and ours.state == "vendor=opaque"
    assert parse_traceparent(ours.format()).span_id == ours.span_id
    assert ours.child().trace_id == TRACE and ours.child().span_id != ours.span_id


def test_an_unsampled_trace_stays_unsampled():
    assert TraceContext.receive(f"00-{TRACE}-{SPAN}-00").format().endswith("-00")


def test_a_later_version_may_have_further_fields():
    assert parse_traceparent(f"cc-{TRACE}-{SPAN}-01-what-comes").trace_id == TRACE
    assert parse_traceparent(f"cc-{TRACE}-{SPAN}-01").trace_id == TRACE


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        PARENT.upper(),
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        PARENT + "-x",
        PARENT + "-",
        f"cc-{TRACE}-{SPAN}-01x",
        f" {PARENT}",
        PARENT + "\n",
        f"{PARENT},{PARENT}",
        f"00-{TRACE}-{SPAN}-1",
        "é",
    ],
)
def test_a_malformed_trace_starts_a_new_one_and_refuses_nothing(value):
    assert parse_traceparent(value) is None
    ours = TraceContext.receive(value, "a=b")
    assert parse_traceparent(ours.format()) and ours.trace_id != TRACE and ours.state == ""


@pytest.mark.parametrize("state", ["a\nb", "é", "x" * 513, ""])
def test_a_state_that_could_not_be_sent_on_is_dropped(state):
    assert TraceContext.receive(PARENT, state).state == ""


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=70))
def test_any_header_gives_a_valid_trace(value):
    assert parse_traceparent(TraceContext.receive(value, value).format())


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=())), st.integers(1, 60))
def test_whatever_a_stranger_sends_is_one_encodable_line_of_bounded_length(text, longest):
    line = one_line(text, longest)
    assert len(line) <= longest
    assert len(line.splitlines()) <= 1
    line.encode()


def test_a_forged_log_line_a_terminal_escape_and_reversed_text_are_made_visible():
    assert one_line("a\r\n2026-03-01 INFO all fine\x1b[2J\u202e\u2028\ud800") == "a??2026-03-01 INFO all fine?[2J???"
    assert one_line("Zürich 東京 😀") == "Zürich 東京 😀"
    assert one_line("abcdef", 4) == "abc…"
