"""The sender against a real receiver with every bad habit."""

import json
import re
import socket
import ssl
import time

import pytest
import standardwebhooks
from receiver import Receiver, certificates

from distribution_visibility.lib.respond.outbox.answers import DELIVERED, FAILED, GONE, REFUSED, THROTTLED
from distribution_visibility.lib.respond.outbox.endpoint import Policy
from distribution_visibility.lib.respond.outbox.sender import Outgoing, deliver
from distribution_visibility.lib.respond.outbox.wire import Limits

NAME = "n8n.internal"
OLD, NEW = "whsec_" + "b2xk" * 10, "whsec_" + "bmV3" * 10
BODY = json.dumps({"type": "test", "timestamp": "2026-11-24T10:00:00Z", "data": {"message": "Grüße"}}).encode()
LIMITS = Limits(connect=0.5, read=0.6, total=1.0, tail=0.3)


def leads_to(*addresses):
    """A name server that says this of every name; the last one for ever."""
    answers = list(addresses)

    def lookup(_host, port, **_options):
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    return lookup


@pytest.fixture(scope="module")
def receiver():
    found = Receiver()
    yield found
    found.close()


@pytest.fixture(scope="module")
def tls_files(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("tls"), NAME)


@pytest.fixture(scope="module")
def tls_receiver(tls_files):
    found = Receiver(tls_files[0])
    yield found
    found.close()


def outgoing(url, secrets=(NEW,), event_id="msg_1"):
    return Outgoing(url, event_id, BODY, secrets, "00-" + "a" * 32 + "-" + "b" * 16 + "-01")


def send(receiver, habit, lookup=None, **options):
    policy = Policy(internal=frozenset({(NAME, receiver.port)}))
    url = f"http://{NAME}:{receiver.port}/{habit}"
    return deliver(outgoing(url, **options), policy, LIMITS, lookup or leads_to("127.0.0.1"))


# ---------------------------------------------------------------------- what is sent


def test_a_receiver_that_knows_only_the_standard_accepts_what_we_send(receiver):
    assert send(receiver, "good").is_delivered
    lines, body = receiver.requests[-1]
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert standardwebhooks.Webhook(NEW).verify(body, headers) == json.loads(BODY)
    assert body == BODY
    assert headers["Host"] == f"{NAME}:{receiver.port}" and headers["traceparent"].startswith("00-aaa")


def test_while_keys_change_a_receiver_with_the_old_one_and_one_with_the_new_one_accept(receiver):
    send(receiver, "good", secrets=(NEW, OLD))
    lines, body = receiver.requests[-1]
    headers = dict(line.split(": ", 1) for line in lines[1:])
    for secret in (OLD, NEW):
        assert standardwebhooks.Webhook(secret).verify(body, headers)


