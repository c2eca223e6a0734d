"""An arrival exactly at the promise keeps it."""

import datetime as dt

from distribution_visibility.lib.track import eta

NOW = dt.datetime(2026, 3, 6, 12)
PROMISE = NOW + dt.timedelta(hours=8)
SECOND = dt.timedelta(seconds=1)


def test_an_eta_exactly_at_the_promise_is_in_time_and_a_second_later_is_late():
    assert eta.assess(NOW, PROMISE, eta=PROMISE) == eta.Risk("eta", 0, left=0)
    assert eta.assess(NOW, PROMISE, eta=PROMISE + SECOND).percent == 100


def test_an_estimate_exactly_at_the_promise_is_counted_as_such_estimates_were_missed():
    risk = eta.assess(NOW, PROMISE, eta=PROMISE, errors=[-3, -1, 0, 2])
    assert risk == eta.Risk("estimate", 43, 1, 4, 0), "one in four came after the estimate, one on it"


def test_an_estimate_a_second_after_the_promise_is_as_late_as_one_exactly_at_it():
    risk = eta.assess(NOW, PROMISE, eta=PROMISE + SECOND, errors=[-3, -1, 0, 2])
    assert (risk.basis, risk.percent, risk.out_of) == ("estimate", 43, 4)


def test_a_delivery_or_a_moment_exactly_at_the_promise_keeps_it():
    assert eta.assess(PROMISE, PROMISE, delivered=PROMISE) == eta.Risk("delivered", 0)
    assert eta.assess(PROMISE, PROMISE, observed=[8]).basis == "waiting"
