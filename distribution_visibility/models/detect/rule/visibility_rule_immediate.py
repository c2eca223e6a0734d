import logging
import time

from odoo import SUPERUSER_ID, api, models, tools
from odoo.exceptions import MissingError, ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools.safe_eval import safe_eval

_logger = logging.getLogger(__name__)

TOUCHED = "visibility.rule.touched"


class VisibilityRule(models.Model):
    """Rules that look as soon as somebody saves a document, once and before the commit.

    A save costs one look into a dictionary. Only when a field is written that an immediate rule goes
    by, the document is remembered, and each rule is worked out once for all of them.
    """

    _inherit = "visibility.rule"

    # ------------------------------------------------------------------ what to watch
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

    # ------------------------------------------------------------------ remembering
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
        touched = self.env.cr.precommit.data.setdefault(TOUCHED, {})
        if not touched:
            self.env.cr.precommit.add(self.env(user=SUPERUSER_ID, su=True, context={})[self._name]._work_off_touched)
        for rule_id in rule_ids:
            touched.setdefault(rule_id, set()).update(ids)

    # ------------------------------------------------------------------ working off
    @api.model
    def _work_off_touched(self):
        """Before the commit: look now, or a moment later where somebody waits for the answer."""
        touched = self.env.cr.precommit.data.pop(TOUCHED, {})
        if touched and self.env["visibility.follow.up"]._is_somebody_waiting():
            self.env["visibility.follow.up"]._leave("rules", touched)
        else:
            self._look_at_touched(touched)

    @api.model
    def _look_at_touched(self, touched):
        """All rules together, and each alone when one of them fails.

        :param dict touched: id of a rule to ids of documents
        """
        looks = self._get_looks(touched)
        try:
            with self.env.cr.savepoint():
                for rule, companies, ids in looks:
                    started = time.monotonic()
                    rule._note_effect("immediate", started, rule._evaluate(companies, ids))
                self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            for rule, companies, ids in looks:
                rule._run_guarded("immediate", companies, ids)

    @api.model
    def _get_looks(self, touched):
        """Rule, companies and ids of what was touched, as far as it still is there."""
        looks = []
        for rule in self.search_fetch([("id", "in", list(touched))], self._get_looked_up_fields()):
            documents, companies = self._get_with_companies(self.env[rule.model_name].browse(touched[rule.id]))
            companies &= rule.company_id or companies
            if companies:
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
