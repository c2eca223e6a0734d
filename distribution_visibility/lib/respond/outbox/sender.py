"""Sends one event to one receiver, once: signed, to an address that is allowed, within a time limit."""

import datetime as dt
import functools
import http.client
import logging
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

import certifi

from ...base.errors import ConfigurationError
from ...ingest.verification.signing import sign_headers
from .answers import FAILED, REFUSED, Answer, judge
from .endpoint import Destination, Endpoint, Lookup, Policy, Refused, UnknownName, read_endpoint, resolve
from .wire import Deadline, Limits, connect, exchange

_logger = logging.getLogger(__name__)

AGENT = "Distribution-Visibility/1"
_HEADER = re.compile(r"[\x20-\x7e]*\Z")


@dataclass(frozen=True)
class Outgoing:
    """One event for one receiver. ``event_id`` and ``body`` are the same in every attempt.

    :param secrets: all keys that are valid now; each signs
    """

    url: str
    event_id: str
    body: bytes
    secrets: tuple[str, ...] = field(repr=False)
    traceparent: str = ""


@functools.cache
def default_tls() -> ssl.SSLContext:
    """Certificates are checked, against the machine's authorities and those that ``certifi`` brings."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def deliver(
    outgoing: Outgoing,
    policy: Policy,
    limits: Limits | None = None,
    lookup: Lookup = socket.getaddrinfo,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """Send once, signed with the time of now. Raises nothing: whatever happens is an answer.

    It may be called from any thread. Redirects are not followed and no proxy is asked.
    """
    begin = time.monotonic()
    try:
        return _deliver(outgoing, policy, limits or Limits(), lookup, tls or default_tls(), begin)
    except UnknownName as error:
        return Answer(FAILED, str(error), seconds=time.monotonic() - begin)
    except Refused as error:
        return Answer(REFUSED, str(error), seconds=time.monotonic() - begin)
    except ConfigurationError as error:
        return Answer(REFUSED, str(error), seconds=time.monotonic() - begin)
    except (OSError, http.client.HTTPException) as error:
        return Answer(FAILED, explain(error), seconds=time.monotonic() - begin)
    except Exception:
        _logger.exception("sending the event %s failed in an unexpected way", outgoing.event_id)
        return Answer(FAILED, "Sending failed in an unexpected way: see the log.", seconds=time.monotonic() - begin)


def _deliver(outgoing, policy, limits, lookup, tls, begin) -> Answer:
    endpoint = read_endpoint(outgoing.url, policy)
    request = _prepare_request(endpoint, outgoing)
    deadline = Deadline(limits.total)
    destinations = _resolve_in_time(endpoint, lookup, deadline.left(limits.connect))
    with connect(endpoint, destinations, limits, deadline, tls) as connection:
        answer, body = exchange(connection, request, limits, deadline)
    now = dt.datetime.now(dt.timezone.utc)
    return judge(answer.status, answer.headers, body, time.monotonic() - begin, now)


def _prepare_request(endpoint: Endpoint, outgoing: Outgoing) -> bytes:
    headers = {
        "Host": endpoint.authority,
        "User-Agent": AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Type": "application/json",
        "Content-Length": str(len(outgoing.body)),
        **sign_headers(outgoing.event_id, int(time.time()), outgoing.body, outgoing.secrets),
    }
    if outgoing.traceparent:
        headers["traceparent"] = outgoing.traceparent
    if not all(_HEADER.match(value) for value in headers.values()):
        raise Refused("A header would hold a line break or a letter that is not ASCII.")
    lines = [f"POST {endpoint.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + outgoing.body


def _resolve_in_time(endpoint: Endpoint, lookup: Lookup, seconds: float) -> list[Destination]:
    """Name servers have time-outs of their own, in the tens of seconds: the look-up is left behind then."""
    found: list = []

    def look_up():
        try:
            found.append(resolve(endpoint, lookup))
        except Refused as error:
            found.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError("the name server did not answer")
    if isinstance(found[0], Refused):
        raise found[0]
    return found[0]


def explain(error: Exception) -> str:
    """Why there was no answer, in one sentence that holds nothing the other side wrote."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The receiver's certificate is not valid for its name: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return "No encrypted connection could be made with the receiver."
    if isinstance(error, TimeoutError):
        return "The receiver did not answer in time."
    if isinstance(error, ConnectionRefusedError):
        return "Nothing listens at the receiver's address (connection refused)."
    if isinstance(error, (ConnectionError, http.client.RemoteDisconnected, http.client.IncompleteRead)):
        return "The receiver closed the connection without an answer."
    if isinstance(error, http.client.HTTPException):
        return "The receiver's answer is not HTTP."
    return f"The receiver cannot be reached ({error.strerror or type(error).__name__})."
