"""A real receiver on a real port, with every bad habit; the first part of the path chooses which."""

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def read_request(connection):
    """The head's lines and the body of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return [], b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return lines, body


def _say(text):
    return lambda connection: connection.sendall(text)


def _answer(status, *headers, body=b""):
    head = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return _say("\r\n".join(head).encode() + body)


def _drip(text, pause=0.05):
    def drip(connection):
        for index in range(len(text)):
            connection.sendall(text[index : index + 1])
            time.sleep(pause)

    return drip


def _flood(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with contextlib.suppress(OSError):
        for _ in range(4000):
            connection.sendall(b"x" * 65536)


HABITS = {
    "good": _answer("200 OK", body=b'{"ok": true}'),
    "accepted": _answer("202 Accepted"),
    "silent": lambda connection: time.sleep(3),
    "redirect": _answer("301 Moved", "Location: http://127.0.0.1:1/"),
    "error": _answer("500 Oops", body=b"stack trace of mail a.person@example.com token=AbCdEfGh1234567890IjKlMnOp"),
    "bad-request": _answer("400 Bad Request"),
    "no-access": _answer("401 Unauthorized"),
    "gone": _answer("410 Gone"),
    "throttle": _answer("429 Slow Down", "Retry-After: 120"),
    "throttle-for-ever": _answer("429 Slow Down", "Retry-After: 99999999"),
    "unavailable": _answer("503 Later", "Retry-After: 30"),
    "hang-up": lambda connection: None,
    "hang-up-in-head": _say(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "hang-up-in-body": _say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"),
    "drip-head": _drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 2000),
    "drip-body": lambda connection: (_say(b"HTTP/1.1 200 OK\r\n\r\n")(connection), _drip(b"x" * 2000)(connection)),
    "flood": _flood,
    "endless-100": lambda connection: [connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n") for _ in range(10**6)],
    "not-http": _say(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "no-status": _say(b"HTTP/1.1 abc\r\n\r\n"),
    "long-header": _say(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"),
}


class Receiver:
    """Listens on a free port of 127.0.0.1 and remembers what came."""

    def __init__(self, tls=None):
        self._tls, self.requests, self.connections = tls, [], 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._handle, args=[connection], daemon=True).start()

    def _handle(self, connection):
        with contextlib.suppress(OSError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                lines, body = read_request(connection)
                if not lines:
                    return
                self.requests.append((lines, body))
                HABITS[lines[0].split()[1].strip("/").partition("?")[0]](connection)

    def close(self):
        self._socket.close()


def certificates(folder, name):
    """A new authority and a server certificate of it: (context of the server, file of the authority)."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    constraints = (x509.BasicConstraints(ca=True, path_length=None), True)
    authority = _certificate(issuer, issuer, authority_key, authority_key, constraints)
    known = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))]
    names = (x509.SubjectAlternativeName(known), False)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = _certificate(subject, issuer, key, authority_key, names)
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(secret + certificate.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return server, folder / "authority.pem"


def _certificate(subject, issuer, key, signing_key, extension):
    now = dt.datetime.now(dt.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
    builder = builder.not_valid_after(now + dt.timedelta(days=1)).add_extension(*extension)
    return builder.sign(signing_key, hashes.SHA256())
