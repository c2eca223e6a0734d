"""A receiver in the test's own process, idempotent as the documentation asks receivers to be."""

import contextlib
import socket
import threading
from collections import Counter

import standardwebhooks


class Receiver:
    """Takes events on a real port. What counts are their effects; how often each came is kept, too.

    A library that knows nothing of us checks the signatures. Paths keep subscriptions apart.
    """

    def __init__(self):
        self.secrets, self.order, self.problems = {}, [], []
        self.effects, self.deliveries = Counter(), Counter()
        self.port = 0
        self.waiting, self._pass = threading.Event(), threading.Event()
        self._pass.set()
        self.open()

    def open(self):
        """Listen; on the same port as before when it was closed."""
        self._socket = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, args=[self._socket], daemon=True).start()

    def close(self):
        """Be down: connections are refused."""
        # the thread that waits in accept() holds the port otherwise
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    @contextlib.contextmanager
    def held(self):
        """Inside the block events take effect and are not answered; ``waiting`` says that one is there."""
        self._pass.clear()
        self.waiting.clear()
        try:
            yield
        finally:
            self._pass.set()

    def _serve(self, listening):
        with contextlib.suppress(OSError):
            while True:
                connection, _address = listening.accept()
                threading.Thread(target=self._handle, args=[connection], daemon=True).start()

    def _handle(self, connection):
        with contextlib.suppress(OSError), connection:
            head, body = _read(connection)
            first, *lines = head.decode().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            try:
                event = standardwebhooks.Webhook(self.secrets[first.split()[1]]).verify(body, headers)
            except Exception as error:
                self.problems.append(repr(error))
                raise
            self._take(headers["webhook-id"], event)
            self.waiting.set()
            self._pass.wait(30)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def _take(self, event_id, event):
        self.deliveries[event_id] += 1
        if event_id not in self.effects:
            self.effects[event_id] += 1
            self.order.append(event)


def _read(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise ConnectionError("the request ended early")
        data += more
    head, _blank, body = data.partition(b"\r\n\r\n")
    lengths = (line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    size = int(next(lengths))
    while len(body) < size:
        body += connection.recv(65536)
    return head, body
