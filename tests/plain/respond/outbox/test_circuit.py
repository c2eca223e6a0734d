"""When a failing receiver is left alone, looked at again, and its owner told."""

import datetime as dt

import pytest

from distribution_visibility.lib.respond.outbox.answers import DELIVERED, FAILED, GONE, REFUSED, THROTTLED, Answer
from distribution_visibility.lib.respond.outbox.circuit import LOOK_AGAIN, OPENS_AFTER, PATIENCE_SECONDS, Circuit

NOW = dt.datetime(2026, 11, 24, 10, 0)


def after(circuit, *outcomes, now=NOW, **values):
    return circuit.after([Answer(outcome, "", **values) for outcome in outcomes], now)


def test_five_failures_in_a_row_open_it_and_four_do_not():
    assert not after(Circuit(), *[FAILED] * (OPENS_AFTER - 1)).is_open
    circuit = after(Circuit(), *[FAILED] * OPENS_AFTER)
    assert circuit.is_open and circuit.rests_until == NOW + dt.timedelta(seconds=LOOK_AGAIN[0])


def test_failures_of_several_rounds_add_up_and_a_delivery_ends_the_row():
    circuit = after(after(Circuit(), FAILED, FAILED), REFUSED, FAILED, FAILED)
    assert circuit.is_open
    assert after(circuit, DELIVERED) == Circuit()


def test_what_fails_beside_deliveries_fails_for_a_reason_of_its_own():
    assert not after(Circuit(), DELIVERED, *[FAILED] * 7).is_open


def test_while_it_is_down_it_is_looked_at_less_and_less_often():
    circuit, waits = after(Circuit(), *[FAILED] * OPENS_AFTER), []
    for _look in range(7):
        waits.append((circuit.rests_until - NOW).total_seconds())
        circuit = after(circuit, FAILED)
    assert waits == [30, 60, 120, 300, 600, 600, 600]


def test_who_asks_for_patience_gets_it_and_is_not_counted_as_failing():
    circuit = after(Circuit(), *[THROTTLED] * 8, retry_after=120)
    assert not circuit.failures and circuit.rests_until == NOW + dt.timedelta(seconds=120)


def test_patience_is_given_although_another_event_got_through():
    answers = [Answer(DELIVERED, ""), Answer(THROTTLED, "", retry_after=60)]
    assert Circuit().after(answers, NOW).rests_until == NOW + dt.timedelta(seconds=60)


def test_a_receiver_that_is_gone_says_so_once():
    assert after(Circuit(), GONE, FAILED).is_gone


@pytest.mark.parametrize(("percent", "stage"), [(0, 0), (49, 0), (50, 50), (69, 50), (70, 70), (90, 90), (100, 100)])
def test_the_owner_is_told_in_stages_of_the_schedule(percent, stage):
    circuit = after(Circuit(), FAILED)
    assert circuit.stage(NOW + dt.timedelta(seconds=PATIENCE_SECONDS * percent / 100)) == stage


def test_a_receiver_that_works_is_at_no_stage():
    assert Circuit().stage(NOW) == 0
