"""Unknown source, wrong key and missing header cannot be told apart: not by words, not by time."""

import statistics
import time

import pytest
from senders import canonical_delay, standard_headers

pytestmark = pytest.mark.paced
ROUNDS = 60
BODY = canonical_delay("STRANGER")


def _wrong_key():
    return standard_headers(BODY, "quiet")


REQUESTS = {
    "unknown source": lambda: ("no-such-source", _wrong_key()),
    "wrong key": lambda: ("canonical", _wrong_key()),
    "missing header": lambda: ("canonical", {}),
    "unknown source and missing header": lambda: ("no-such-source", {}),
    "old timestamp": lambda: ("canonical", {**_wrong_key(), "webhook-timestamp": "1600000000"}),
}


@pytest.fixture(scope="module")
def answers(calm_server):
    """Status, headers, body and seconds of each kind of request, asked in turn."""
    from senders import Sender

    sender, found = Sender(calm_server.port), {kind: [] for kind in REQUESTS}
    for _round in range(ROUNDS):
        for kind, prepare in REQUESTS.items():
            source, headers = prepare()
            begin = time.perf_counter()
            answer = sender.post(source, BODY, headers)
            found[kind].append((answer, time.perf_counter() - begin))
    return found


@pytest.mark.parametrize("kind", REQUESTS)
def test_every_refusal_is_the_same_401(answers, kind):
    told = {(answer.status, answer.body, _told(answer)) for answer, _time in answers[kind]}
    expected, _time = answers["wrong key"][0]
    assert expected.status == 401
    assert told == {(401, expected.body, _told(expected))}


def _told(answer):
    """Header names and values, but for the time of day."""
    return tuple(sorted((name, value) for name, value in answer.headers.items() if name.lower() != "date"))


def test_every_refusal_takes_the_same_time(answers):
    """Generous, because the machine is shared: what it finds is work done for known sources only."""
    medians = {kind: statistics.median(time for _answer, time in found) for kind, found in answers.items()}
    print({kind: f"{median * 1000:.2f} ms" for kind, median in medians.items()})
    fastest, slowest = min(medians.values()), max(medians.values())
    assert slowest - fastest < max(0.5 * fastest, 0.002), medians
