import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

BATCH = 50
#: After a failure a message is tried again an hour later, this many times.
MOST_ATTEMPTS = 5


class VisibilityMessage(models.Model):
    """Messages that wait for the morning, or for room under a cap."""

    _inherit = "visibility.message"

    @api.model
    def _cron_send_waiting(self):
        """Batch by batch, each committed."""
        while done := self._send_due():
            self.env["ir.cron"]._commit_progress(done)

    @api.model
    def _send_due(self):
        """Send what waited long enough; gives how many were looked at. A bad one stops no other."""
        domain = [("state", "=", "waiting"), ("send_from", "<=", fields.Datetime.now())]
        due = self.sudo().search(domain, order="send_from, id", limit=BATCH).try_lock_for_update()
        for message in due:
            message._send_guarded()
        self._wake_queue(due)
        due._mark_exceptions()
        return len(due)

    def _send_guarded(self):
        try:
            with self.env.cr.savepoint():
                self._send_again()
                self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            self.invalidate_recordset()
            self._note_failure(error)

    def _send_again(self):
        """Look once more at what stands in the way: hours have passed since."""
        if self._refuse_impossible():
            return
        moment, reason = self._find_moments()[self]
        if reason:
            self._wait(moment, reason, self._get_wait_sentence(moment, reason))
        else:
            self._send()
            self._record_release()

    def _note_failure(self, error):
        _logger.warning("message %s could not be sent: %s", self.id, error)
        attempts = self.attempts + 1
        self.attempts = attempts
        if attempts < MOST_ATTEMPTS:
            again = fields.Datetime.now() + timedelta(hours=1)
            self._wait(again, "retry", self.env._("It could not be sent and is tried again: %s", str(error)[:300]))
        else:
            self._finish_unsent("failed", self.env._("It could not be sent: %s", str(error)[:300]))
