from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, str2bool

from ....lib.ingest.receiver import SealedKey
from ....lib.respond.outbox.endpoint import Refused, read_endpoint
from ....lib.respond.outbox.wire import Limits

SUCCESS_DAYS = 7
#: What emitting needs to know of a subscription: kept in memory.
Want = namedtuple("Want", "subscription_id company_id lane has_texts filters")


class VisibilitySubscription(models.Model):
    """Who is told about which events, where, and signed with which key."""

    _name = "visibility.subscription"
    _description = "Subscription"
    _inherit = ["visibility.cached.mixin", "mail.thread", "mail.activity.mixin"]
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
        params = {
            "title": self.env._("It works") if answer.is_delivered else self.env._("Not delivered"),
            "message": answer.sentence,
            "type": "success" if answer.is_delivered else "danger",
            "sticky": not answer.is_delivered,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        }
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    def action_open_messages(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("distribution_visibility.visibility_outbox_message_action")
        return {**action, "domain": [("subscription_id", "=", self.id)], "context": {}}

    def action_open_dead_letters(self):
        return {**self.action_open_messages(), "context": {"search_default_dead": 1}}

    def copy_data(self, default=None):
        rows = super().copy_data(default)
        return [
            {**row, "name": self.env._("%s (copy)", subscription.name)}
            for subscription, row in zip(self, rows, strict=True)
        ]
