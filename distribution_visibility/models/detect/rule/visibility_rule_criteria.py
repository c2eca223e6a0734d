import datetime as dt

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang
from odoo.tools.safe_eval import datetime as safe_datetime
from odoo.tools.safe_eval import safe_eval
from odoo.tools.safe_eval import time as safe_time

from ....lib.base.days import local_day
from ....lib.base.grant import AMONG
from ....lib.base.told import mark_day, mark_moment
from ....lib.detect.rule.reason_template import TemplateError, get_paths, render

#: Fields whose day was promised, whatever hour stands in them.
PROMISES = frozenset(
    ("visibility_first_promise_at", "visibility_promise_at", "commitment_date", "expected_date", "promised_at")
)
HIDDEN_TYPES = ("binary", "html", "json", "properties", "properties_definition", "reference", "one2many", "many2many")


class VisibilityRule(models.Model):
    """Which documents or events a rule means: a domain on any stored model, an age, and a reason in words."""

    _inherit = "visibility.rule"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------ checks
    @api.constrains("kind", "model_id", "domain", "age_field_id", "age_hours", "reason_template", "active")
    def _check_criteria(self):
        for rule in self.filtered("active"):
            rule._check_readable()
            rule._check_template()

    def _check_readable(self):
        """Who writes a rule may look at what it looks at: a rule works as superuser and must not be a keyhole."""
        try:
            records = self.env(su=False)[self._get_model_name()]
            records.check_access("read")
            records._search(self._get_domain(self._get_companies()[:1]))
        except UserError:
            raise
        except Exception as error:
            raise ValidationError(self._explain(error)) from error

    def _check_template(self):
        try:
            paths = get_paths(self.reason_template or "")
        except TemplateError as error:
            raise ValidationError(
                self.env._("In the reason, %(wrong)s is not the name of a field.", wrong=error.wrong)
            ) from error
        for path in paths:
            self._get_field(path)

    def _get_field(self, path):
        """The field behind a path, if it may be told in a reason.

        :raises ValidationError: if there is none, or it is no plain value, or not everybody may see it
        """
        model, field = self.env[self._get_model_name()], None
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            if not field or field.groups or field.type in HIDDEN_TYPES:
                raise ValidationError(
                    self.env._("In the reason, {%(path)s} is not a field that can be shown.", path=path)
                )
            model = self.env[field.comodel_name] if field.relational else None
        return field

    def _explain(self, error):
        """One sentence for a person about why this rule cannot be worked out."""
        if isinstance(error, UserError):
            return str(error)
        detail = str(error).strip().splitlines() or [type(error).__name__]
        return self.env._("The condition cannot be worked out: %(detail)s", detail=detail[0][:200])

    # ------------------------------------------------------------------ domain
    def _get_model_name(self):
        """:raises UserError: if there is none, or its add-on is not installed any more"""
        if not self.model_name:
            raise UserError(self.env._("Say which documents the rule looks at."))
        if self.model_name not in self.env or self.env[self.model_name]._abstract:
            raise UserError(self.env._("There are no %(model)s any more: is an add-on missing?", model=self.model_name))
        return self.model_name

    def _get_documents(self, company, among=None):
        """The model as the rule sees it: everything, in one company and its language and time zone.

        :param among: ids of the only documents that matter; costly searches may confine themselves to them
        """
        context = {
            "allowed_company_ids": company.ids,
            "lang": self.accountable_id.lang or self.env.lang,
            "tz": self._get_zone(company),
            **({} if among is None else AMONG.carry(among)),
        }
        return self.env(su=True, context=context)[self._get_model_name()]

    @api.model
    def _get_zone(self, company):
        return company.partner_id.tz or company.resource_calendar_id.tz or "UTC"

    def _get_companies(self):
        return self.company_id or self.env["res.company"].sudo().search([("active", "=", True)], order="id")

    @api.model
    @tools.ormcache()
    def _get_first_company_id(self):
        return self.env["res.company"].sudo().search([], order="id", limit=1).id

    def _get_domain(self, company, ids=None):
        """What matches in a company now: the condition, old enough, and of this company.

        :raises Exception: whatever is wrong with the condition
        """
        documents = self._get_documents(company)
        domain = Domain(safe_eval(self.domain or "[]", self._get_eval_context(documents)))
        domain &= self._get_age_domain(documents) & self._get_company_domain(documents, company)
        return domain if ids is None else domain & Domain("id", "in", list(ids))

    @api.model
    def _get_eval_context(self, documents):
        """What may stand in a domain besides values: the same as in Odoo's own filters."""
        return {
            "context_today": lambda: fields.Date.context_today(documents),
            "datetime": safe_datetime,
            "time": safe_time,
            "relativedelta": relativedelta,
            "uid": documents.env.uid,
            "company_id": documents.env.company.id,
        }

    def _get_age_domain(self, documents):
        if not self.age_field_name and not self.age_hours:
            return Domain.TRUE
        field = documents._fields.get(self.age_field_name)
        if not field or not field.store:
            raise UserError(self.env._("The date that the rule goes by does not exist any more."))
        limit = fields.Datetime.now() - dt.timedelta(hours=self.age_hours)
        if field.type == "date":
            limit = fields.Datetime.context_timestamp(documents, limit).date()
        return Domain(self.age_field_name, "<=", limit)

    def _get_company_domain(self, documents, company):
        """Documents that all companies share are looked at once, with the first company."""
        is_first = company.id == (self.company_id.id or self._get_first_company_id())
        field = documents._fields.get("company_id")
        if not field or not field.store or field.comodel_name != "res.company":
            return Domain(is_first)
        return Domain("company_id", "in", [company.id, False] if is_first else [company.id])

    def _get_settled_sql(self, documents, query):
        """SQL that is true for documents that nobody has changed for the time of grace."""
        if not self.grace_minutes or "write_date" not in documents._fields:
            return SQL("TRUE")
        limit = fields.Datetime.now() - dt.timedelta(minutes=self.grace_minutes)
        return SQL("%s <= %s", documents._field_to_sql(query.table, "write_date", query), limit)

    # ------------------------------------------------------------------ events
    def _get_event_domain(self):
        """What an event has to be for this rule; the condition stands beside it."""
        domain = Domain(safe_eval(self.domain or "[]", self._get_eval_context(self.env["visibility.event"])))
        for name, records in (
            ("milestone_id", self.milestone_ids),
            ("category_id", self.event_category_ids),
            ("source_id", self.source_ids),
            ("company_id", self.company_id),
        ):
            if records:
                domain &= Domain(name, "in", records.ids)
        if self.responsible_party:
            domain &= Domain("responsible_party", "=", self.responsible_party)
        return domain

    # ------------------------------------------------------------------ reason
    def _get_reason(self, record):
        """The reason in the words of this rule; its name where it has none."""
        return render(self.reason_template or self.name or "", lambda path: self._get_text(record, path))

    def _get_text(self, record, path):
        """A field of a record as people read it, in the record's language and time zone."""
        self._get_field(path)
        *first, name = path.split(".")
        for step in first:
            record = record[step]
        record, field = record[:1], record._fields[name]
        value = record[name]
        if field.type == "many2one":
            return value.display_name or "-"
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if value is False or value is None:
            return "-"
        return self._get_value_text(record, field, value)

    @api.model
    def _get_value_text(self, record, field, value):
        if field.type == "selection":
            return dict(field._description_selection(record.env)).get(value, value)
        if field.type == "date":
            return mark_day(value)
        if field.type == "datetime":
            return self._mark_datetime(record, field.name, value)
        return formatLang(record.env, value) if field.type in ("float", "monetary") else str(value)

    @api.model
    def _mark_datetime(self, record, name, value):
        """What was promised is a day, that of where it is delivered; everything else is a moment."""
        if name not in PROMISES:
            return mark_moment(value)
        has_place = isinstance(record, self.env.registry["visibility.promise.mixin"])
        return mark_day(local_day(value, record._get_visibility_zone() if has_place else record.env.context.get("tz")))
