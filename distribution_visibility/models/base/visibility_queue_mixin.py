import logging
import traceback
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...lib.base import backoff
from ...lib.base.errors import IngestError
from ...lib.base.log_text import one_line
from .guard import CONFLICTS, attempt_all
from .parameters import get_number
from .wake import Linger, wake

_logger = logging.getLogger(__name__)

# A consumer that has nothing left stays this long, looking again at every pause.
LINGER_SECONDS = 1.5
LINGER_PAUSE_SECONDS = 0.15

# One transaction's worth of work (see _get_weight_sql).
MOST_WEIGHT = 1_000
# Longer than any of our own transactions: then it is somebody's forgotten session, not ours to wait for.
LOCK_TIMEOUT_SECONDS = 20

# So often a record whose worker died is tried again at once (alone, see _choose_batch).
FREE_DEATHS = 2


class WorkerDied(Exception):
    """The process that worked on a record is gone: worth another try, up to the limit."""


class VisibilityQueueMixin(models.AbstractModel):
    """A table that is worked off: claimed, attempted, retried with backoff, buried, replayed.

    Delivery is at least once: :meth:`_process_batch` may see the same record again after a crash
    and must give the same result. An attempt is counted and committed *before* the work, so that
    a record that kills its worker is buried in the end instead of killing for ever.
    """

    _name = "visibility.queue.mixin"
    _description = "Work queue"

    lane = fields.Selection(
        [("transactional", "Transactional"), ("bulk", "Bulk"), ("analytical", "Analytical")],
        default="transactional",
        required=True,
        help="Lanes are worked by scheduled actions of their own, so that one cannot delay another.",
    )
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("running", "In work"),
            ("retry", "Retrying"),
            ("done", "Done"),
            ("dead", "Dead letter"),
            ("quarantined", "Quarantined"),
            ("ignored", "Ignored"),
        ],
        default="pending",
        required=True,
        index=True,
    )
    attempts = fields.Integer(default=0, required=True, help="Attempts begun, counted before the work.")
    next_attempt_at = fields.Datetime("Next attempt", default=fields.Datetime.now, required=True)
    claimed_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime("Finished", readonly=True)
    error = fields.Char(readonly=True, help="Why the last attempt failed, in one sentence.")
    traceback = fields.Text("Technical details", readonly=True, groups="base.group_system")
    replay_count = fields.Integer("Replays", readonly=True)
    decision_reason = fields.Char("Reason", readonly=True, help="Why a person had it replayed or ignored.")
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_at = fields.Datetime("Decided", readonly=True)

    # ------------------------------------------------------------------ seams
    def _process_batch(self):
        """Work on ``self``, all locked, in one go. Raise to have them tried one by one.

        An :class:`IngestError` buries the record at once: trying again would not help.
        """
        raise NotImplementedError

    def _get_schedule(self):
        """When to try again, and thereby how often."""
        return backoff.INBOX

    def _get_max_attempts(self):
        return self._get_schedule().max_attempts

    def _get_log_name(self):
        """What the log line calls this record."""
        return f"{self._name}({self.id})"

    def _on_buried(self):
        """Called on records that have just become dead letters."""

    def _on_failed(self, error):
        """Called on records whose attempt failed, when their next state is set."""

    # ------------------------------------------------------------------ scheduled actions
    @api.model
    def _cron_process(self, lane, limit=200):
        """Work off one lane, in batches that are committed one by one.

        Called by scheduled actions only (elsewhere ``_commit_progress`` is a bare commit). When
        nothing is left it stays for ``LINGER_SECONDS``: see :func:`wake` for why.
        """
        progress = self.env["ir.cron"]._commit_progress
        self._rescue(lane)
        linger = Linger(LINGER_SECONDS, LINGER_PAUSE_SECONDS)
        while not linger.is_over:
            batch = self._claim_batch(lane, limit)
            left = progress()
            # Odoo looks for changed settings when a job begins, and this one may go on for minutes. With a
            # cursor of its own, so that our next look at the queue is not one at what was there before the pause.
            is_current = self.pool == self.pool.check_signaling()
            if batch:
                batch._work_and_recover()
                left = progress(len(batch))
                linger.renew()
            elif left:
                linger.rest()
            if not left or not is_current:
                break
        progress(remaining=int(self._has_due(lane)))

    def _claim_batch(self, lane, limit):
        """Claim; when another worker was faster on the same rows, take none this time."""
        try:
            return self._claim(lane, limit)
        except CONFLICTS:
            self.env.cr.rollback()
            return self.browse()

    def _work_and_recover(self):
        """Work in this transaction. After a conflict with another one all is tried again, one by one."""
        try:
            self._work()
        except CONFLICTS:
            self.env.cr.rollback()
            for record in self:
                record._work_alone()

    def _work_alone(self):
        """Like :meth:`_work` for one record; a second conflict makes it a failed attempt."""
        try:
            self._work()
        except CONFLICTS as error:
            self.env.cr.rollback()
            self._register_failure(error)
        self.env["ir.cron"]._commit_progress()

    def _wake(self, lane):
        """Have the lane's scheduled action run as soon as this transaction is committed."""
        cron = self.env.ref(self._get_cron_xmlid(lane), raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    def _wake_soon(self, lane):
        """Like :meth:`_wake`, but after the commit and at most every half second a process: see :func:`wake`."""
        wake(self.env, self._get_cron_xmlid(lane))

    def _get_cron_xmlid(self, lane):
        raise NotImplementedError

    # ------------------------------------------------------------------ claiming
    def _get_due_sql(self, lane):
        """Condition on table ``m`` for records that may be worked on now."""
        return SQL(
            "m.lane = %s AND m.state IN ('pending', 'retry') AND m.next_attempt_at <= %s",
            lane,
            fields.Datetime.now(),
        )

    def _has_due(self, lane):
        self.flush_model()
        query = SQL("SELECT EXISTS (SELECT FROM %s m WHERE %s)", SQL.identifier(self._table), self._get_due_sql(lane))
        return self.env.execute_query(query)[0][0]

    @api.model
    def _get_due_ages(self):
        """Seconds that the record that is due for longest has been due, by lane; 0 where none is.

        A record that waits for its next attempt, or for an earlier one, is not due.
        """
        self.flush_model()
        now, ages = fields.Datetime.now(), {}
        for lane, _label in self._fields["lane"].selection:
            query = SQL(
                "SELECT m.next_attempt_at FROM %s m WHERE %s ORDER BY m.next_attempt_at LIMIT 1",
                SQL.identifier(self._table),
                self._get_due_sql(lane),
            )
            rows = self.env.execute_query(query)
            ages[lane] = max((now - rows[0][0]).total_seconds(), 0) if rows else 0
        return ages

    @api.model
    def _claim(self, lane, limit):
        """Take up to ``limit`` due records, oldest first, and count the attempt. Caller commits.

        A batch is what one transaction can do in seconds: no more than ``MOST_WEIGHT``, and a
        record that was tried before comes alone, so that one that kills its worker kills no other.
        """
        self.flush_model()
        batch = self.browse(self._choose_batch(self._get_candidates(lane, limit)))
        if batch:
            query = SQL(
                "UPDATE %s SET state = 'running', attempts = attempts + 1, claimed_at = %s WHERE id IN %s",
                SQL.identifier(self._table),
                fields.Datetime.now(),
                batch._ids,
            )
            self.env.cr.execute(query)
            batch.invalidate_recordset(["state", "attempts", "claimed_at"])
        return batch

    @api.model
    def _get_candidates(self, lane, limit):
        """Up to ``limit`` due records that nobody else works on, as (id, attempts, weight), and lock them."""
        query = SQL(
            "SELECT m.id, m.attempts, %(weight)s FROM %(table)s m WHERE %(due)s"
            " ORDER BY m.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED",
            table=SQL.identifier(self._table),
            weight=self._get_weight_sql(),
            due=self._get_due_sql(lane),
            limit=limit,
        )
        return self.env.execute_query(query)

    @api.model
    def _get_weight_sql(self):
        """How much work a record of table ``m`` is, compared with ``MOST_WEIGHT``."""
        return SQL("1")

    @api.model
    def _choose_batch(self, candidates):
        """The first of (id, attempts, weight) rows that go together."""
        chosen, total = [], 0
        for record_id, attempts, weight in candidates:
            total += weight
            if chosen and (attempts or total > MOST_WEIGHT):
                break
            chosen.append(record_id)
            if attempts:
                break
        return chosen

    @api.model
    def _rescue(self, lane):
        """Give back records whose worker died: claimed, and nobody holds their lock any more.

        A worker commits its claim and locks the rows a moment later: only after ``rescue_after_seconds``
        is a claimed row that nobody holds a lock on taken for one whose worker died.
        """
        limit = fields.Datetime.now() - timedelta(seconds=get_number(self.env, "rescue_after_seconds"))
        orphans = self.search(
            [("lane", "=", lane), ("state", "=", "running"), ("claimed_at", "<", limit)]
        ).try_lock_for_update()
        if orphans:
            orphans._register_failure(WorkerDied(self.env._("The worker stopped in the middle of the work.")))
        return orphans

    # ------------------------------------------------------------------ working
    def _work(self):
        """Try all at once; where that fails parts of them, so that one bad record stops no other."""
        self.env.cr.execute(SQL("SET LOCAL lock_timeout = %s", f"{LOCK_TIMEOUT_SECONDS}s"))
        self.lock_for_update()
        attempt_all(self.env, self, type(self)._attempt, lambda one, attempt: one._register_failure(attempt.error))

    def _attempt(self):
        self._process_batch()
        self._finish()

    def _finish(self):
        done = self.filtered(lambda record: record.state == "running")
        done._set_state("done", error=False, traceback=False, finished_at=fields.Datetime.now())

    def _register_failure(self, error):
        """Retry later with backoff, or bury when that is pointless or was tried often enough."""
        details = "".join(traceback.format_exception(error))
        values = {"error": one_line(str(error) or type(error).__name__, 500), "traceback": details}
        final = isinstance(error, IngestError)
        buried = self.filtered(lambda record: final or record.attempts >= record._get_max_attempts())
        buried._set_state("dead", finished_at=fields.Datetime.now(), **values)
        buried._on_buried()
        for record in self - buried:
            wait = timedelta(seconds=record._get_wait(error))
            record._set_state("retry", next_attempt_at=fields.Datetime.now() + wait, **values)
        self._on_failed(error)

    def _get_wait(self, error):
        """Seconds until the next attempt. A record whose worker died was mostly just beside the cause."""
        if isinstance(error, WorkerDied) and self.attempts <= FREE_DEATHS:
            return 0
        return self._get_schedule().delay(self.attempts)

    def _set_state(self, state, **values):
        """The one door for state changes: one log line for each record."""
        self.write({"state": state, **values})
        for record in self:
            _logger.info(
                "%s state=%s attempts=%s error=%s",
                record._get_log_name(),
                state,
                record.attempts,
                values.get("error") or "-",
            )

    # ------------------------------------------------------------------ people
    def _replay(self, reason):
        """Work on these records again, from the first attempt; who and why is kept on them."""
        now = fields.Datetime.now()
        for count, records in self.grouped("replay_count").items():
            records._set_state(
                "pending",
                attempts=0,
                next_attempt_at=now,
                finished_at=False,
                replay_count=count + 1,
                **self._prepare_decision(reason),
            )
        for lane in set(self.mapped("lane")):
            self._wake(lane)

    def _ignore(self, reason):
        """Leave these records at that; who and why is kept on them."""
        self._set_state("ignored", finished_at=fields.Datetime.now(), **self._prepare_decision(reason))

    def _prepare_decision(self, reason):
        return {"decision_reason": reason, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
