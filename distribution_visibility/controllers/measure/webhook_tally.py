import logging
import threading
import time

from odoo import SUPERUSER_ID, api, http
from odoo.http import request
from odoo.modules import module
from odoo.modules.registry import Registry

from ...lib.measure.door_tally import DoorTally, get_refusal
from ..ingest.webhook import VisibilityWebhook

_logger = logging.getLogger(__name__)

# How long counts stay in memory: a process that is killed loses that much of its refusals.
FLUSH_SECONDS = 3
TALLY = DoorTally()


class VisibilityWebhookTally(VisibilityWebhook):
    """Counts what the door answers, beside the request and never within its transaction."""

    @http.route()
    def receive(self, code, token="", **params):
        started = time.monotonic()
        response = super().receive(code, token, **params)
        self._note(code, response, time.monotonic() - started)
        return response

    def _store(self, *args):
        result = super()._store(*args)
        request.visibility_result = result
        return result

    def _note(self, code, response, seconds):
        result = get_refusal(response.status_code)
        if getattr(request, "visibility_result", None) == "duplicate":
            result = "duplicate"
        # The code of a source that does not exist is a stranger's text: it must not become a label.
        receiver = self._find(code)
        database = request.env.cr.dbname
        source_id, day = receiver.source_id if receiver else None, time.strftime("%Y-%m-%d", time.gmtime())
        if TALLY.note(database, source_id, result, seconds, response.status_code, day):
            start_flush(database)


def start_flush(database):
    """Have the counts stored shortly, by a thread of their own."""
    if module.current_test:
        return  # a test has one cursor, and takes the counts itself
    timer = threading.Timer(FLUSH_SECONDS, _flush_apart, (database,))
    timer.daemon = True
    timer.start()


def _flush_apart(database):
    try:
        with Registry(database).cursor() as cr:
            flush(api.Environment(cr, SUPERUSER_ID, {}))
    except Exception:
        # Counts are not worth a request, let alone a process.
        _logger.warning("The counts of the door could not be stored", exc_info=True)


def flush(env):
    """Store what this process has counted for the database of ``env``."""
    env["visibility.counter"]._add(TALLY.take(env.cr.dbname))
