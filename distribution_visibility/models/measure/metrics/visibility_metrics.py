import hmac
import logging
from datetime import timezone

from odoo import api, models, release
from odoo.exceptions import ValidationError
from odoo.modules import Manifest
from prometheus_client.core import (
    CollectorRegistry,
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import choose_encoder

from ....lib.base.errors import ConfigurationError

_logger = logging.getLogger(__name__)

TOKEN_PARAMETER = "distribution_visibility.metrics_token"
SEALED_WITH_PARAMETER = "distribution_visibility.metrics_token_sealed_with"
MIN_TOKEN_LENGTH = 24


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
        return [
            *self._get_inbox_families(totals),
            *self._get_trouble_gauges(),
            self._get_build_info(),
            *self._get_outbox_families(totals),
            *self._get_action_gauges(),
            *self._get_override_families(),
            *self._get_message_gauges(),
        ]

    # ------------------------------------------------------------------ counters

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

    # ------------------------------------------------------------------ gauges

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
