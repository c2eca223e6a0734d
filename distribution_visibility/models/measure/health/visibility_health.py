import shutil
import time

from odoo import api, fields, models, tools

from ....lib.base.errors import ConfigurationError
from ...base.parameters import get_number
from ...ingest.visibility_inbox_message import MIN_FREE_BYTES

# A scheduled action may miss two of its turns, and at least this long, before it is worth a word.
MISSED_TURNS = 3
PATIENCE_SECONDS = 900
WORST = ("pass", "warn", "fail")
INTERVAL_SECONDS = {"minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800, "months": 2678400}

class VisibilityHealth(models.AbstractModel):
    """Whether this node should get requests (fail: no) and whether somebody should look (warn).

    Only what keeps this node from accepting durably is a *fail*: a load balancer that took out
    all nodes because a worker lags would turn a delay into a loss.
    """

    _name = "visibility.health"
    _description = "Health"

    @api.model
    def _get_report(self):
        """The report in the form of draft-inadarei-api-health-check: status, and checks by name."""
        checks = self._get_checks()
        found = {check["status"] for rows in checks.values() for check in rows}
        return {"status": max(found, key=WORST.index), "checks": checks}

    @api.model
    def _get_checks(self):
        """Checks by ``component:measurement``; extend it to add yours."""
        return {
            "database:responseTime": [self._check_database()],
            "disk:free": [self._check_disk()],
            "vault:masterKey": [self._check_master_key()],
            "inbox:backlog": [self._check_backlog()],
            "inbox:deadLetters": [self._check_dead_letters()],
            "inbox:oldestPendingAge": self._check_pending(),
            "heartbeat:age": self._check_heartbeat(),
            "scheduledAction:lastSuccess": self._check_scheduled_actions(),
            "outbox:deadLetters": [self._check_outbox_dead_letters()],
            "outbox:oldestPendingAge": self._check_outbox_pending(),
            "outbox:signingKeys": [self._check_signing_keys()],
            "subscription:state": [self._check_subscriptions()],
        }

    @api.model
    def _prepare_check(self, status, kind, value=None, unit=None, **more):
        check = {"status": status, "componentType": kind, **more}
        if value is not None:
            check.update(observedValue=value, observedUnit=unit)
        return check

    # ------------------------------------------------------------------ this node
    @api.model
    def _check_database(self):
        started = time.monotonic()
        self.env.cr.execute("SELECT 1")
        return self._prepare_check("pass", "datastore", round((time.monotonic() - started) * 1000, 3), "ms")

    @api.model
    def _check_disk(self):
        free = shutil.disk_usage(tools.config["data_dir"]).free
        return self._prepare_check("pass" if free >= MIN_FREE_BYTES else "fail", "system", free, "bytes")

    @api.model
    def _check_master_key(self):
        """Whether this node's master key opens what was stored last."""
        keys = self.env["visibility.source.key"].sudo()
        last = keys.search([("secret_encrypted", "!=", False)], order="id desc", limit=1)
        try:
            if last:
                self.env["visibility.vault"]._decrypt(last.secret_encrypted)
        except ConfigurationError as error:
            return self._prepare_check("fail", "component", output=str(error))
        return self._prepare_check("pass", "component")

    # ------------------------------------------------------------------ the queue
    @api.model
    def _check_backlog(self):
        """Fail exactly when the door answers 503."""
        limit = get_number(self.env, "max_backlog")
        count = self._count_up_to(["pending", "retry"], limit)
        return self._prepare_check("fail" if count >= limit else "pass", "component", count, "messages")

    @api.model
    def _check_dead_letters(self):
        limit = get_number(self.env, "dead_letter_alarm")
        count = self._count_up_to(["dead", "quarantined"], limit)
        return self._prepare_check("warn" if count >= limit else "pass", "component", count, "messages")

    @api.model
    def _count_up_to(self, states, limit):
        return self.env["visibility.inbox.message"].search_count([("state", "in", states)], limit=limit)

    @api.model
    def _check_pending(self):
        limit = get_number(self.env, "stalled_minutes") * 60
        return [
            self._prepare_check("warn" if age > limit else "pass", "component", age, "s", componentId=lane)
            for lane, age in self.env["visibility.inbox.message"]._get_due_ages().items()
        ]

    @api.model
    def _check_heartbeat(self):
        limit = get_number(self.env, "stalled_minutes") * 60 + PATIENCE_SECONDS
        return [
            self._prepare_check("warn" if age > limit else "pass", "component", age, "s", componentId=lane)
            for lane, age in self.env["visibility.heartbeat"]._get_ages().items()
        ]

    # ------------------------------------------------------------------ events out: never a reason to take a node out
    @api.model
    def _check_outbox_dead_letters(self):
        limit = get_number(self.env, "dead_letter_alarm")
        count = self.env["visibility.outbox.message"].search_count([("state", "=", "dead")], limit=limit)
        return self._prepare_check("warn" if count >= limit else "pass", "component", count, "messages")

    @api.model
    def _check_outbox_pending(self):
        limit = get_number(self.env, "stalled_minutes") * 60
        return [
            self._prepare_check("warn" if age > limit else "pass", "component", age, "s", componentId=lane)
            for lane, age in self.env["visibility.outbox.message"]._get_due_ages().items()
        ]

    @api.model
    def _check_signing_keys(self):
        """Whether this node's master key opens the key that was made last."""
        keys = self.env["visibility.subscription.key"].sudo()
        last = keys.search([("secret_encrypted", "!=", False)], order="id desc", limit=1)
        try:
            if last:
                self.env["visibility.vault"]._decrypt(last.secret_encrypted)
        except ConfigurationError as error:
            return self._prepare_check("warn", "component", output=str(error))
        return self._prepare_check("pass", "component")

    @api.model
    def _check_subscriptions(self):
        subscriptions = self.env["visibility.subscription"].sudo().search([("state", "!=", "paused")])
        failing = subscriptions.filtered(lambda one: one.is_circuit_open or one.is_off_by_failure)
        return self._prepare_check("warn" if failing else "pass", "component", len(failing), "failing")

    # ------------------------------------------------------------------ scheduled actions
    @api.model
    def _get_scheduled_actions(self):
        """The scheduled actions of this suite by their XML id (add-ons' with the module), inactive ones too."""
        rows = (
            self.env["ir.model.data"]
            .sudo()
            .search([("model", "=", "ir.cron"), ("module", "=like", "distribution\\_visibility%")])
        )
        crons = self.env["ir.cron"].sudo().with_context(active_test=False)
        found = crons.search([("id", "in", rows.mapped("res_id"))])
        by_id = {cron.id: cron for cron in found}
        core = "distribution_visibility"
        return {
            row.name if row.module == core else row.complete_name: by_id[row.res_id]
            for row in rows
            if row.res_id in by_id
        }

    @api.model
    def _get_last_runs(self):
        """When each scheduled action last succeeded, as far as Odoo keeps it (naive UTC).

        Odoo notes each run, and since when it has failed: an action that fails now has last
        succeeded before its first failure. One that never ran counts from its creation.
        """
        return {
            name: (cron.failure_count and cron.first_failure_date) or cron.lastcall or cron.create_date
            for name, cron in self._get_scheduled_actions().items()
        }

    @api.model
    def _get_failing_actions(self):
        """Names of our scheduled actions that are deactivated, fail, or have not run when they should."""
        now, last = fields.Datetime.now(), self._get_last_runs()
        return [
            name
            for name, cron in self._get_scheduled_actions().items()
            if not cron.active
            or (now - last[name]).total_seconds()
            > max(MISSED_TURNS * cron.interval_number * INTERVAL_SECONDS[cron.interval_type], PATIENCE_SECONDS)
        ]

    @api.model
    def _check_scheduled_actions(self):
        now, failing = fields.Datetime.now(), self._get_failing_actions()
        return [
            self._prepare_check(
                "warn" if name in failing else "pass",
                "component",
                (now - at).total_seconds(),
                "s",
                componentId=name,
            )
            for name, at in sorted(self._get_last_runs().items())
        ]
