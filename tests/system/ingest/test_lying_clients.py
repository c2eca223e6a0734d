"""Clients that lie about their requests, at the socket: refused or hung up on, never a 5xx."""

import json
import socket
import time

import pytest
from senders import canonical_delay, raw, standard_headers

PATH = "/visibility/v1/sources/canonical/events"


def _request(body, *headers, leave_out=()):
    """A signed request as bytes, with further headers, or without some."""
    told = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body))}
    told |= standard_headers(body, "canonical", "msg_lie")
    lines = [f"{name}: {value}" for name, value in told.items() if name not in leave_out]
    return "\r\n".join([f"POST {PATH} HTTP/1.1", *lines, *headers, "", ""]).encode() + body


def _chunked(body):
    half = len(body) // 2
    pieces = (body[:half], body[half:], b"")
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


@pytest.fixture
def ask(server, reader):
    """Send bytes; whatever comes back must be a refusal in the promised form, and nothing is stored."""
    before = reader.message_count()

    def send(request, **options):
        answer = raw(server.port, request, **options)
        if not answer.startswith(b"HTTP/"):
            return None  # hung up, or the words of a server that understood nothing
        head, _blank, body = answer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        assert 400 <= status < 500, answer
        if b"application/problem+json" in head and body:
            assert json.loads(body)["status"] == status
        assert b"Traceback" not in answer
        return status

    yield send
    assert reader.message_count() == before, "nothing is stored"


def test_a_body_in_chunks_is_411(ask):
    body = canonical_delay("LIE")
    head, _blank, _body = _request(body, "Transfer-Encoding: chunked", leave_out=["Content-Length"]).partition(
        b"\r\n\r\n"
    )
    assert ask(head + b"\r\n\r\n" + _chunked(body)) == 411


def test_no_length_is_411(ask):
    assert ask(_request(canonical_delay("LIE"), leave_out=["Content-Length"]), half_close=True) == 411


def test_a_length_and_chunks_together_are_411(ask):
    assert ask(_request(canonical_delay("LIE"), "Transfer-Encoding: chunked"), half_close=True) == 411


def test_less_than_the_length_says_is_refused_or_hung_up_on(ask):
    body = canonical_delay("LIE")
    request = _request(body, f"Content-Length: {len(body) + 50}", leave_out=["Content-Length"])
    assert ask(request, half_close=True) in (None, 400, 401, 408)


def test_a_body_that_stops_in_the_middle_is_refused_or_hung_up_on(ask):
    body = canonical_delay("LIE")
    assert ask(_request(body)[: -len(body) // 2]) in (None, 400, 401, 408)


def test_more_than_the_length_says_proves_nothing(ask):
    body = canonical_delay("LIE")
    request = _request(body, f"Content-Length: {len(body) - 10}", leave_out=["Content-Length"])
    assert ask(request) in (None, 400, 401)


@pytest.mark.parametrize("length", ["-1", "+5", "1e3", "0x10", "five", "", "9" * 30, "1_0"])
def test_a_length_that_is_no_number_is_refused(ask, length):
    request = _request(canonical_delay("LIE"), f"Content-Length: {length}", leave_out=["Content-Length"])
    assert ask(request, half_close=True) in (None, 400, 411, 413)


def test_two_different_lengths_are_refused(ask):
    body = canonical_delay("LIE")
    assert ask(_request(body, f"Content-Length: {len(body) - 1}"), half_close=True) in (None, 400, 401)


@pytest.mark.parametrize("name", ["webhook-signature", "webhook-timestamp", "webhook-id"])
def test_a_security_header_that_comes_twice_proves_nothing(ask, name):
    assert ask(_request(canonical_delay("LIE"), f"{name}: v1,c29tZXRoaW5nIGVsc2U=")) in (400, 401)


def test_two_content_types_are_refused(ask):
    assert ask(_request(canonical_delay("LIE"), "Content-Type: text/plain")) in (400, 415)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_another_media_type_is_415(ask, kind):
    request = _request(canonical_delay("LIE"), f"Content-Type: {kind}", leave_out=["Content-Type"])
    assert ask(request) == 415


def test_a_compressed_body_is_415(ask):
    assert ask(_request(canonical_delay("LIE"), "Content-Encoding: gzip")) == 415


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_another_verb_is_405(ask, verb):
    request = _request(b"", leave_out=["Content-Length"]).replace(b"POST", verb.encode(), 1)
    assert ask(request, half_close=True) == 405


def test_a_body_that_is_too_large_is_413(ask):
    assert ask(_request(b'"' + b"x" * 300 * 1024 + b'"')) == 413


def test_a_huge_length_is_413_before_a_byte_of_it_is_read(ask):
    request = _request(b"", "Content-Length: 99999999999", leave_out=["Content-Length"])
    assert ask(request) == 413


@pytest.mark.parametrize(
    "header", ["X-Odd: \xe9\xff", "X-Long: " + "a" * 9000, "webhook-signature: v1,\xe9\xff", "Bad Header: 1", ": 1"]
)
def test_odd_headers_are_refused_or_hung_up_on(ask, header):
    request = _request(b'{"not": "proven"}', leave_out=["webhook-signature"])
    head, blank, body = request.partition(b"\r\n\r\n")
    assert ask(head + b"\r\n" + header.encode("latin-1") + blank + body, half_close=True) in (None, 400, 401, 431)


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\r\n\r\n", b"\x00" * 200, b"GET\r\n\r\n"]
)
def test_noise_that_is_no_http_is_hung_up_on(ask, noise):
    assert ask(noise, half_close=True) in (None, 400)


def test_a_client_that_sends_nothing_does_not_stop_the_others(server, sender, reader, wait_until_done):
    """As many silent clients as there are workers: Odoo gives each two seconds."""
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _client in range(3)]
    try:
        begin = time.monotonic()
        assert sender.standard("quiet", canonical_delay("SILENT"), "msg_beside_silent").status == 202
        assert time.monotonic() - begin < 10
    finally:
        for connection in silent:
            connection.close()
    wait_until_done("msg_beside_silent")
