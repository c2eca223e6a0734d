import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime
from psycopg2.extensions import TransactionRollbackError

from ....lib.respond.outbox.circuit import Circuit

_logger = logging.getLogger(__name__)

# Longer than the longest pause between two attempts.
FORGET_AFTER = timedelta(hours=36)
#: So many of one receiver are sent side by side; the next ones wait for the slowest of them.
AT_ONCE = 8


class VisibilitySubscription(models.Model):
    """How a receiver is doing: left alone while it fails, looked at again, switched off in the end."""

    _inherit = "visibility.subscription"

    failures = fields.Integer("Failures in a row", readonly=True, copy=False)
    failing_since = fields.Datetime(readonly=True, copy=False)
    looks = fields.Integer("Looks while it rests", readonly=True, copy=False)
    rests_until = fields.Datetime("Left alone until", readonly=True, copy=False)
    is_off_by_failure = fields.Boolean(readonly=True, copy=False, help="Switched off because the receiver failed.")
    is_circuit_open = fields.Boolean("Receiver fails", compute="_compute_is_circuit_open")
    circuit_sentence = fields.Char(compute="_compute_circuit_sentence")

    @api.depends("failures")
    def _compute_is_circuit_open(self):
        for subscription in self:
            subscription.is_circuit_open = subscription._get_circuit().is_open

    @api.depends("failures", "failing_since", "rests_until")
    def _compute_circuit_sentence(self):
        for one in self:
            one.circuit_sentence = self.env._(
                "The receiver has failed %(count)s times in a row since %(since)s. It is left alone until %(until)s; "
                "then one event is tried, and the others wait.",
                count=one.failures,
                since=format_datetime(self.env, one.failing_since),
                until=format_datetime(self.env, one.rests_until),
            )

    def _get_circuit(self):
        return Circuit(self.failures, self.failing_since or None, self.looks, self.rests_until or None)

    def _is_old_story(self, now):
        """Whether its failures are so long ago that the next one has nothing to do with them.

        A receiver that is told something once a week must not be taken for one that fails for a week.
        """
        return bool(self.last_failure_at and now - self.last_failure_at > FORGET_AFTER)

    def _get_stage(self):
        """How far the patience with it is used up, as of its last failure: without events nothing fails."""
        now = fields.Datetime.now()
        return self._get_circuit().stage(min(now, self.last_failure_at or now))

    @api.model
    def _prepare_circuit(self, circuit):
        return {
            "failures": circuit.failures,
            "failing_since": circuit.failing_since or False,
            "looks": circuit.looks,
            "rests_until": circuit.rests_until or False,
        }

    @api.model
    def _prepare_closed_circuit(self):
        return {**self._prepare_circuit(Circuit()), "is_off_by_failure": False}

    # ------------------------------------------------------------------ how much may be sent
    @api.model
    def _get_quotas(self):
        """How many messages of each subscription may be sent now: ids to numbers, without zeros.

        A neutralised copy sends nothing. A failing receiver whose rest is over gets one, to look.
        """
        if self._is_database_neutralized():
            return {}
        now = fields.Datetime.now()
        resting = ["|", ("rests_until", "=", False), ("rests_until", "<=", now)]
        ready = self.sudo().search([("state", "=", "active"), *resting])
        sent = ready._count_sent(now - timedelta(minutes=1))
        quotas = {
            one.id: min(1 if one.is_circuit_open else AT_ONCE, one.max_per_minute - sent.get(one.id, 0))
            for one in ready
        }
        return {one: quota for one, quota in quotas.items() if quota > 0}

    def _count_sent(self, since):
        self.env["visibility.outbox.attempt"].flush_model()
        query = SQL(
            """SELECT m.subscription_id, count(*) FROM visibility_outbox_attempt a
                 JOIN visibility_outbox_message m ON m.id = a.message_id
                WHERE a.attempted_at > %s AND m.subscription_id IN %s GROUP BY m.subscription_id""",
            since,
            self._ids or (0,),
        )
        return dict(self.env.execute_query(query))

    # ------------------------------------------------------------------ what came of it
    def _note_round(self, answers):
        """Take in what came of one round of attempts: a short transaction after that of the messages.

        :param dict answers: subscription to the list of its answers
        :return: those that could not be noted, because somebody saved the form at this moment
        """
        left = {}
        for subscription, some in answers.items():
            try:
                with self.env.cr.savepoint():
                    subscription._note_answers(some)
            except TransactionRollbackError:
                left[subscription] = some
                _logger.info("subscription=%s was saved while it was noted how its receiver is doing", subscription.id)
        return left

    def _note_answers(self, answers):
        self.ensure_one()
        now = fields.Datetime.now()
        before = Circuit() if self._is_old_story(now) else self._get_circuit()
        after = before.after(answers, now)
        values = {**self._prepare_circuit(after), **self._prepare_last(answers, now)}
        if after.is_gone:
            values.update(self._prepare_off(self.env._("The receiver said that its address is gone (410).")))
        elif after.stage(now) >= 100:
            values.update(self._prepare_off(self.env._("The receiver has failed for more than three days.")))
        self.write(values)
        self._log_changes(before, after, values)
        if before.failures and not after.failures and self.state == "active":
            self._send_what_waits()
        elif after.rests_until and after.rests_until > now:
            self.env["visibility.outbox.message"]._wake_at(self.lane, after.rests_until)
        self.flush_recordset()

    @api.model
    def _prepare_off(self, reason):
        return {"state": "off", "is_off_by_failure": True, "off_reason": reason}

    @api.model
    def _prepare_last(self, answers, now):
        values = {}
        failed = [answer for answer in answers if not answer.is_delivered]
        if failed:
            values.update(last_failure_at=now, last_failure=failed[-1].sentence)
        if len(failed) < len(answers):
            values["last_success_at"] = now
        return values

    def _log_changes(self, before, after, values):
        if before.is_open != after.is_open or "state" in values:
            _logger.info(
                "subscription=%s state=%s circuit=%s failures=%s",
                self.id,
                self.state,
                "open" if after.is_open else "closed",
                after.failures,
            )

    def _send_what_waits(self):
        """The receiver works again: what waits for its next attempt need not wait for it any longer."""
        waiting = [("subscription_id", "in", self.ids), ("state", "=", "retry")]
        messages = self.env["visibility.outbox.message"].sudo()
        messages.search(waiting).write({"next_attempt_at": fields.Datetime.now()})
        for lane in set(self.mapped("lane")):
            messages._wake(lane)