def test_each_attempt_is_signed_anew_under_the_same_id(receiver, monkeypatch):
    stamps = []
    for moment in (1_800_000_000, 1_800_000_300):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        send(receiver, "error", event_id="msg_same")
        headers = dict(line.split(": ", 1) for line in receiver.requests[-1][0][1:])
        stamps.append((headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"]))
    (first_id, first_time, first_signature), (second_id, second_time, second_signature) = stamps
    assert first_id == second_id and first_time != second_time and first_signature != second_signature


# ---------------------------------------------------------------------- what is answered


@pytest.mark.parametrize(
    ("habit", "outcome", "status", "words"),
    [
        ("good", DELIVERED, 200, "Delivered"),
        ("accepted", DELIVERED, 202, "Delivered"),
        ("redirect", FAILED, 301, "redirects"),
        ("error", FAILED, 500, "failed"),
        ("bad-request", FAILED, 400, "refuses"),
        ("no-access", FAILED, 401, "keys"),
        ("gone", GONE, 410, "gone for good"),
        ("throttle", THROTTLED, 429, "patience"),
        ("unavailable", THROTTLED, 503, "patience"),
        ("hang-up", FAILED, None, "without an answer"),
        ("hang-up-in-head", FAILED, None, "HTTP|without an answer|closed"),
        ("hang-up-in-body", DELIVERED, 200, "Delivered"),
        ("silent", FAILED, None, "in time"),
        ("drip-head", FAILED, None, "in time"),
        ("drip-body", DELIVERED, 200, "Delivered"),
        ("flood", DELIVERED, 200, "Delivered"),
        ("endless-100", FAILED, None, "in time"),
        ("not-http", FAILED, None, "not HTTP"),
        ("no-status", FAILED, None, "not HTTP"),
        ("long-header", FAILED, None, "not HTTP"),
    ],
)
def test_each_habit_has_its_outcome_in_time_and_in_one_sentence(receiver, habit, outcome, status, words):
    begin = time.monotonic()
    answer = send(receiver, habit)
    assert (answer.outcome, answer.status) == (outcome, status), answer
    assert re.search(words, answer.sentence) and answer.sentence.endswith(".")
    assert time.monotonic() - begin < 4, "no habit holds us longer than the limit in all"
    assert len(answer.excerpt) <= 300


def test_a_receiver_may_ask_for_time_but_not_for_ever(receiver):
    assert send(receiver, "throttle").retry_after == 120
    assert send(receiver, "throttle-for-ever").retry_after == 24 * 3600


def test_what_is_kept_of_an_answer_shows_no_token_and_no_mail_address(receiver):
    excerpt = send(receiver, "error").excerpt
    assert "stack trace" in excerpt and "example.com" not in excerpt and "AbCdEf" not in excerpt


def test_a_redirect_is_not_followed(receiver):
    before = receiver.connections
    send(receiver, "redirect")
    assert receiver.connections == before + 1


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    policy = Policy(internal=frozenset({(NAME, port)}))
    answer = deliver(outgoing(f"http://{NAME}:{port}/"), policy, LIMITS, leads_to("127.0.0.1"))
    assert answer.outcome == FAILED and "connection refused" in answer.sentence


# ---------------------------------------------------------------------- where it goes


def test_a_name_that_leads_into_the_own_network_gets_nothing(receiver):
    answer = deliver(outgoing("https://evil.example/"), Policy(), LIMITS, leads_to("127.0.0.1"))
    assert answer.outcome == REFUSED and "private or reserved" in answer.sentence


def test_one_bad_address_among_good_ones_is_enough_to_refuse():
    def lookup(_host, port, **_options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.215.14", "10.0.0.1")]

    assert deliver(outgoing("https://evil.example/"), Policy(), LIMITS, lookup).outcome == REFUSED


def test_a_name_that_changes_its_mind_between_check_and_connection_is_asked_only_once(receiver, monkeypatch):
    """DNS rebinding: the first answer is good, every further one is ours."""
    tried = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: tried.append(address) or _fail())
    lookup = leads_to("93.184.215.14", "127.0.0.1")
    answer = deliver(outgoing("https://rebind.example/"), Policy(), LIMITS, lookup)
    assert tried == [("93.184.215.14", 443)] and answer.outcome == FAILED


def _fail():
    raise ConnectionRefusedError


def test_a_connection_that_ends_at_another_address_is_not_used(receiver, monkeypatch):
    monkeypatch.setattr(socket.socket, "getpeername", lambda _self: ("10.0.0.5", 80))
    before = len(receiver.requests)
    answer = send(receiver, "good")
    assert answer.outcome == FAILED and len(receiver.requests) == before


def test_a_name_that_nobody_knows_is_a_failure_that_may_pass():
    def lookup(*_arguments, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    answer = deliver(outgoing("https://nowhere.example/"), Policy(), LIMITS, lookup)
    assert (answer.outcome, answer.sentence) == (FAILED, "The name nowhere.example is not known.")


def test_a_name_server_that_does_not_answer_holds_nobody_up():
    def lookup(*_arguments, **_options):
        time.sleep(2)
        raise socket.gaierror("too late")

    begin = time.monotonic()
    answer = deliver(outgoing("https://slow.example/"), Policy(), LIMITS, lookup)
    assert answer.outcome == FAILED and time.monotonic() - begin < 2


# ---------------------------------------------------------------------- TLS


def send_tls(tls_receiver, name, authority=None):
    tls = ssl.create_default_context(cafile=authority) if authority else None
    policy = Policy(internal=frozenset({(name, tls_receiver.port)}))
    return deliver(outgoing(f"https://{name}:{tls_receiver.port}/good"), policy, LIMITS, leads_to("127.0.0.1"), tls)


def test_the_certificate_is_asked_for_by_name_though_we_connect_to_an_address(tls_receiver, tls_files):
    assert send_tls(tls_receiver, NAME, tls_files[1]).is_delivered


@pytest.mark.parametrize("known", [True, False], ids=["of another name", "of nobody we know"])
def test_a_wrong_certificate_gets_no_event(tls_receiver, tls_files, known):
    before = len(tls_receiver.requests)
    answer = send_tls(tls_receiver, "other.internal" if known else NAME, tls_files[1] if known else None)
    assert answer.outcome == FAILED and "certificate" in answer.sentence
    assert len(tls_receiver.requests) == before


def test_a_server_without_tls_behind_https_is_explained(receiver):
    policy = Policy(internal=frozenset({(NAME, receiver.port)}))
    answer = deliver(outgoing(f"https://{NAME}:{receiver.port}/"), policy, LIMITS, leads_to("127.0.0.1"))
    assert answer.outcome == FAILED and answer.sentence.endswith(".")


def test_without_a_usable_key_nothing_is_sent(receiver):
    before = len(receiver.requests)
    assert send(receiver, "good", secrets=()).outcome == REFUSED
    assert send(receiver, "good", secrets=("whsec_!",)).outcome == REFUSED
    assert len(receiver.requests) == before


def test_an_event_cannot_bring_a_header_of_its_own(receiver):
    assert send(receiver, "good", event_id="x\r\nX-Evil: 1").outcome == REFUSED
