import hmac
import logging
from collections import Counter
from datetime import timezone

from odoo import api, models, release
from odoo.exceptions import ValidationError
from odoo.modules import Manifest
from odoo.tools import SQL
from prometheus_client.core import (
    CollectorRegistry,
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import choose_encoder

from ....lib.base.errors import ConfigurationError
from ....lib.measure.histogram import END_TO_END_SECONDS, SHORT_SECONDS, cumulative

_logger = logging.getLogger(__name__)

TOKEN_PARAMETER = "distribution_visibility.metrics_token"
SEALED_WITH_PARAMETER = "distribution_visibility.metrics_token_sealed_with"
MIN_TOKEN_LENGTH = 24
RESULTS = (
    "accepted", "quarantined", "duplicate", "rejected_signature", "rejected_size", "rate_limited", "invalid",
    "overloaded",
)  # fmt: skip


class VisibilityMetrics(models.AbstractModel):
    """What monitoring reads, in OpenMetrics. All of it comes from the database when it is asked for,
    so that every worker process and every node tells the same."""

    _name = "visibility.metrics"
    _description = "Metrics"

    # ------------------------------------------------------------------ who may read
    @api.model
    def _set_token(self, token):
        """Store the one token that opens metrics and health details, encrypted; empty closes them."""
        token = (token or "").strip()
        if token and (len(token) < MIN_TOKEN_LENGTH or not token.isascii()):
            raise ValidationError(
                self.env._("A token has at least %s letters, digits or signs without accents.", MIN_TOKEN_LENGTH)
            )
        self._store_token(self.env["visibility.vault"]._seal(token) if token else {})

    @api.model
    def _store_token(self, sealed):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param(TOKEN_PARAMETER, sealed.get("secret_encrypted", False))
        parameters.set_param(SEALED_WITH_PARAMETER, sealed.get("sealed_with", False))

    @api.autovacuum
    def _reseal_token(self):
        """After the master key was changed: encrypt the token again, so that the old key can go."""
        parameters, vault = self.env["ir.config_parameter"].sudo(), self.env["visibility.vault"]
        token = parameters.get_param(TOKEN_PARAMETER)
        if token and parameters.get_param(SEALED_WITH_PARAMETER) != vault._get_fingerprint():
            self._store_token(vault._reseal(token) or {"secret_encrypted": token})

    @api.model
    def _has_token(self):
        return bool(self.env["ir.config_parameter"].sudo().get_param(TOKEN_PARAMETER))

    @api.model
    def _is_allowed(self, authorization):
        """Whether a request's ``Authorization`` header carries the token. No token set: nobody."""
        sealed = self.env["ir.config_parameter"].sudo().get_param(TOKEN_PARAMETER)
        scheme, _space, given = (authorization or "").partition(" ")
        if not sealed or scheme.lower() != "bearer":
            return False
        try:
            token = self.env["visibility.vault"]._decrypt(sealed)
        except ConfigurationError as error:
            _logger.error("the metrics token cannot be used: %s", error)
            return False
        return hmac.compare_digest(given.strip().encode(errors="surrogateescape"), token.encode())

    # ------------------------------------------------------------------ the page
    @api.model
    def _render(self, accept=""):
        """The page as (bytes, content type), in the format that the ``Accept`` header asks for."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self._get_families()))
        try:
            encode, content_type = choose_encoder(accept)
            return encode(registry), content_type
        except (TypeError, ValueError):  # a version or an escaping that is none
            encode, content_type = choose_encoder("")
            return encode(registry), content_type

    @api.model
    def _get_families(self):
        """All metric families with their values; extend it to add yours (and say so in the docs)."""
        totals = self.env["visibility.counter"]._get_totals()
        queue = self._get_queue()
        return [
            *self._get_inbox_counters(totals, queue),
            *self._get_histograms(totals),
            *self._get_queue_gauges(totals, queue),
            *self._get_trouble_gauges(),
            self._get_build_info(),
        ]

    # ------------------------------------------------------------------ counters
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
    def _pick(self, totals, wanted, length=2):
        """The totals of one name, by (source, label), or by (source,) for a ``length`` of 1."""
        return {
            (source, label)[:length]: amount
            for (name, source, label), (amount, _at) in totals.items()
            if name == wanted
        }

    @api.model
    def _counter(self, name, text, labels, values):
        family = CounterMetricFamily(name, text, labels=labels)
        for key, amount in sorted(values.items()):
            family.add_metric(key, amount)
        return family

    @api.model
    def _gauge(self, name, text, values, labels=()):
        family = GaugeMetricFamily(name, text, labels=labels)
        for key, amount in sorted(values.items()):
            family.add_metric(key, amount)
        return family

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

    # ------------------------------------------------------------------ gauges
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
        ages = self.env["visibility.health"]._get_due_ages()
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

    @staticmethod
    def _by_lane(values):
        return {(lane,): value for lane, value in values.items()}

    @staticmethod
    def _get_timestamp(moment):
        """Unix seconds of a naive UTC time."""
        return moment.replace(tzinfo=timezone.utc).timestamp()

    @api.model
    def _get_trouble_gauges(self):
        runs = {(name,): self._get_timestamp(at) for name, at in self.env["visibility.health"]._get_last_runs().items()}
        return [
            self._gauge(
                "visibility_exceptions_open",
                "Open exceptions.",
                self._count_by("visibility.exception", [("is_open", "=", True)], "severity"),
                ["severity"],
            ),
            self._gauge(
                "visibility_shipments_unmatched",
                "Shipments that belong to no delivery or receipt.",
                self._count("visibility.shipment", [("is_unmatched", "=", True), ("is_test", "=", False)]),
            ),
            self._gauge(
                "visibility_unknown_codes",
                "Codes that nobody has mapped.",
                self._count("visibility.code.map", [("needs_mapping", "=", True)]),
            ),
            self._gauge(
                "visibility_incidents_open",
                "Open incidents.",
                self._count_by("visibility.incident", [("resolved_at", "=", False)], "kind"),
                ["kind"],
            ),
            self._gauge(
                "visibility_scheduled_action_last_success_timestamp_seconds",
                "When a scheduled action last succeeded.",
                runs,
                ["action"],
            ),
        ]

    @api.model
    def _count(self, model, domain):
        return {(): self.env[model].search_count(domain)}

    @api.model
    def _count_by(self, model, domain, field):
        """Counts by the value of a selection; values that do not occur are 0, not missing."""
        counts = {(value,): 0 for value, _label in self.env[model]._fields[field]._description_selection(self.env)}
        for value, count in self.env[model]._read_group(domain, [field], ["__count"]):
            counts[(value,)] = count
        return counts

    @api.model
    def _get_build_info(self):
        version = Manifest.for_addon("distribution_visibility")["version"]
        return InfoMetricFamily(
            "visibility_build", "What is running.", value={"version": version, "odoo": release.version}
        )


class _Collector:
    """What prometheus-client asks for metric families."""

    def __init__(self, families):
        self._families = families

    def collect(self):
        """The families, as they were when the page was asked for."""
        return self._families
