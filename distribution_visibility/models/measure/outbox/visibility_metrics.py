from collections import Counter

from odoo import api, models

STATES = ("active", "paused", "off")


class VisibilityMetrics(models.AbstractModel):
    """What monitoring reads of events out, labelled by the names of subscriptions."""

    _inherit = "visibility.metrics"

    @api.model
    def _get_outbox_families(self, totals):
        subscriptions = (
            self.env["visibility.subscription"].sudo().search([("active", "in", (True, False))], order="id")
        )
        names = {str(one.id): one.name for one in subscriptions}
        return [
            *self._get_outbox_counters(totals, names),
            *self._get_outbox_gauges(names),
            *self._get_subscription_gauges(subscriptions),
        ]

    @api.model
    def _sum_by_name(self, totals, wanted, names):
        """Totals of one counter by (subscription's name, rest of the label); of deleted ones none."""
        found = Counter()
        for (name, _source, label), (amount, _at) in totals.items():
            subscription, _bar, rest = label.partition("|")
            if name == wanted and subscription in names:
                found[(names[subscription], rest) if rest else (names[subscription],)] += amount
        return found

    @api.model
    def _get_outbox_counters(self, totals, names):
        by_name = ["subscription"]
        return [
            self._counter(
                "visibility_outbox_delivery_attempts",
                "Attempts to send by class of the answer's status.",
                ["subscription", "code_class"],
                self._sum_by_name(totals, "outbox_attempts", names),
            ),
            self._counter(
                "visibility_outbox_delivery_seconds",
                "Time spent on attempts.",
                by_name,
                self._sum_by_name(totals, "outbox_seconds", names),
            ),
            self._counter(
                "visibility_outbox_rescued",
                "Messages taken back from a worker that died.",
                by_name,
                self._sum_by_name(totals, "outbox_rescued", names),
            ),
        ]

    @api.model
    def _get_outbox_gauges(self, names):
        pending, dead = Counter(), Counter()
        for subscription, state, count in (
            self.env["visibility.outbox.message"]
            .sudo()
            ._read_group(
                [("state", "in", ("pending", "retry", "running", "dead"))], ["subscription_id", "state"], ["__count"]
            )
        ):
            (dead if state == "dead" else pending)[(names.get(str(subscription.id), ""),)] += count
        ages = self.env["visibility.outbox.message"]._get_due_ages()
        return [
            self._gauge("visibility_outbox_pending", "Events waiting or in work.", pending, ["subscription"]),
            self._gauge("visibility_outbox_dead_letters", "Events that were given up.", dead, ["subscription"]),
            self._gauge(
                "visibility_outbox_oldest_pending_age_seconds",
                "How long the event that is due for longest has been due.",
                self._by_lane(ages),
                ["lane"],
            ),
        ]

    @api.model
    def _get_subscription_gauges(self, subscriptions):
        states, failures, last = Counter(), Counter(), {}
        for one in subscriptions.filtered("active"):
            for state in STATES:
                states[one.name, state] += one.state == state
            failures[(one.name,)] += one.failures
            if one.last_success_at:
                last[(one.name,)] = max(self._get_timestamp(one.last_success_at), last.get((one.name,), 0))
        return [
            self._gauge("visibility_subscription_state", "1 for its state.", states, ["subscription", "state"]),
            self._gauge(
                "visibility_subscription_failures", "Failures in a row; from 5 on it rests.", failures, ["subscription"]
            ),
            self._gauge(
                "visibility_subscription_last_delivery_timestamp_seconds",
                "When an event was last delivered.",
                last,
                ["subscription"],
            ),
        ]
