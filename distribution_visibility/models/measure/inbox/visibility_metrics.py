from collections import Counter

from odoo import api, models
from odoo.tools import SQL
from prometheus_client.core import HistogramMetricFamily

from ....lib.measure.histogram import END_TO_END_SECONDS, SHORT_SECONDS, cumulative

RESULTS = (
    "accepted", "quarantined", "duplicate", "rejected_signature", "rejected_size", "rate_limited", "invalid",
    "overloaded",
)  # fmt: skip


class VisibilityMetrics(models.AbstractModel):
    """What monitoring reads of messages in: the door, the queue, and how long it takes."""

    _inherit = "visibility.metrics"

    @api.model
    def _get_inbox_families(self, totals):
        queue = self._get_queue()
        return [
            *self._get_inbox_counters(totals, queue),
            *self._get_histograms(totals),
            *self._get_queue_gauges(totals, queue),
        ]

    @api.model
    def _get_inbox_counters(self, totals, queue):
        received = Counter()
        for (name, source, label), (amount, _at) in totals.items():
            if name == "received" and label in RESULTS:
                received[source, label] += amount
        for row in queue:
            # Accepted, and not yet counted by a worker.
            received[row["source"], "accepted"] += row["untouched"]
        processed = self._pick(totals, "processed")
        retries = {key[:1]: amount for key, amount in processed.items() if key[1] == "retry"}
        return [
            self._counter(
                "visibility_inbox_events_received", "Deliveries at the door.", ["source", "result"], received
            ),
            self._counter(
                "visibility_inbox_events_processed", "Attempts by outcome.", ["source", "outcome"], processed
            ),
            self._counter("visibility_inbox_retries", "Attempts that are tried again later.", ["source"], retries),
            self._counter(
                "visibility_inbox_rescued",
                "Messages taken back from a worker that died.",
                ["source"],
                self._pick(totals, "rescued", 1),
            ),
            self._counter(
                "visibility_inbox_replays",
                "Messages that a person had worked on again.",
                ["source"],
                self._pick(totals, "replayed", 1),
            ),
        ]

    @api.model
    def _get_histograms(self, totals):
        wanted = [
            ("accept_seconds", "visibility_inbox_accept_duration_seconds", "Answering one request.", SHORT_SECONDS),
            ("process_seconds", "visibility_inbox_process_duration_seconds", "Work on one message.", SHORT_SECONDS),
            (
                "end_to_end",
                "visibility_inbox_end_to_end_seconds",
                "From receiving a message to its effect.",
                END_TO_END_SECONDS,
            ),
        ]
        return [self._histogram(totals, *row) for row in wanted]

    @api.model
    def _histogram(self, totals, counter, name, text, limits):
        counts = {label: amount for (_source, label), amount in self._pick(totals, counter).items()}
        total = totals.get((f"{counter}_sum", "", ""), (0, None))[0]
        return HistogramMetricFamily(name, text, buckets=cumulative(counts, limits), sum_value=total)

    @api.model
    def _get_queue(self):
        """How many messages of each source and lane are where: a list of dicts."""
        self.env["visibility.inbox.message"].flush_model()
        query = SQL(
            """SELECT s.code AS source, m.lane, m.state, count(*) AS count,
                      count(*) FILTER (WHERE m.state = 'pending' AND m.attempts = 0
                                         AND COALESCE(m.replay_count, 0) = 0) AS untouched
                 FROM visibility_inbox_message m JOIN visibility_source s ON s.id = m.source_id
                WHERE m.state IN ('pending', 'retry', 'running', 'dead', 'quarantined')
             GROUP BY s.code, m.lane, m.state"""
        )
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()

    @api.model
    def _get_queue_gauges(self, totals, queue):
        pending, dead, quarantined = Counter(), Counter(), Counter()
        for row in queue:
            where = {"dead": dead, "quarantined": quarantined}.get(row["state"], pending)
            where[(row["source"],)] += row["count"]
        done = [at for (name, _s, label), (_amount, at) in totals.items() if (name, label) == ("processed", "done")]
        ages = self.env["visibility.inbox.message"]._get_due_ages()
        beats = self.env["visibility.heartbeat"]._get_ages()
        return [
            self._gauge("visibility_inbox_pending", "Messages waiting or in work.", pending, ["source"]),
            self._gauge("visibility_inbox_dead_letters", "Messages that were given up.", dead, ["source"]),
            self._gauge("visibility_inbox_quarantined", "Messages with a used id.", quarantined, ["source"]),
            self._gauge(
                "visibility_inbox_oldest_pending_age_seconds",
                "How long the message that is due for longest has been due.",
                self._by_lane(ages),
                ["lane"],
            ),
            self._gauge(
                "visibility_inbox_last_processed_timestamp_seconds",
                "When a message was last worked off.",
                {(): self._get_timestamp(max(done))} if done else {},
            ),
            self._gauge(
                "visibility_heartbeat_age_seconds",
                "Since the last heartbeat came through.",
                self._by_lane(beats),
                ["lane"],
            ),
        ]
