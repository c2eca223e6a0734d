import logging
import time
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import MissingError, ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ....lib.detect.rule.nights import last_night, next_night
from ...base.guard import CONFLICTS, attempt_all, guarded
from ...base.notes import note

_logger = logging.getLogger(__name__)


class VisibilityRule(models.Model):
    """When rules look, what is kept of each look, and who is told when one cannot.

    Some look as soon as somebody saves a document, once and before the commit. A save costs one look into a
    dictionary. Only when a field is written that an immediate rule goes by, the document is remembered, and each
    rule is worked out once for all of them.
    """

    _inherit = "visibility.rule"  # pylint: disable=consider-merging-classes-inherited

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
            except CONFLICTS:
                self.env.cr.rollback()
                continue
            if not time_left:
                break

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
        """Look at everything that is due, and write down what came of it; at rest only by the button."""
        if trigger != "by_hand" and self._is_at_rest():
            self.write({"next_run_at": self._get_next_run()})
            return
        companies = self._get_companies() if trigger == "by_hand" else self._get_due_companies()
        self._run_guarded(trigger, companies)
        self.write({"next_run_at": self._get_next_run(), "swept_at": fields.Datetime.now()})

    def _run_guarded(self, trigger, companies):
        """One rule that is broken stops no other, and nobody's work."""
        with guarded(self.env) as attempt:
            effect = self._evaluate(companies)
        if attempt.error:
            self._note_failure(trigger, attempt)
        else:
            self._note_effect(trigger, attempt.began, effect)

    def _note_failure(self, trigger, attempt):
        _logger.info("Rule %s cannot be worked out", self.id, exc_info=attempt.error)
        self._note_error(trigger, attempt.began, attempt.error)

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

    # ------------------------------------------------------------------ at once: what to watch
    @api.model
    @tools.ormcache("model")
    def _get_watchers(self, model):
        """By field of a model the ids of the rules to work out when it is written."""
        watchers = {}
        rules = (
            self.sudo()
            .with_context(active_test=True)
            .search([("kind", "=", "condition"), ("latency", "=", "immediate"), ("model_name", "=", model)])
        )
        for rule in rules:
            for name in rule._get_watched_fields():
                watchers.setdefault(name, []).append(rule.id)
        return watchers

    def _get_watched_fields(self):
        """The stored fields of its documents that this rule goes by, also behind computed ones."""
        try:
            documents = self._get_documents(self._get_companies()[:1])
            domain = Domain(safe_eval(self.domain or "[]", self._get_eval_context(documents)))
            names = {condition.field_expr.split(".")[0] for condition in domain.iter_conditions()}
        except Exception:
            _logger.info("Rule %s cannot be watched for: its next look says why", self.id, exc_info=True)
            return set()
        names.add(self.age_field_name)
        return {stored for name in names for stored in self._get_stored_fields(documents, name)}

    @api.model
    def _get_stored_fields(self, documents, name, seen=frozenset()):
        field = documents._fields.get(name)
        if not field or name in seen:
            return set()
        if field.store or not field.compute:
            return {name}
        behind = documents.pool.field_depends.get(field, ())
        return {
            stored
            for path in behind
            for stored in self._get_stored_fields(documents, path.split(".")[0], seen | {name})
        }

    @api.constrains("active", "latency", "model_id", "kind")
    def _check_latency(self):
        mixin = self.env.registry["visibility.document.mixin"]
        for rule in self.filtered(lambda rule: rule.active and rule.kind == "condition"):
            if rule.latency == "immediate" and not isinstance(self.env[rule._get_model_name()], mixin):
                raise ValidationError(
                    self.env._(
                        "Only orders, transfers and invoices can be looked at as soon as they are saved: let "
                        "%(rule)s look on schedule.",
                        rule=rule.name,
                    )
                )

    # ------------------------------------------------------------------ at once: remembering
    @api.model
    def _note_touched(self, documents, names=None):
        """Remember documents of which these fields were written, if a rule goes by one of them.

        :param names: names of fields; None: the documents are new
        """
        watchers = self._get_watchers(documents._name)
        rule_ids = {rule_id for name in names or watchers if name in watchers for rule_id in watchers[name]}
        if not rule_ids or not documents.pool.ready:
            return
        ids = [record_id for record_id in documents._ids if record_id]
        for rule_id in rule_ids:
            note(self.env, "rules", rule_id, ids)

    # ------------------------------------------------------------------ at once: working off
    @api.model
    def _look_at_touched(self, touched):
        """All rules together, and parts of them when one fails.

        :param dict touched: id of a rule to ids of documents
        """
        attempt_all(self.env, self._get_looks(touched), self._look_together, self._note_failed_look)

    @api.model
    def _look_together(self, looks):
        for rule, companies, ids in looks:
            started = time.monotonic()
            rule._note_effect("immediate", started, rule._evaluate(companies, ids))

    @api.model
    def _note_failed_look(self, looks, attempt):
        rule, _companies, _ids = looks[0]
        rule._note_failure("immediate", attempt)

    @api.model
    def _get_looks(self, touched):
        """Rule, companies and ids of what was touched, as far as it still is there and the rule is not at rest."""
        looks = []
        for rule in self.search_fetch([("id", "in", list(touched))], self._get_looked_up_fields()):
            documents, companies = self._get_with_companies(self.env[rule.model_name].browse(touched[rule.id]))
            companies &= rule.company_id or companies
            if companies and not rule._is_at_rest():
                looks.append((rule, companies, documents.ids))
        return looks

    @api.model
    def _get_looked_up_fields(self):
        """What working out a rule reads of it, in one query."""
        return [name for name, field in self._fields.items() if field.store and field.prefetch is True]

    @api.model
    def _get_with_companies(self, documents):
        """Documents and their companies. They have just been written, so both are known without a query."""
        try:
            return documents, documents.company_id
        except MissingError:
            documents = documents.exists()
            return documents, documents.company_id
