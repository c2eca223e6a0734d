import json
import logging

import psycopg2
from odoo import SUPERUSER_ID, http
from odoo.http import request

from ...lib.ingest.problem import Problem

_logger = logging.getLogger(__name__)

HEALTH_TYPE = "application/health+json"
# For people it is the address that is wrong, for a monitor the token: nothing more is said to either.
UNAUTHORIZED = Problem(
    401,
    "not-verified",
    "The request could not be verified.",
    "Send the metrics token as Authorization: Bearer.",
    headers={"WWW-Authenticate": 'Bearer realm="visibility"'},
)


def _route(path):
    return http.route(path, type="http", auth="none", methods=["GET"], save_session=False, readonly=True)


class VisibilityHealth(http.Controller):
    """What load balancers and monitoring ask. Nothing here changes anything."""

    @_route("/visibility/health/live")
    def live(self):
        """Whether this process and its database answer."""
        try:
            request.env.cr.execute("SELECT 1")
        except psycopg2.Error:
            return self._answer({"status": "fail"})
        return self._answer({"status": "pass"})

    @_route("/visibility/health/ready")
    def ready(self):
        """Whether this node should get requests; with the metrics token also why (or why not)."""
        env = self._get_env()
        try:
            report = env["visibility.health"]._get_report()
        except psycopg2.Error:
            _logger.exception("The health of the database could not be read")
            return self._answer({"status": "fail"})
        return self._answer(report if self._is_allowed(env) else {"status": report["status"]})

    @_route("/visibility/metrics")
    def metrics(self):
        """OpenMetrics, or the older text format, as the ``Accept`` header asks."""
        env = self._get_env()
        if not self._is_allowed(env):
            status, headers, body = UNAUTHORIZED.to_response()
            return request.make_response(body, headers, status=status)
        page, content_type = env["visibility.metrics"]._render(request.httprequest.headers.get("Accept", ""))
        return request.make_response(page, [("Content-Type", content_type), ("Cache-Control", "no-store")])

    def _get_env(self):
        # Monitoring sees all companies: it watches the machine, not one company's orders.
        return request.env(user=SUPERUSER_ID, su=True, context={"active_test": True})

    def _is_allowed(self, env):
        return env["visibility.metrics"]._is_allowed(request.httprequest.headers.get("Authorization"))

    def _answer(self, report):
        headers = [("Content-Type", HEALTH_TYPE), ("Cache-Control", "no-store")]
        status = 503 if report["status"] == "fail" else 200
        return request.make_response(json.dumps(report), headers, status=status)
