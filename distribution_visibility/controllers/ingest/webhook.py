import json
import logging
import time

from odoo import fields, http, tools
from odoo.http import request
from werkzeug.exceptions import ClientDisconnected

from ...lib.base.errors import InvalidEvents, InvalidJson, VerificationError
from ...lib.ingest import problem, request_checks, strict_json
from ...lib.ingest.adapters import Delivery
from ...lib.ingest.problem import ProblemError
from ...lib.ingest.rate_limit import Limit, Limiter
from ...lib.ingest.trace_context import TraceContext
from ...lib.ingest.verification import SignedRequest, dummy_verify, is_allowed
from ...models.base.guard import CONFLICTS
from ...models.ingest.visibility_source import CODE_PATTERN

_logger = logging.getLogger(__name__)

# What is read of a request at most before it is proven whose it is: the same for all, so that
# the answer does not tell which sources exist. A proven source has a limit of its own below it.
DOOR_LIMIT = 4 * 1024 * 1024
ADDRESS_REQUESTS_PER_MINUTE = 12_000
# Two requests with the same new id at once: one insert waits and fails, and then sees the other.
TRIES = 3

_addresses = Limiter()
_sources = Limiter(max_keys=1_000)


def _get_share(requests_per_minute):
    """One worker's share of a limit: each process counts for itself."""
    return Limit.per_minute(requests_per_minute, workers=tools.config["workers"] or 1)


class VisibilityWebhook(http.Controller):
    """The door: check, find, verify, hand over. Nothing is parsed before it is proven."""

    @http.route(
        [
            "/visibility/v1/sources/<string:code>/events",
            "/visibility/v1/sources/<string:code>/events/<string:token>",
        ],
        type="http",
        auth="none",
        csrf=False,
        save_session=False,
        readonly=False,
        # Our own limit answers first, with a problem; this one is only for what lies about its length
        max_content_length=4 * DOOR_LIMIT,
    )
    def receive(self, code, token="", **_params):
        """Take one delivery of the source ``code``: 202 when it is durable, 200 when it was before."""
        try:
            return self._receive(code, token)
        except ProblemError as error:
            return self._answer_problem(error.problem)
        except CONFLICTS:
            raise  # Odoo runs the request again
        except Exception:
            # The sender will try again; what went wrong is for our log, never for the answer.
            _logger.exception("The webhook of source %r failed", code)
            request.env.cr.rollback()
            return self._answer_problem(problem.overloaded(30))

    def _receive(self, code, token):
        receiver = self._find(code)
        self._check_request()
        body = self._read_body()
        verified = self._verify(receiver, body, token)
        self._check_limits(receiver, body)
        payload = self._parse(body)
        self._check_shape(receiver, payload)
        return self._answer(receiver, self._store(receiver, body, payload, verified))

    # ------------------------------------------------------------------ steps
    def _find(self, code):
        """The source of that code, or None: then the request is refused like any that is not proven."""
        return request.env(su=True)["visibility.source"]._get_receiver(code) if CODE_PATTERN.match(code) else None

    def _check_request(self):
        http_request = request.httprequest
        wait = _addresses.take(http_request.remote_addr, _get_share(ADDRESS_REQUESTS_PER_MINUTE))
        if wait:
            raise ProblemError(problem.too_many_requests(wait))
        request_checks.check_request(http_request.method, list(http_request.headers.items()), limit=DOOR_LIMIT)

    def _read_body(self):
        """The raw body; a sender that hangs up or stalls before its end sent a malformed request."""
        try:
            return request.httprequest.get_data()
        except ClientDisconnected:
            raise ProblemError(problem.bad_request("The body ended before its Content-Length.")) from None

    def _verify(self, receiver, body, token):
        """The proof, or the one 401 for everything that is not proven."""
        address = request.httprequest.remote_addr or ""
        signed = SignedRequest(body, self._get_headers(), token, address)
        try:
            if not receiver:
                dummy_verify(signed)
            keys = request.env["visibility.vault"]._unseal(receiver.sealed_keys)
            verified = receiver.scheme.verify(signed, keys, time.time())
            if receiver.networks and not is_allowed(address, receiver.networks):
                raise VerificationError("The sender's address is not one that may send.")
            return verified
        except VerificationError as error:
            self._warn_of_expired_key(receiver, signed)
            _logger.info("refused source=%s: %s", receiver.code if receiver else "unknown", error)
            raise ProblemError(problem.not_verified()) from None

    def _warn_of_expired_key(self, receiver, signed):
        """A sender that still signs with a key past its date is told nothing; its owner should know."""
        expired = receiver.get_expired_keys(fields.Datetime.now()) if receiver else ()
        for key in request.env["visibility.vault"]._open(expired):
            try:
                receiver.scheme.verify(signed, [key], time.time())
            except VerificationError:
                continue
            _logger.warning("source=%s still signs with key %s, which has expired", receiver.code, key.id)

    def _check_limits(self, receiver, body):
        """A proven source's own limits: size, rate, and whether we can keep up at all."""
        request_checks.check_content_type(request.httprequest.headers.get("Content-Type"), receiver.content_types)
        request_checks.check_size(len(body), receiver.max_body_bytes)
        wait = _sources.take(
            # With the limit in it, so that a limit that was raised counts at once
            (receiver.source_id, receiver.requests_per_minute),
            _get_share(receiver.requests_per_minute),
        )
        if wait:
            raise ProblemError(problem.too_many_requests(wait))
        wait = request.env(su=True)["visibility.inbox.message"]._get_overload_wait()
        if wait:
            raise ProblemError(problem.overloaded(wait))

    def _parse(self, body):
        try:
            return strict_json.loads(body)
        except InvalidJson as error:
            raise ProblemError(problem.invalid_json(str(error))) from None

    def _check_shape(self, receiver, payload):
        """Senders who speak our own language learn at once what is wrong. A provider's unknown
        shape is taken and buried: providers switch off endpoints that keep refusing."""
        if receiver.adapter.validates_at_door:
            try:
                receiver.adapter.parse(Delivery(payload, self._get_single_headers()))
            except InvalidEvents as error:
                raise ProblemError(problem.invalid_event(error.errors, str(error))) from None

    def _store(self, receiver, body, payload, verified):
        env = request.env(user=receiver.user_id, su=True)
        trace = TraceContext.receive(request.httprequest.headers.get("traceparent"))
        accept = env["visibility.inbox.message"]._accept
        arguments = (receiver, body, payload, self._get_single_headers(), verified, trace.format())
        for _attempt in range(TRIES - 1):
            try:
                return accept(*arguments)
            except CONFLICTS:
                # Odoo would sleep before it runs the request again: nothing but this was done.
                env.cr.rollback()
        return accept(*arguments)

    # ------------------------------------------------------------------ headers and answers
    def _get_headers(self):
        headers = {}
        for name, value in request.httprequest.headers.items():
            headers.setdefault(name.lower(), []).append(value)
        return headers

    def _get_single_headers(self):
        return {name.lower(): value for name, value in request.httprequest.headers.items()}

    def _answer(self, receiver, result):
        status = receiver.accepted_status if result == "accepted" or receiver.accepted_status != 202 else 200
        body = b"" if status == 204 else json.dumps({"status": result}).encode()
        return request.make_response(
            body, [("Content-Type", "application/json"), ("Cache-Control", "no-store")], status=status
        )

    def _answer_problem(self, found):
        status, headers, body = found.to_response()
        return request.make_response(body, headers, status=status)
