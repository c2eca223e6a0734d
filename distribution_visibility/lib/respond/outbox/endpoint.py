"""The address that events are sent to: what may be entered, and where it leads at the moment of sending."""

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from . import addresses

DEFAULT_PORTS = {"https": 443, "http": 80}
PORTS = (443, 8443)
_LONGEST = 2000
# Printable ASCII without what programs read differently: blanks, quotes, backslash, angle brackets.
_URL = re.compile(r"[!#-;=?-\[\]_a-z~]+\Z")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+))*\Z")

Lookup = Callable[..., list]


class Refused(Exception):
    """Nothing may be sent there. The text is one sentence for a person."""


class UnknownName(Refused):
    """No name server knows the name at the moment."""


@dataclass(frozen=True)
class Policy:
    """What an administrator allows.

    :param ports: of public receivers
    :param internal: (host, port) pairs that may be on a private network and speak plain http
    """

    ports: frozenset[int] = frozenset(PORTS)
    internal: frozenset[tuple[str, int]] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Endpoint:
    """A URL taken apart. ``target`` is path and query."""

    scheme: str
    host: str
    port: int
    target: str
    is_internal: bool = False

    @property
    def authority(self) -> str:
        """The Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True)
class Destination:
    """One address that the name leads to, as ``socket.connect`` takes it."""

    family: int
    address: tuple

    @property
    def ip(self) -> str:
        return self.address[0]


def read_endpoint(url: str, policy: Policy) -> Endpoint:
    """:raises Refused: when the URL is malformed or not one that events may be sent to, with the reason."""
    if len(url) > _LONGEST or not _URL.match(url.casefold()) or not url.isascii():
        raise Refused("An address has no blanks, quotes or letters with accents (write such a name as xn--...).")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise Refused("This is no web address.") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise Refused("An address begins with https://.")
    if "@" in parts.netloc:
        raise Refused("An address holds no user name or password: the signature proves who sends.")
    if parts.fragment or url.endswith("#"):
        raise Refused("An address has no part after #.")
    if not (":" in host or _HOST.match(host)):
        raise Refused("The name of the server is missing or malformed.")
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    is_internal = (host, port) in policy.internal
    if not is_internal:
        _check_public(parts.scheme, host, port, policy)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(parts.scheme, host, port, target, is_internal)


def _check_public(scheme: str, host: str, port: int, policy: Policy) -> None:
    if scheme != "https":
        raise Refused("Only https is safe. A system administrator may allow http for a server of your own network.")
    if port not in policy.ports:
        allowed = ", ".join(map(str, sorted(policy.ports)))
        raise Refused(f"Port {port} is not one of those allowed ({allowed}).")
    if ":" in host or _NUMERIC.match(host):
        # No name to look up: what it means can be said right away.
        resolve(Endpoint(scheme, host, port, "/"))


def resolve(endpoint: Endpoint, lookup: Lookup = socket.getaddrinfo) -> list[Destination]:
    """Where the name leads now. The caller connects to exactly these addresses, never to the name.

    :raises Refused: when the name is unknown, or any one of its addresses is not allowed.
    """
    try:
        found = lookup(endpoint.host, endpoint.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise UnknownName(f"The name {endpoint.host} is not known.") from None
    destinations = list(dict.fromkeys(Destination(row[0], row[4]) for row in found))
    if not destinations or not _are_allowed(endpoint, (one.ip for one in destinations)):
        raise Refused(
            f"{endpoint.host} leads into a private or reserved network. A system administrator may allow "
            f"{endpoint.authority} as an internal address."
        )
    return destinations


def _are_allowed(endpoint: Endpoint, found: Iterable[str]) -> bool:
    def is_allowed(ip: str) -> bool:
        return addresses.is_public(ip) or (endpoint.is_internal and addresses.is_internal(ip))

    return all(is_allowed(ip) for ip in found)
