import json
import logging

from odoo import api, fields, models
from odoo.http import request

from .guard import guarded
from .wake import Linger, wake

_logger = logging.getLogger(__name__)
BATCH = 500
LINGER_SECONDS, LINGER_PAUSE_SECONDS = 0.8, 0.2


class VisibilityFollowUp(models.Model):
    """What is still to be looked at because of what people saved: the work of a moment later.

    People do not wait for expectations and immediate rules: their request writes one row, and the
    scheduled action follows within a second. Jobs, which nobody waits for, do it on the spot.
    """

    _name = "visibility.follow.up"
    _description = "Document to look at again"
    _log_access = False
    _order = "id"

    kind = fields.Char(required=True)
    payload = fields.Text(required=True)

    # ------------------------------------------------------------------ leaving
    @api.model
    def _is_somebody_waiting(self):
        return bool(request)

    @api.model
    def _take_notes(self, kind, ids_by_key):
        """See to what was noted in this transaction: now, or a moment later where somebody waits for the answer.

        What is seen to now guards itself: see :func:`note`.
        """
        if self._is_somebody_waiting():
            self._leave(kind, ids_by_key)
        else:
            self._follow(kind, ids_by_key)

    @api.model
    def _leave(self, kind, ids_by_key):
        """Write down what is to be looked at, as a part of this transaction.

        :param str kind: ``expectations``, ``rules`` or ``messages``
        :param dict ids_by_key: ids of documents by the name of their model, the id of a rule, or what happened
        """
        payload = json.dumps({key: sorted(ids) for key, ids in ids_by_key.items()})
        self.env.cr.execute("INSERT INTO visibility_follow_up (kind, payload) VALUES (%s, %s)", (kind, payload))
        wake(self.env, "distribution_visibility.ir_cron_follow_up")

    # ------------------------------------------------------------------ working off
    @api.model
    def _cron_work_off(self):
        """Work off what is there, and what comes while this runs or was left too soon for another wake-up."""
        linger = Linger(LINGER_SECONDS, LINGER_PAUSE_SECONDS)
        while True:
            done = self._work_off()
            if not self.env["ir.cron"]._commit_progress(done):
                return
            if done:
                linger.renew()
            elif linger.is_over:
                return
            else:
                linger.rest()

    @api.model
    def _work_off(self):
        """Take some rows and look at their documents once for all of them; gives how many rows."""
        self.env.cr.execute(
            """
            DELETE FROM visibility_follow_up WHERE id IN (
                SELECT id FROM visibility_follow_up ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            ) RETURNING kind, payload
            """,
            (BATCH,),
        )
        rows = self.env.cr.fetchall()
        noted = {}
        for kind, payload in rows:
            for key, ids in json.loads(payload).items():
                noted.setdefault(kind, {}).setdefault(key, set()).update(ids)
        for kind, ids_by_key in noted.items():
            self._follow_up(kind, ids_by_key)
        return len(rows)

    @api.model
    def _follow_up(self, kind, ids_by_key):
        """Each kind alone. What cannot be done now is logged: expectations are compared and rules look again anyway."""
        with guarded(self.env) as attempt:
            self._follow(kind, ids_by_key)
        if attempt.error:
            _logger.error("%s of %s could not be followed up", kind, ids_by_key, exc_info=attempt.error)

    @api.model
    def _follow(self, kind, ids_by_key):
        """Hand over to whoever left it: the room of each kind has a method ``_follow_<kind>``."""
        getattr(self, f"_follow_{kind}")(ids_by_key)
