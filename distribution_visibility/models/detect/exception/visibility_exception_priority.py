from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_amount, split_every

from ....lib.detect.exception.priority import Situation, weigh

TIERS = ("strategic", "key", "standard")
BATCH = 1000


class VisibilityException(models.Model):
    """How urgent it is, apart from how severe: a score from 0 to 100 and the words for it.

    The points of each input are records, see ``visibility.priority.weight``; the sum is made in
    ``lib/detect/priority.py``. Closed exceptions keep the score that they had.
    """

    _inherit = "visibility.exception"
    _order = "is_open desc, priority_score desc, deadline, id desc"

    priority_score = fields.Integer(
        "Priority",
        compute="_compute_priority_score",
        store=True,
        index=True,
        aggregator="avg",
        help="From 0 to 100: customer, value at risk, time to the promise, severity, and how often it was seen.",
    )
    priority_reason = fields.Char("Why this priority", compute="_compute_priority_reason", compute_sudo=True)
    priority_points = fields.Char("Points", compute="_compute_priority_reason", compute_sudo=True)

    _by_priority = models.Index("(is_open DESC, priority_score DESC, deadline, id DESC)")

    @api.depends(
        "is_open",
        "severity",
        "seen_count",
        "value_at_risk",
        "promised_at",
        "shipment_id.delivered_at",
        "partner_id.commercial_partner_id.visibility_tier",
        "sale_order_ids.partner_id.commercial_partner_id.visibility_tier",
    )
    def _compute_priority_score(self):
        situations = self._get_situations()
        for exception in self:
            is_settled = not exception.is_open and exception._origin
            exception.priority_score = (
                exception._origin.priority_score if is_settled else exception._weigh(situations[exception]).total
            )

    @api.depends("priority_score")
    @api.depends_context("lang")
    def _compute_priority_reason(self):
        situations = self._get_situations()
        for exception in self:
            situation = situations[exception]
            exception.priority_reason = exception._get_priority_reason(situation)
            exception.priority_points = exception._get_priority_points(exception._weigh(situation))

    def _weigh(self, situation):
        return weigh(situation, self.env["visibility.priority.weight"]._get_weights(self.company_id.id))

    # ------------------------------------------------------------------ inputs
    def _get_situations(self):
        """What the score is made of, by exception."""
        waiting = self._get_waiting_lines()
        now = fields.Datetime.now()
        return {one: one._prepare_situation(waiting.get(one), now) for one in self}

    def _prepare_situation(self, waiting, now):
        return Situation(
            tier=self._get_best_tier(waiting),
            value=self.value_at_risk,
            hours=self._get_hours_to_promise(now),
            severity=self.severity or "",
            seen=self.seen_count,
        )

    def _get_best_tier(self, waiting):
        """Of the customer, and of those whose orders are concerned or wait."""
        orders = waiting.order_id if waiting else self.sale_order_ids
        partners = self.partner_id.commercial_partner_id | orders.partner_id.commercial_partner_id
        tiers = set(partners.mapped("visibility_tier"))
        return next((tier for tier in TIERS if tier in tiers), "")

    def _get_hours_to_promise(self, now):
        """Less than zero when it has passed; None without a promise and for what was delivered."""
        if not self.promised_at or self.shipment_id.delivered_at:
            return None
        return (self.promised_at - now).total_seconds() / 3600

    # ------------------------------------------------------------------ in words
    def _get_priority_reason(self, situation):
        """One sentence in the reader's language: *Strategic customer, 12,400 € at risk, 6 hours to the promise.*"""
        words = [
            self._get_tier_words(situation.tier),
            situation.value and self.env._("%s at risk", format_amount(self.env, situation.value, self.currency_id)),
            self._get_promise_words(situation.hours),
            dict(self._fields["severity"]._description_selection(self.env)).get(situation.severity, "").lower(),
            situation.seen > 1 and self.env._("seen %s times", situation.seen),
        ]
        sentence = ", ".join(filter(None, words))
        return f"{sentence[:1].upper()}{sentence[1:]}."

    def _get_tier_words(self, tier):
        return {
            "strategic": self.env._("strategic customer"),
            "key": self.env._("key customer"),
            "standard": self.env._("standard customer"),
        }.get(tier)

    def _get_promise_words(self, hours):
        if hours is None:
            return None
        time = self._get_time_words(abs(hours))
        return self.env._("%s past the promise", time) if hours < 0 else self.env._("%s to the promise", time)

    def _get_time_words(self, hours):
        if hours >= 72:
            return self.env._("%s days", round(hours / 24))
        if hours >= 1.5:
            return self.env._("%s hours", round(hours))
        return self.env._("1 hour") if hours >= 0.75 else self.env._("less than an hour")

    def _get_priority_points(self, score):
        """Where the points come from: *customer 25, value 12, promise 23*."""
        names = {
            "tier": self.env._("customer"),
            "value": self.env._("value"),
            "hours": self.env._("promise"),
            "severity": self.env._("severity"),
            "repeats": self.env._("repeats"),
        }
        return ", ".join(f"{names[name]} {round(points)}" for name, points in score.parts.items())

    # ------------------------------------------------------------------ as time goes by
    def _recompute_priorities(self):
        """Score these (or, called on none, all open exceptions) again; only what differs is written."""
        exceptions = self or self.search([("is_open", "=", True)])
        self.env.add_to_compute(self._fields["priority_score"], exceptions)

    @api.model
    def _get_moving_domain(self, now):
        """Open exceptions whose score moves by itself: the promise is near, or what waits for them may change."""
        weights = self.env["visibility.priority.weight"].sudo().search([("code", "=", "hours")])
        ahead = max(weights.mapped("full_at"), default=0)
        is_near = [
            ("promised_at", ">", now - timedelta(days=1)),
            ("promised_at", "<", now + timedelta(hours=ahead)),
        ]
        return ["&", ("is_open", "=", True), "|", ("sale_order_ids", "=", False), "&", *is_near]

    @api.model
    def _cron_refresh_priorities(self):
        """Called by the scheduled action: follow the clock, and what waits for receipts, in batches."""
        exceptions = self.search(self._get_moving_domain(fields.Datetime.now()), order="id")
        left = len(exceptions)
        for ids in split_every(BATCH, exceptions.ids):
            batch = self.browse(ids).exists()
            batch._refresh_stakes()
            left -= len(ids)
            self.env.flush_all()
            if not self.env["ir.cron"]._commit_progress(len(ids), remaining=left):
                break
            self.env.invalidate_all()

    def _refresh_stakes(self):
        """Look at everything again that no dependency tells: transfers that were added or cancelled, and the time."""
        indirect = self.filtered(lambda exception: not exception.sale_order_ids)
        for name in ("value_at_risk", "promised_at"):
            self.env.add_to_compute(self._fields[name], indirect)
        self.env.add_to_compute(self._fields["priority_score"], self)
