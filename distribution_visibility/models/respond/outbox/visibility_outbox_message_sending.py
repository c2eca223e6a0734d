import logging
from concurrent.futures import ThreadPoolExecutor

from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.base import backoff
from ....lib.respond.outbox.answers import REFUSED, Answer
from ....lib.respond.outbox.sender import Outgoing, deliver
from ....lib.respond.outbox.wire import Limits
from ...base.guard import giving_way
from ...base.visibility_queue_mixin import LOCK_TIMEOUT_SECONDS, MOST_WEIGHT, WorkerDied

_logger = logging.getLogger(__name__)

#: Messages of one round: each has a thread while it is sent.
MESSAGES_A_ROUND = 32
#: What somebody's saving kept from being noted is noted again so many times.
MOST_CONFLICTS = 3
# A person waits for the outcome.
TEST_SECONDS = 10


class NotDelivered(Exception):
    """An attempt that did not deliver; ``answer`` says what came of it."""

    def __init__(self, answer):
        super().__init__(answer.sentence)
        self.answer = answer


class VisibilityOutboxMessage(models.Model):
    """How messages are sent: in rounds, side by side, one record's messages one after the other.

    A round is sent while its rows are locked, so that the lock tells whether its worker still lives.
    When a worker dies after the receiver took a message and before that is written down, the message
    is sent again under the same id.
    """

    _inherit = "visibility.outbox.message"

    # ------------------------------------------------------------------ the queue's seams
    @api.model
    def _cron_process(self, lane, limit=MESSAGES_A_ROUND):
        return super()._cron_process(lane, limit)

    def _get_schedule(self):
        return backoff.OUTBOX

    def _get_cron_xmlid(self, lane):
        return f"distribution_visibility.ir_cron_outbox_{lane}"

    @api.model
    def _wake_at(self, lane, moment):
        """Have the lane's scheduled action run at a time, once this transaction is committed."""
        cron = self.env.ref(self._get_cron_xmlid(lane), raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger(moment)

    def _get_log_name(self):
        return f"outbox message={self.id} subscription={self.subscription_id.id} event_id={self.event_id}"

    def _get_due_sql(self, lane):
        """Not while its receiver is left alone, nor while an earlier message about the same record is under way."""
        return SQL(
            """%s AND EXISTS (
                   SELECT FROM visibility_subscription s
                    WHERE s.id = m.subscription_id AND s.state = 'active' AND s.active
                      AND (s.rests_until IS NULL OR s.rests_until <= %s))
               AND NOT EXISTS (
                   SELECT FROM visibility_outbox_message e
                    WHERE e.subscription_id = m.subscription_id AND e.subject_key = m.subject_key
                      AND e.id < m.id AND e.state IN ('pending', 'retry', 'running'))""",
            super()._get_due_sql(lane),
            fields.Datetime.now(),
        )

    @api.model
    def _get_weight_sql(self):
        """One that a worker died of may be the cause: it goes alone."""
        return SQL("CASE WHEN m.is_suspect THEN %s ELSE 1 END", MOST_WEIGHT)

    @api.model
    def _get_candidates(self, lane, limit):
        """Of each receiver as many as it may get now, so that a slow one takes no other's place."""
        quotas = self.env["visibility.subscription"]._get_quotas()
        if not quotas:
            return []
        query = SQL(
            """SELECT c.id, c.attempts, c.weight FROM (VALUES %(quotas)s) q (subscription_id, quota)
                CROSS JOIN LATERAL (
                   SELECT m.id, m.attempts, %(weight)s AS weight FROM visibility_outbox_message m
                    WHERE m.subscription_id = q.subscription_id AND %(due)s
                    ORDER BY m.id LIMIT q.quota FOR UPDATE SKIP LOCKED) c
                ORDER BY c.id LIMIT %(limit)s""",
            quotas=SQL(", ").join(SQL("%s", row) for row in quotas.items()),
            weight=self._get_weight_sql(),
            due=self._get_due_sql(lane),
            limit=limit,
        )
        return self.env.execute_query(query)

    @api.model
    def _choose_batch(self, candidates):
        """Unlike the inbox's, messages that failed before go together: it was hardly their own fault."""
        return super()._choose_batch([(record_id, 0, weight) for record_id, _attempts, weight in candidates])

    @api.model
    def _has_due(self, lane):
        self.flush_model()
        return bool(self._get_candidates(lane, 1))

    # ------------------------------------------------------------------ sending
    def _work_and_recover(self):
        result = super()._work_and_recover()
        # Of its own: somebody who saves the subscription meanwhile must not make us send again.
        self.env["ir.cron"]._commit_progress()
        left = self._note_round()
        self.env["ir.cron"]._commit_progress()
        for _again in range(MOST_CONFLICTS if left else 0):
            left = self.env["visibility.subscription"]._note_round(left)
            self.env["ir.cron"]._commit_progress()
        return result

    def _work(self):
        """Send all of a round side by side; each has its own outcome."""
        self.env.cr.execute(SQL("SET LOCAL lock_timeout = %s", f"{LOCK_TIMEOUT_SECONDS}s"))
        self.lock_for_update()
        answers = self._send()
        self._note_attempts(answers)
        for message, answer in answers.items():
            if answer.is_delivered:
                message._finish()
            else:
                message._register_failure(NotDelivered(answer))
        self.env.flush_all()

    def _send(self):
        """Send each message once: messages to answers. Threads touch no record."""
        policy = self.env["visibility.internal.address"]._get_policy()
        jobs = [(*message._prepare_outgoing(), policy) for message in self]
        with ThreadPoolExecutor(len(jobs), "outbox") as pool:
            answers = list(pool.map(self._deliver, jobs))
        return dict(zip(self, answers, strict=True))

    @staticmethod
    def _deliver(job):
        """Seam: how one event goes out."""
        outgoing, limits, policy = job
        return deliver(outgoing, policy, limits)

    def _prepare_outgoing(self):
        subscription = self.subscription_id
        body = (self.body or "").encode()
        outgoing = Outgoing(subscription.url, self.event_id, body, subscription._get_secrets(), self.traceparent or "")
        return outgoing, subscription._get_limits()

    def _note_attempts(self, answers):
        attempts = self.env["visibility.outbox.attempt"]
        attempts.create([attempts._prepare_attempt(message, answer) for message, answer in answers.items()])
        for message, answer in answers.items():
            message.write({"answer_status": answer.status or 0, "answer_excerpt": answer.excerpt or False})
        self._count_attempts(answers)

    def _on_purged(self):
        self.attempt_ids.write({"excerpt": False})

    def _note_round(self):
        """What the last attempts of these messages say about their receivers."""
        answers = {}
        for message in self.exists():
            attempts = message.attempt_ids.filtered(lambda one, m=message: one.number == m.attempts)
            attempt = attempts.sorted("id")[-1:]
            if attempt:
                answers.setdefault(message.subscription_id, []).append(attempt._get_answer())
        return self.env["visibility.subscription"]._note_round(answers)

    def _register_failure(self, error):
        result = super()._register_failure(error)
        if isinstance(error, WorkerDied):
            self.is_suspect = True
        retries = self.filtered(lambda message: message.state == "retry")
        for lane, messages in retries.grouped("lane").items():
            self._wake_at(lane, min(messages.mapped("next_attempt_at")))
        return result

    def _get_wait(self, error):
        if isinstance(error, NotDelivered):
            return self._get_schedule().delay(self.attempts, retry_after=error.answer.retry_after)
        return super()._get_wait(error)

    # ------------------------------------------------------------------ the test event
    @api.model
    def _send_test(self, subscription):
        """Send a test event at once, in whatever state the subscription is; gives the :class:`Answer`."""
        if subscription._is_database_neutralized():
            return Answer(REFUSED, self.env._("This is a neutralized copy of a database: it sends nothing."))
        if not subscription.has_valid_key:
            return Answer(REFUSED, self.env._("There is no valid key to sign with: make one first."))
        message = self.create(self._prepare_test(subscription))
        # Whatever may fail in this request fails before anything leaves the house: it would be sent again else
        self.env.flush_all()
        outgoing, _limits = message._prepare_outgoing()
        policy = self.env["visibility.internal.address"]._get_policy()
        seconds = min(TEST_SECONDS, subscription.timeout_seconds)
        answer = self._deliver((outgoing, Limits(connect=min(5, seconds), read=seconds, total=seconds), policy))
        message._note_attempts({message: answer})
        error = False if answer.is_delivered else answer.sentence
        state = "done" if answer.is_delivered else "ignored"
        message._set_state(state, error=error, finished_at=fields.Datetime.now())
        self._note_test(subscription, answer)
        return answer

    @api.model
    def _note_test(self, subscription, answer):
        """Somebody may have saved the subscription while the event was under way: then the message alone tells."""
        with giving_way(self.env) as attempt:
            subscription.write(subscription._prepare_last([answer], fields.Datetime.now()))
        if attempt.error:
            _logger.info("subscription=%s was saved during its test event", subscription.id)

    @api.model
    def _prepare_test(self, subscription):
        want = subscription._prepare_want()
        sentence = f"A test event of Distribution Visibility, sent by hand from {subscription.get_base_url()}"
        values = self._prepare_message("test", want, subscription, lambda _one: {"message": sentence}, None, {})
        # Never waiting: it is sent here, not by a scheduled action.
        return {**values, "state": "running", "attempts": 1, "claimed_at": fields.Datetime.now()}
