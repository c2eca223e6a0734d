import logging
from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, str2bool

from ....lib.ingest.receiver import SealedKey
from ....lib.respond.outbox.circuit import Circuit
from ....lib.respond.outbox.endpoint import Refused, read_endpoint
from ....lib.respond.outbox.wire import Limits
from ...base.guard import giving_way
from ...base.words.told import tell_moment

_logger = logging.getLogger(__name__)

SUCCESS_DAYS = 7
#: What emitting needs to know of a subscription: kept in memory.
Want = namedtuple("Want", "subscription_id company_id lane has_texts filters")
# Longer than the longest pause between two attempts.
FORGET_AFTER = timedelta(hours=36)
#: So many of one receiver are sent side by side; the next ones wait for the slowest of them.
AT_ONCE = 8


class VisibilitySubscription(models.Model):
    """Who is told about which events, where, and signed with which key."""

    _name = "visibility.subscription"
    _description = "Subscription"
    _inherit = ["visibility.cached.mixin", "mail.thread", "mail.activity.mixin", "visibility.action.mixin"]
    _order = "name, id"
    # How the receiver is doing changes with each round of sending and matters to nobody who emits.
    _uncached_fields = frozenset(
        {"failures", "failing_since", "looks", "rests_until", "last_success_at", "last_failure_at", "last_failure",
         "off_reason", "is_off_by_failure", "activity_ids", "message_ids", "message_follower_ids"}
    )  # fmt: skip

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, tracking=True
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        tracking=True,
        help="Told when the receiver fails.",
    )
    url = fields.Char("Address", required=True, tracking=True)
    type_ids = fields.Many2many("visibility.outbox.type", string="Events")
    filter_ids = fields.One2many("visibility.subscription.filter", "subscription_id", "Only those", copy=True)
    has_texts = fields.Boolean(
        "Free texts",
        tracking=True,
        help="Also send what carriers and people wrote in their own words: it may name people.",
    )
    key_ids = fields.One2many("visibility.subscription.key", "subscription_id", "Keys", copy=False)
    has_valid_key = fields.Boolean(compute="_compute_has_valid_key")

    # How it is sent
    lane = fields.Selection(
        [("transactional", "Transactional"), ("bulk", "Bulk"), ("analytical", "Analytical")],
        default="transactional",
        required=True,
        help="Lanes are sent by scheduled actions of their own: put a slow receiver into another lane.",
    )
    timeout_seconds = fields.Integer("Wait for an answer (seconds)", default=15, required=True)
    max_per_minute = fields.Integer("At most per minute", default=600, required=True)

    # How it is doing
    state = fields.Selection(
        [("paused", "Paused"), ("active", "Active"), ("off", "Switched off")],
        default="paused",
        required=True,
        index=True,
        tracking=True,
        copy=False,
        group_expand=True,
        help="Paused: events are kept and sent later. Switched off: new events are not kept.",
    )
    off_reason = fields.Char("Why it is off", readonly=True, copy=False)
    last_success_at = fields.Datetime("Last delivery", readonly=True, copy=False)
    last_failure_at = fields.Datetime("Last failure", readonly=True, copy=False)
    last_failure = fields.Char("What failed last", readonly=True, copy=False)
    success_rate = fields.Float(
        "Success rate", compute="_compute_success_rate", help="Of the attempts of the last seven days, in percent."
    )
    attempt_count = fields.Integer("Attempts in seven days", compute="_compute_success_rate")
    waiting_count = fields.Integer("Waiting", compute="_compute_message_counts")
    dead_count = fields.Integer("Dead letters", compute="_compute_message_counts")
    message_count = fields.Integer("Events written", compute="_compute_message_counts")
    is_neutralized = fields.Boolean(compute="_compute_is_neutralized")

    _limits = models.Constraint(
        "CHECK (timeout_seconds BETWEEN 1 AND 30 AND max_per_minute BETWEEN 1 AND 60000)",
        "Wait for 1 to 30 seconds, and send 1 to 60,000 events a minute.",
    )

    # How its receiver is doing
    failures = fields.Integer("Failures in a row", readonly=True, copy=False)
    failing_since = fields.Datetime(readonly=True, copy=False)
    looks = fields.Integer("Looks while it rests", readonly=True, copy=False)
    rests_until = fields.Datetime("Left alone until", readonly=True, copy=False)
    is_off_by_failure = fields.Boolean(readonly=True, copy=False, help="Switched off because the receiver failed.")
    is_circuit_open = fields.Boolean("Receiver fails", compute="_compute_is_circuit_open")
    circuit_sentence = fields.Char(compute="_compute_circuit_sentence")

    # ------------------------------------------------------------------ computes
    @api.depends("key_ids.valid_from", "key_ids.valid_until")
    def _compute_has_valid_key(self):
        for subscription in self:
            keys = subscription.sudo().key_ids
            subscription.has_valid_key = any(key.is_valid and key.has_secret for key in keys)

    def _compute_message_counts(self):
        groups = self.env["visibility.outbox.message"]._read_group(
            [("subscription_id", "in", self.ids)], ["subscription_id", "state"], ["__count"]
        )
        counts = {(subscription.id, state): count for subscription, state, count in groups}
        for subscription in self:
            mine = {state: count for (one, state), count in counts.items() if one == subscription.id}
            subscription.message_count = sum(mine.values())
            subscription.dead_count = mine.get("dead", 0)
            subscription.waiting_count = sum(mine.get(state, 0) for state in ("pending", "retry", "running"))

    def _compute_success_rate(self):
        since = fields.Datetime.now() - timedelta(days=SUCCESS_DAYS)
        self.env["visibility.outbox.attempt"].flush_model()
        query = SQL(
            """SELECT m.subscription_id, count(*), count(*) FILTER (WHERE a.outcome = 'delivered')
                 FROM visibility_outbox_attempt a JOIN visibility_outbox_message m ON m.id = a.message_id
                WHERE m.subscription_id IN %s AND a.attempted_at > %s GROUP BY m.subscription_id""",
            self._ids or (0,),
            since,
        )
        counts = {row[0]: row[1:] for row in self.env.execute_query(query)}
        for subscription in self:
            total, good = counts.get(subscription.id, (0, 0))
            subscription.attempt_count = total
            subscription.success_rate = 100 * good / total if total else 0

    def _compute_is_neutralized(self):
        self.is_neutralized = self._is_database_neutralized()

    @api.model
    def _is_database_neutralized(self):
        """Whether this is a copy that must not act on the world."""
        return str2bool(self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized") or "", False)

    # ------------------------------------------------------------------ constraints
    @api.constrains("url")
    def _check_url(self):
        for subscription in self:
            try:
                read_endpoint(subscription.url, self.env["visibility.internal.address"]._get_policy())
            except Refused as error:
                raise ValidationError(str(error)) from error

    @api.constrains("state", "type_ids")
    def _check_is_complete(self):
        for subscription in self.filtered(lambda one: one.state == "active"):
            if not subscription.type_ids:
                raise ValidationError(self.env._("Choose the events that the receiver should be told of."))

    # ------------------------------------------------------------------ for those who emit
    @api.model
    def _get_wanting(self, event_type):
        """The subscriptions that want a type, as :class:`Want`. Costs nothing when there are none."""
        return self._get_wants().get(event_type, ())

    @api.model
    @tools.ormcache()
    def _get_wants(self):
        wants = {}
        for subscription in self.sudo().search([("state", "in", ("active", "paused"))]):
            for event_type in subscription.type_ids:
                wants.setdefault(event_type.name, []).append(subscription._prepare_want())
        return {name: tuple(found) for name, found in wants.items()}

    def _prepare_want(self):
        filters = {one.model: one.domain for one in self.filter_ids}
        return Want(self.id, self.company_id.id, self.lane, self.has_texts, filters)

    # ------------------------------------------------------------------ for the sender
    def _get_secrets(self):
        """All secrets that are valid now, in plain text for the moment of signing; the newest first.

        A key that no master key opens is left out, and the log says so: the others can still sign.
        """
        keys = self.sudo().key_ids.filtered(lambda key: key.is_valid and key.secret_encrypted)
        sealed = [SealedKey(key.id, key.secret_encrypted, key.valid_from, key.valid_until or None) for key in keys]
        return tuple(key.secret for key in self.env["visibility.vault"]._open(sealed))

    def _get_limits(self):
        seconds = self.timeout_seconds
        return Limits(connect=min(5, seconds), read=seconds, total=seconds)

    # ------------------------------------------------------------------ buttons
    def action_activate(self):
        """Send from now on, and what has been waiting."""
        for subscription in self:
            if not subscription.has_valid_key:
                raise UserError(self.env._("%s has no valid key: make one first.", subscription.name))
        self.write({"state": "active", "off_reason": False, **self._prepare_closed_circuit()})
        self._send_what_waits()

    def action_pause(self):
        self.state = "paused"

    def action_switch_off(self):
        self.write(
            {
                "state": "off",
                "is_off_by_failure": False,
                "off_reason": self.env._("Switched off by %s.", self.env.user.name),
            }
        )

    def action_send_test(self):
        """Send one event right now and say what came of it."""
        self.ensure_one()
        self.check_access("write")
        answer = self.env["visibility.outbox.message"].sudo()._send_test(self.sudo())
        return self._say(
            answer.sentence,
            "success" if answer.is_delivered else "danger",
            after="reload",
            title=self.env._("It works") if answer.is_delivered else self.env._("Not delivered"),
            sticky=not answer.is_delivered,
        )

    def action_open_messages(self):
        self.ensure_one()
        domain = [("subscription_id", "=", self.id)]
        return self._open_action("distribution_visibility.visibility_outbox_message_action", domain=domain)

    def action_open_waiting(self):
        return {**self.action_open_messages(), "context": {"search_default_waiting": 1}}

    def action_open_dead_letters(self):
        return {**self.action_open_messages(), "context": {"search_default_dead": 1}}

    def copy_data(self, default=None):
        rows = super().copy_data(default)
        return [
            {**row, "name": self.env._("%s (copy)", subscription.name)}
            for subscription, row in zip(self, rows, strict=True)
        ]

    # ------------------------------------------------------------------ how its receiver is doing
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
                since=tell_moment(self.env, one.failing_since),
                until=tell_moment(self.env, one.rests_until),
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
            with giving_way(self.env) as attempt:
                subscription._note_answers(some)
            if attempt.error:
                left[subscription] = some
                _logger.info("subscription=%s was saved while it was noted how its receiver is doing", subscription.id)
        return left

    def _note_answers(self, answers):
        self.ensure_one()
        now, state = fields.Datetime.now(), self.state
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
        if self.state != state:
            self._tell_watch()

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
