import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ....lib.detect.rule.nights import last_night, next_night

_logger = logging.getLogger(__name__)


class VisibilityRule(models.Model):
    """When rules look, what is kept of each look, and who is told when one cannot."""

    _inherit = "visibility.rule"

    # ------------------------------------------------------------------ when
    def _plan_next_run(self):
        """Rules that were switched on or changed look at once; the others when it is their turn."""
        for rule in self:
            looks = rule.active and rule.kind == "condition"
            rule.write({"next_run_at": fields.Datetime.now() if looks else False, "swept_at": False})

    def _get_next_run(self):
        """When this rule looks next, naive UTC.

        Immediate ones look at everything now and then, too: documents come to match by what happens
        elsewhere, such as a receipt, and by time itself.
        """
        now = fields.Datetime.now()
        if self.latency != "nightly":
            return now + timedelta(minutes=max(self.interval_minutes, 1))
        return min(next_night(now, self._get_zone(company)) for company in self._get_companies())

    def _get_due_companies(self):
        """The companies whose turn it is: at night those where a night began since the last look."""
        companies = self._get_companies()
        if self.latency != "nightly" or not self.swept_at:
            return companies
        now = fields.Datetime.now()
        return companies.filtered(lambda company: last_night(now, self._get_zone(company)) > self.swept_at)

    @api.model
    def _get_due(self):
        return self.search(
            [("kind", "=", "condition"), ("next_run_at", "<=", fields.Datetime.now())], order="next_run_at"
        )

    @api.model
    def _cron_run(self):
        """Work out all rules that are due, each in a transaction of its own."""
        rules = self._get_due()
        self.env["ir.cron"]._commit_progress(remaining=len(rules))
        for rule in rules:
            try:
                if rule.try_lock_for_update():
                    rule._run()
                    self.env.flush_all()
                time_left = self.env["ir.cron"]._commit_progress(1)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                continue
            if not time_left:
                break

    def _run_all(self):
        """Look with each of these rules, without the commits in between."""
        for rule in self:
            rule._run()

    def action_run(self):
        """The button: look now, whenever it would be its turn."""
        for rule in self.filtered(lambda rule: rule.kind == "condition"):
            rule.check_access("write")
            rule.sudo()._run("by_hand")

    def action_continue(self):
        """Somebody looked at what a paused rule finds, and it may go on."""
        self.check_access("write")
        self.sudo().is_paused = False
        self.sudo()._finish_activities(self.env._("Goes on."))
        self.sudo()._plan_next_run()

    # ------------------------------------------------------------------ looking
    def _run(self, trigger="scheduled"):
        """Look at everything that is due, and write down what came of it."""
        companies = self._get_companies() if trigger == "by_hand" else self._get_due_companies()
        self._run_guarded(trigger, companies)
        self.write({"next_run_at": self._get_next_run(), "swept_at": fields.Datetime.now()})

    def _run_guarded(self, trigger, companies, ids=None):
        """One rule that is broken stops no other, and nobody's work.

        :raises: only what the whole transaction is to be tried again for
        """
        started = time.monotonic()
        try:
            with self.env.cr.savepoint():
                effect = self._evaluate(companies, ids)
                self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.info("Rule %s cannot be worked out", self.id, exc_info=True)
            self._note_error(trigger, started, error)
        else:
            self._note_effect(trigger, started, effect)

    # ------------------------------------------------------------------ what came of it
    def _note_effect(self, trigger, started, effect):
        if trigger == "immediate" and not (effect["opened"] or effect["cleared"] or effect["would_open"]):
            return
        run = self.env["visibility.rule.run"].sudo().create(self._prepare_run(trigger, started, effect))
        if self.error:
            self._finish_activities(self.env._("It can be worked out again."))
        self.write({"last_run_at": run.started_at, "error": False, **self._prepare_last_effect(run)})

    def _prepare_run(self, trigger, started, effect):
        return {
            "rule_id": self.id,
            "trigger": trigger,
            "duration_ms": round((time.monotonic() - started) * 1000),
            "is_test": self.is_test,
            "model_name": self.model_name,
            "sample_ids": effect["sample"],
            **{name: effect[name] for name in ("matched", "seen", "opened", "cleared", "would_open")},
        }

    @api.model
    def _prepare_last_effect(self, run):
        if run.trigger == "immediate":
            return {"last_opened": run.opened, "last_cleared": run.cleared}
        return {
            "last_matched": run.matched,
            "last_opened": run.opened,
            "last_cleared": run.cleared,
            "last_ms": run.duration_ms,
        }

    def _note_error(self, trigger, started, error):
        """The rule says what is wrong with it; who is accountable is told once, not each time."""
        sentence = self._explain(error)
        self.env["visibility.rule.run"].sudo().create(
            {
                "rule_id": self.id,
                "trigger": trigger,
                "duration_ms": round((time.monotonic() - started) * 1000),
                "error": sentence,
            }
        )
        is_new = not self.error
        self.write({"error": sentence, "last_run_at": fields.Datetime.now()})
        if is_new:
            self._tell_accountable(self.env._("This rule cannot be worked out"), sentence)

    def _pause(self):
        """It found more than it may: stop before a wrong condition drowns the workbench."""
        self.is_paused = True
        self._tell_accountable(
            self.env._("This rule found too much and pauses"),
            self.env._(
                "It would open more than %(count)s exceptions at once. Look at its condition, then press Continue.",
                count=self.max_new,
            ),
        )

    # ------------------------------------------------------------------ telling
    def _tell_accountable(self, summary, note):
        person = self.accountable_id if self.accountable_id.active else self.env.ref("base.user_admin")
        self.sudo().with_context(mail_activity_quick_update=True).activity_schedule(
            "distribution_visibility.mail_activity_type_rule", summary=summary, note=note, user_id=person.id
        )

    def _finish_activities(self, feedback):
        self.sudo().activity_feedback(["distribution_visibility.mail_activity_type_rule"], feedback=feedback)
