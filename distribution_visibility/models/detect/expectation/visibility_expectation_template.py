from ast import literal_eval
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ....lib.base.due_time import MOST_WIDENINGS, DueRule, OutOfHorizon, WorkingTime, get_due
from ....lib.detect.expectation.expectation_plan import ExpectationPlan
from ....lib.detect.expectation.expectation_vocabulary import (
    BASE_MODELS,
    BASES,
    FACT_MODELS,
    FACTS,
    TRIGGER_MODELS,
    TRIGGERS,
)
from ..exception.visibility_exception_category import SEVERITY

#: What a person's click looks at, so that it stays a matter of seconds.
MOST_DOCUMENTS = 2_000
RECENT = timedelta(days=30)


class VisibilityExpectationTemplate(models.Model):
    """What should happen with documents, and by when: one row of it is expected of each document that fits.

    Every process keeps templates in memory as plans, and the working time that due times are counted by.
    """

    _name = "visibility.expectation.template"
    _description = "Expectation template"
    _inherit = ["visibility.cached.mixin", "visibility.action.mixin"]
    _order = "sequence, id"
    _uncached_fields = frozenset({"sequence", "name", "note", "reason_template"})

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    note = fields.Text("Notes", translate=True)

    # Of what, and what
    trigger = fields.Selection(TRIGGERS, "When", required=True, default="order_confirmed")
    res_model = fields.Char("Document model", compute="_compute_res_model", store=True)
    domain = fields.Char("Only for", default="[]", help="Empty: for every document of this kind.")
    expects = fields.Selection(
        [("fact", "Something in Odoo"), ("milestone", "A milestone")], "What is expected", required=True, default="fact"
    )
    milestone_id = fields.Many2one(
        "visibility.milestone", ondelete="restrict", help="Reported by a carrier or supplier; a later one counts, too."
    )
    fact = fields.Selection(FACTS, "What")

    # By when
    base = fields.Selection(BASES, "Counted from", required=True, default="trigger")
    offset = fields.Float("Time", help="Zero: at that moment itself.")
    offset_unit = fields.Selection(
        [
            ("working_hours", "working hours"),
            ("working_days", "working days"),
            ("hours", "hours"),
            ("days", "days"),
        ],
        "Unit",
        required=True,
        default="working_hours",
    )
    offset_direction = fields.Selection(
        [("after", "after"), ("before", "before")], "Direction", required=True, default="after"
    )
    has_cut_off = fields.Boolean("Cut-off", help="Due at a time of day. What comes later counts for the next day.")
    cut_off = fields.Float("Time of day", default=17, help="24:00 is the end of the day.")
    calendar_source = fields.Selection(
        [
            ("warehouse", "The warehouse's"),
            ("company", "The company's"),
            ("named", "These"),
            ("none", "None: every hour counts"),
        ],
        "Working hours",
        required=True,
        default="warehouse",
    )
    calendar_id = fields.Many2one("resource.calendar", "Named working hours", ondelete="restrict")
    tz = fields.Selection(_tz_get, "Time zone", help="Empty: the warehouse's, else the company's.")
    grace_hours = fields.Float("Grace (hours)", help="So much longer before anybody is told.")

    # What happens when it is late
    category_id = fields.Many2one("visibility.exception.category", "Raises", required=True, ondelete="restrict")
    severity = fields.Selection(SEVERITY, help="Empty: the category's.")
    responsible_party = fields.Selection("_selection_responsible_party", "Responsible")

    open_count = fields.Integer("Open", compute="_compute_counts")
    overdue_count = fields.Integer("Overdue", compute="_compute_counts")

    _times_positive = models.Constraint(
        'CHECK ("offset" >= 0 AND grace_hours >= 0)', "Times are zero or more; say before or after beside them."
    )
    _cut_off_in_day = models.Constraint(
        "CHECK (cut_off >= 0 AND cut_off <= 24)", "The cut-off is between 0:00 and 24:00."
    )

    @api.model
    def _selection_responsible_party(self):
        return self.env["visibility.exception"]._fields["responsible_party"].selection

    # ------------------------------------------------------------------ seams for further documents
    @api.model
    def _get_trigger_models(self):
        """The model that each trigger is about. Extend it along with the selection of ``trigger``."""
        return TRIGGER_MODELS

    @api.model
    def _get_fact_models(self):
        """The models that each fact can be expected of. Extend it along with the selection of ``fact``."""
        return FACT_MODELS

    @api.model
    def _get_base_models(self):
        """The models that have each date to count from; the trigger itself is there for all."""
        return BASE_MODELS

    # ------------------------------------------------------------------ computes and constraints
    @api.depends("trigger")
    def _compute_res_model(self):
        models_by_trigger = self._get_trigger_models()
        for template in self:
            template.res_model = models_by_trigger.get(template.trigger)

    def _compute_counts(self):
        groups = self.env["visibility.expectation"]._read_group(
            [("template_id", "in", self.ids), ("state", "in", ("open", "overdue"))],
            ["template_id", "state"],
            ["__count"],
        )
        found = {(template.id, state): count for template, state, count in groups}
        for template in self:
            template.open_count = found.get((template.id, "open"), 0)
            template.overdue_count = found.get((template.id, "overdue"), 0)

    @api.constrains("trigger", "expects", "fact", "milestone_id")
    def _check_expected(self):
        for template in self:
            if template.expects == "milestone" and not template.milestone_id:
                raise ValidationError(self.env._("Choose the milestone that is expected."))
            if template.expects == "fact" and not template.fact:
                raise ValidationError(self.env._("Choose what is expected."))
            fact = template.fact if template.expects == "fact" else False
            if fact and template.res_model not in self._get_fact_models().get(fact, ()):
                raise ValidationError(
                    self.env._("“%(fact)s” cannot be expected of this document.", fact=template._label("fact"))
                )
            if template.expects == "milestone" and template.res_model == "account.move":
                raise ValidationError(self.env._("Milestones cannot be expected of an invoice."))

    @api.constrains("trigger", "base")
    def _check_base(self):
        for template in self.filtered(lambda one: one.base != "trigger"):
            if template.res_model not in self._get_base_models().get(template.base, ()):
                raise ValidationError(self.env._("This document has no “%(date)s”.", date=template._label("base")))

    @api.constrains("offset", "offset_unit", "calendar_source", "calendar_id")
    def _check_time(self):
        for template in self:
            if template.offset_unit.endswith("days") and template.offset % 1:
                raise ValidationError(self.env._("Days are whole days; give parts of a day in hours."))
            if template.calendar_source == "named" and not template.calendar_id:
                raise ValidationError(self.env._("Choose the working hours that count."))

    @api.constrains("domain", "trigger")
    def _check_domain(self):
        for template in self:
            try:
                domain = Domain(template._parse_domain())
                self.env[template.res_model].search(domain, limit=1)
            except Exception as error:
                raise ValidationError(self.env._("The filter “Only for” cannot be used on this document.")) from error

    def _parse_domain(self):
        return literal_eval(self.domain or "[]")

    @api.onchange("trigger")
    def _onchange_trigger(self):
        """A filter for another document, or a fact that this one cannot have, is of no use."""
        self.domain = "[]"
        if self.fact and self.res_model not in self._get_fact_models().get(self.fact, ()):
            self.fact = False
        if self.base != "trigger" and self.res_model not in self._get_base_models().get(self.base, ()):
            self.base = "trigger"

    # ------------------------------------------------------------------ changes
    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            self._cancel_live()
        return result

    def _cancel_live(self):
        """What an archived template expected is not expected any more: one statement for what is only open."""
        rows = self.env["visibility.expectation"].sudo()
        rows.search([("template_id", "in", self.ids), ("state", "=", "overdue")])._cancel(
            self.env._("Its template was archived.")
        )
        rows.flush_model()
        self.env.cr.execute(
            "UPDATE visibility_expectation SET state = 'cancelled', cancel_reason = %s, write_date = %s"
            " WHERE template_id IN %s AND state = 'open'",
            (self.env._("Its template was archived."), fields.Datetime.now(), self._ids or (0,)),
        )
        rows.invalidate_model(["state", "cancel_reason"])

    def _remove_with_expectations(self):
        """For ``ondelete`` of added triggers and facts: nothing is left of what an add-on expected."""
        self.env["visibility.expectation"].search([("template_id", "in", self.ids)]).unlink()
        self.unlink()

    # ------------------------------------------------------------------ plans
    @api.model
    @tools.ormcache("model")
    def _get_plans(self, model):
        """The plans for documents of a model, or for their lines. Any change of a template forgets them."""
        templates = self.sudo().search([("res_model", "in", [model, f"{model}.line"])])
        return tuple(template._get_plan() for template in templates)

    def _get_plan(self):
        milestone = self.milestone_id if self.expects == "milestone" else self.milestone_id.browse()
        return ExpectationPlan(
            template_id=self._origin.id or 0,
            company_id=self.company_id.id or 0,
            res_model=self.res_model,
            trigger=self.trigger,
            domain=tuple(self._parse_domain()),
            base=self.base,
            rule=self._get_due_rule(),
            fact=(self.fact or "") if self.expects == "fact" else "",
            milestone_id=milestone.id or 0,
            milestone_rank=milestone.rank,
            is_milestone_main=milestone.branch == "main",
            calendar_source=self.calendar_source,
            calendar_id=self.calendar_id.id or 0,
            zone=self.tz or "",
        )

    def _get_due_rule(self):
        return DueRule(
            amount=self.offset,
            unit=self.offset_unit,
            is_before=self.offset_direction == "before",
            cut_off=self.cut_off if self.has_cut_off else None,
            grace_hours=self.grace_hours,
        )

    # ------------------------------------------------------------------ due times
    @api.model
    def _get_due_times(self, wanted):
        """When each is due (naive UTC). Working time is read once for each calendar.

        :param wanted: list of (plan, document or line, base), the base in naive UTC
        :return: dict of the same triples to due times
        """
        groups = {}
        for item in wanted:
            plan, part, _base = item
            calendar, company = self._get_calendar(plan, part), part.company_id or self.env.company
            zone = self._get_plan_zone(plan, part)
            key = (calendar if plan.rule.needs_working_time() else calendar.browse(), company, zone)
            groups.setdefault(key, []).append(item)
        due = {}
        for key, items in groups.items():
            due.update(self._get_due_of(*key, items))
        return due

    @api.model
    def _get_due_of(self, calendar, company, zone, items):
        first = min(base - plan.rule.get_span() for plan, _part, base in items)
        last = max(base + plan.rule.get_span() for plan, _part, base in items)
        for _widening in range(MOST_WIDENINGS):
            working = calendar._get_visibility_working_time(company, zone, first, last)
            try:
                return {item: get_due(item[2], item[0].rule, working) for item in items}
            except OutOfHorizon:
                first, last = first - (last - first), last + (last - first)
        return {item: get_due(item[2], item[0].rule, WorkingTime(zone)) for item in items}

    @api.model
    def _get_calendar(self, plan, part):
        """The working hours that count for a document; none means that every hour does."""
        calendars = self.env["resource.calendar"]
        if plan.calendar_source == "named":
            return calendars.browse(plan.calendar_id)
        if plan.calendar_source == "none":
            return calendars
        warehouse = part._get_expected_warehouse() if plan.calendar_source == "warehouse" else None
        company = part.company_id or self.env.company
        return (warehouse and warehouse.visibility_calendar_id) or company.resource_calendar_id

    @api.model
    def _get_plan_zone(self, plan, part):
        """The time zone of the wall clock that a plan counts by: a promised delivery's is the customer's."""
        if plan.zone or plan.calendar_source == "named":
            return plan.zone or self.env["resource.calendar"].browse(plan.calendar_id).tz
        return part._get_visibility_zone() if plan.is_promised_delivery else self._get_zone(part)

    @api.model
    def _get_zone(self, part):
        """The time zone of a document's wall clock: its warehouse's, else its company's."""
        place = part._get_expected_warehouse() or part.company_id or self.env.company
        return place._get_visibility_zone()

    # ------------------------------------------------------------------ buttons
    def action_open_expectations(self):
        return self._open_of_state("open")

    def action_open_overdue(self):
        return self._open_of_state("overdue")

    def _open_of_state(self, state):
        return self._open_action(
            "distribution_visibility.visibility_expectation_action",
            domain=[("template_id", "in", self.ids)],
            context={f"search_default_{state}": 1},
        )

    def action_apply(self):
        """Count the due times of open expectations again, and add what is missing on recent documents."""
        self.ensure_one()
        rows = self.env["visibility.expectation"].sudo()
        count = rows._apply_template(self.sudo())
        return self._say(self.env._("%(count)s document(s) looked at.", count=count))

    def action_preview(self):
        """What this would expect of the latest documents, without doing it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What would this expect now?"),
            "res_model": "visibility.expectation.preview",
            "view_mode": "form",
            "target": "new",
            "context": {"default_template_id": self.id},
        }

    def _get_recent_documents(self, limit):
        """Documents that this template is about, touched lately, the latest first."""
        parts = self.env[self.res_model]
        domain = [("write_date", ">", fields.Datetime.now() - RECENT), *self._parse_domain()]
        if self.company_id:
            domain.append(("company_id", "=", self.company_id.id))
        return parts.search(domain, limit=max(limit, 0), order="id desc")._get_expectation_document()
