"""Nobody gets more than their share, and who waits as told is served."""

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distribution_visibility.lib.ingest.rate_limit import Bucket, Limit, Limiter, retry_after, take

steps = st.lists(st.tuples(st.floats(-5, 20), st.floats(0.5, 6)), min_size=1, max_size=60)


@settings(max_examples=150, deadline=None)
@given(st.floats(1, 50), st.floats(0.1, 20), steps)
def test_never_more_passes_than_the_capacity_and_the_rate_allow(capacity, per_second, requests):
    limit, bucket, now = Limit(capacity, per_second), None, 1000.0
    first = latest = now
    passed = 0.0
    for pause, cost in requests:
        now += pause
        first = first if bucket else now
        latest = max(latest, now) if bucket else now
        bucket, wait = take(limit, bucket, now, cost)
        passed += min(cost, capacity) if not wait else 0
        assert 0 <= bucket.tokens <= capacity
        assert passed <= capacity + (latest - first) * per_second + 1e-6


@settings(max_examples=100, deadline=None)
@given(st.floats(1, 50), st.floats(0.1, 20), st.floats(0.5, 60))
def test_who_waits_as_long_as_told_is_served(capacity, per_second, cost):
    limit = Limit(capacity, per_second)
    bucket, wait = take(limit, Bucket(0, 1000.0), 1000.0, cost)
    assert wait > 0
    assert take(limit, bucket, 1000.0 + wait * 1.000001, cost)[1] == 0


def test_a_clock_that_goes_back_refills_nothing_twice():
    limit = Limit(10, 1)
    bucket, _wait = take(limit, None, 1000, 10)
    for now in (1005, 1000, 1005, 1000, 1005):
        bucket, _wait = take(limit, bucket, now, 0.0001)
    assert bucket.tokens < 5


def test_a_refused_request_costs_nothing():
    bucket, wait = take(Limit(5, 1), Bucket(2, 0), 0, 3)
    assert (bucket.tokens, wait) == (2, 1)


def test_a_minutes_allowance_is_divided_among_the_workers():
    assert Limit.per_minute(600, workers=4) == Limit(25, 2.5)
    assert Limit.per_minute(1, workers=8).capacity == 1


@pytest.mark.parametrize(("capacity", "rate"), [(0.5, 1), (1, 0), (float("nan"), 1), (1, float("nan"))])
def test_a_limit_that_lets_nothing_through_is_a_mistake(capacity, rate):
    with pytest.raises(ValueError):
        Limit(capacity, rate)


def test_a_flooding_source_does_not_starve_another():
    now = [0.0]
    limiter, limit = Limiter(clock=lambda: now[0]), Limit(5, 1)
    refused = sum(limiter.take("noisy", limit) > 0 for _request in range(500))
    assert refused == 495
    assert limiter.take("quiet", limit) == 0


def test_memory_stays_bounded_under_a_flood_of_addresses_and_the_source_is_still_limited():
    now = [0.0]
    limiter, limit = Limiter(max_keys=100, clock=lambda: now[0]), Limit(5, 1)
    passed = 0
    for address in range(10_000):
        waits = limiter.take("source", limit), limiter.take(("source", address), limit)
        passed += max(waits) == 0
    assert len(limiter) == 100 and passed == 5


def test_the_key_unused_for_longest_is_forgotten_first():
    limiter, limit = Limiter(max_keys=2, clock=lambda: 0.0), Limit(1, 0.001)
    limiter.take("a", limit)
    limiter.take("b", limit)
    limiter.take("a", limit)
    limiter.take("c", limit)
    assert limiter.take("a", limit) > 0
    assert limiter.take("b", limit) == 0


def test_threads_of_one_worker_share_one_limit():
    # The clock is read between looking at a bucket and putting it back: a pause there is where
    # two threads would take the same token.
    limiter, limit, passed = Limiter(clock=lambda: time.sleep(0.00001) or 0.0), Limit(50, 1), []

    def ask():
        passed.extend(1 for _request in range(40) if not limiter.take("source", limit))

    threads = [threading.Thread(target=ask) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 50


def test_retry_after_is_rounded_up():
    assert [retry_after(wait) for wait in (0.1, 1, 1.01)] == [1, 1, 2]
