import json
import logging
import time

from odoo import SUPERUSER_ID, api, fields, models
from odoo.http import request
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)
BATCH = 500
# A process wakes the scheduled action at most this often; the action stays longer than that.
WAKE_EVERY_SECONDS, LINGER_SECONDS = 0.5, 0.8
_last_wake = {}


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
    def _leave(self, kind, ids_by_key):
        """Write down what is to be looked at, as a part of this transaction.

        :param str kind: ``expectations``, ``rules`` or ``messages``
        :param dict ids_by_key: ids of documents by the name of their model, the id of a rule, or what happened
        """
        payload = json.dumps({key: sorted(ids) for key, ids in ids_by_key.items()})
        self.env.cr.execute("INSERT INTO visibility_follow_up (kind, payload) VALUES (%s, %s)", (kind, payload))
        self._wake_soon()

    @api.model
    def _wake_soon(self):
        """Wake the scheduled action after the commit, a few times a second at most: each time costs a commit."""
        pool, dbname = self.pool, self.env.cr.dbname

        def wake():
            now = time.monotonic()
            if now - _last_wake.get(dbname, -WAKE_EVERY_SECONDS) < WAKE_EVERY_SECONDS:
                return
            _last_wake[dbname] = now
            try:
                with pool.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    env.ref("distribution_visibility.ir_cron_follow_up")._trigger()
            except Exception:
                # what was left is durable, and the scheduled action comes by itself
                _logger.warning("follow-ups could not be started and wait for their next interval", exc_info=True)

        self.env.cr.postcommit.add(wake)

    # ------------------------------------------------------------------ working off
    @api.model
    def _cron_work_off(self):
        """Work off what is there, and what comes while this runs or was left too soon for another wake-up."""
        until = time.monotonic() + LINGER_SECONDS
        while True:
            done = self._work_off()
            if not self.env["ir.cron"]._commit_progress(done):
                return
            if done:
                until = time.monotonic() + LINGER_SECONDS
            elif time.monotonic() > until:
                return
            else:
                time.sleep(0.2)

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
        try:
            with self.env.cr.savepoint():
                getattr(self, f"_follow_{kind}")(ids_by_key)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("%s of %s could not be followed up", kind, ids_by_key)

    @api.model
    def _follow_rules(self, ids_by_key):
        self.env["visibility.rule"]._look_at_touched({int(rule_id): ids for rule_id, ids in ids_by_key.items()})

    @api.model
    def _follow_expectations(self, ids_by_key):
        self.env["visibility.expectation"]._follow_noted(ids_by_key)
