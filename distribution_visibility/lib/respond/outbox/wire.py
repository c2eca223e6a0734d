"""One HTTP request over one connection that ends by a deadline, whatever the other side does."""

import contextlib
import http.client
import io
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass

from .endpoint import Destination, Endpoint

_CHUNK = 16 * 1024


@dataclass(frozen=True)
class Limits:
    """Seconds, and bytes of the answer's body that are read at most.

    ``total`` ends everything: a server that sends a byte a second passes every other timeout.
    ``tail`` is what the answer's body is waited for once its status is known.
    """

    connect: float = 5
    read: float = 15
    total: float = 20
    tail: float = 2
    body_bytes: int = 16 * 1024


class Deadline:
    """A point in time; gives the seconds that are left, or fails."""

    def __init__(self, seconds: float):
        self._end = time.monotonic() + seconds

    def left(self, at_most: float) -> float:
        """:raises TimeoutError: when the time is up."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is up")
        return min(left, at_most)


class _Reader(io.RawIOBase):
    """A socket's bytes; no single wait is longer than what is left in all."""

    def __init__(self, connection: socket.socket, limits: Limits, deadline: Deadline):
        self._connection, self._limits, self.deadline = connection, limits, deadline
        self.has_ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        self._connection.settimeout(self.deadline.left(self._limits.read))
        size = self._connection.recv_into(buffer)
        self.has_ended = not size
        return size


class _Source:
    """What http.client asks for a file."""

    def __init__(self, reader: _Reader):
        self._reader = reader

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._reader, _CHUNK)


def connect(
    endpoint: Endpoint, destinations: Sequence[Destination], limits: Limits, deadline: Deadline, tls: ssl.SSLContext
) -> socket.socket:
    """A connection to the first address that answers; with TLS in the name of the server for https.

    :raises OSError: when none answers, or the certificate is not the server's.
    """
    connection = _connect_first(destinations, limits, deadline)
    try:
        if endpoint.scheme == "https":
            connection.settimeout(deadline.left(limits.read))
            connection = tls.wrap_socket(connection, server_hostname=endpoint.host)
        return connection
    except BaseException:
        connection.close()
        raise


def _connect_first(destinations: Sequence[Destination], limits: Limits, deadline: Deadline) -> socket.socket:
    problem: OSError = OSError("there is no address")
    for destination in destinations:
        connection = socket.socket(destination.family, socket.SOCK_STREAM)
        try:
            connection.settimeout(deadline.left(limits.connect))
            connection.connect(destination.address)
            # Nothing between us and the kernel may have led us elsewhere.
            if connection.getpeername()[0] != destination.ip:
                raise OSError("connected to another address than asked for")
            return connection
        except OSError as error:
            connection.close()
            problem = error
    raise problem


def exchange(
    connection: socket.socket, request: bytes, limits: Limits, deadline: Deadline
) -> tuple[http.client.HTTPResponse, bytes]:
    """Send the request; gives the answer and the beginning of its body.

    A server may answer before it has read all: so a failure to send is one only without an answer.

    :raises OSError: or ``http.client.HTTPException`` when there is no answer to understand.
    """
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
        _send(connection, request, limits, deadline)
    reader = _Reader(connection, limits, deadline)
    answer = http.client.HTTPResponse(_Source(reader), method="POST")
    answer.begin()
    if reader.has_ended:
        # http.client takes what it got for the whole head.
        raise http.client.IncompleteRead(b"")
    return answer, _read_body(answer, reader, limits)


def _send(connection: socket.socket, request: bytes, limits: Limits, deadline: Deadline) -> None:
    rest = memoryview(request)
    while rest:
        connection.settimeout(deadline.left(limits.read))
        rest = rest[connection.send(rest) :]


def _read_body(answer: http.client.HTTPResponse, reader: _Reader, limits: Limits) -> bytes:
    """At most ``limits.body_bytes``, for at most ``limits.tail``: the status says all that counts."""
    with contextlib.suppress(TimeoutError):
        reader.deadline = Deadline(reader.deadline.left(limits.tail))
    found = b""
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        while len(found) < limits.body_bytes:
            more = answer.read1(limits.body_bytes - len(found))
            if not more:
                break
            found += more
    return found[: limits.body_bytes]
