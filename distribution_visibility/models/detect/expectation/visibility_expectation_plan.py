from datetime import datetime, time, timedelta, timezone

from odoo import api, models, tools

from ....lib.base.due_time import DueRule, OutOfHorizon, WorkingTime, get_due
from ....lib.detect.expectation.expectation_plan import ExpectationPlan

# Working hours that are so sparse are no working hours.
MOST_WIDENINGS = 3


class VisibilityExpectationTemplate(models.Model):
    """Templates as plans that every process keeps in memory, and the due times that they give."""

    _inherit = "visibility.expectation.template"

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
            calendar = self._get_calendar(plan, part)
            zone = plan.zone or (calendar.tz if plan.calendar_source == "named" else self._get_zone(part))
            key = (calendar.id if plan.rule.needs_working_time() else False, zone)
            groups.setdefault(key, []).append(item)
        due = {}
        for (calendar_id, zone), items in groups.items():
            due.update(self._get_due_of(self.env["resource.calendar"].browse(calendar_id or ()), zone, items))
        return due

    @api.model
    def _get_due_of(self, calendar, zone, items):
        first = min(base - plan.rule.get_span() for plan, _part, base in items)
        last = max(base + plan.rule.get_span() for plan, _part, base in items)
        for _widening in range(MOST_WIDENINGS):
            working = self._get_working_time(calendar, zone, first, last)
            try:
                return {item: get_due(item[2], item[0].rule, working) for item in items}
            except OutOfHorizon:
                first, last = first - (last - first), last + (last - first)
        return {item: get_due(item[2], item[0].rule, WorkingTime(zone)) for item in items}

    @api.model
    def _get_working_time(self, calendar, zone, first, last):
        """Working time by whole months, so that most documents of a day need the same, which is in memory."""
        if not calendar:
            return WorkingTime(zone)
        end = (last.replace(day=1) + timedelta(days=32)).replace(day=1)
        return self._read_working_time(calendar.id, zone, first.date().replace(day=1), end.date())

    @api.model
    @tools.ormcache("calendar_id", "zone", "first", "last")
    def _read_working_time(self, calendar_id, zone, first, last):
        """The working time from one day to another. Any change of working hours or holidays forgets it."""
        begin, end = (datetime.combine(day, time.min, timezone.utc) for day in (first, last))
        calendar = self.env["resource.calendar"].sudo().browse(calendar_id)
        intervals = calendar._work_intervals_batch(begin, end)[False]
        return WorkingTime(
            zone, [(one.astimezone(timezone.utc), two.astimezone(timezone.utc)) for one, two, _ in intervals]
        )

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
    def _get_zone(self, part):
        """The time zone of a document's wall clock: its warehouse's, else its company's."""
        warehouse, company = part._get_expected_warehouse(), part.company_id or self.env.company
        return (
            warehouse.visibility_calendar_id.tz
            or warehouse.partner_id.tz
            or company.resource_calendar_id.tz
            or company.partner_id.tz
            or "UTC"
        )
