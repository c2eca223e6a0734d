from odoo import api, fields, models

from ....models.base.words.told import tell_day, tell_moment

MOST_SAMPLES = 12


class VisibilityExpectationPreview(models.TransientModel):
    """What a template would expect of the latest documents that it is about. Nothing is written."""

    _name = "visibility.expectation.preview"
    _description = "What would this expect now?"

    template_id = fields.Many2one("visibility.expectation.template", required=True, readonly=True)
    line_ids = fields.One2many("visibility.expectation.preview.line", "preview_id", readonly=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        template = self.env["visibility.expectation.template"].browse(values.get("template_id"))
        if template:
            values["line_ids"] = [fields.Command.create(line) for line in self._prepare_lines(template)]
        return values

    @api.model
    def _prepare_lines(self, template):
        """One line a document: only such as the person may read."""
        samples = self.env[template.res_model].search(template._parse_domain(), limit=MOST_SAMPLES, order="id desc")
        plan = template.sudo()._get_plan()
        rows = self.env["visibility.expectation"].sudo()
        bases = {part: self._get_base(rows, plan, part) for part in samples.sudo()}
        due = template.sudo()._get_due_times([(plan, part, base) for part, base in bases.items() if base])
        return [self._prepare_line(rows, plan, part, base, due) for part, base in bases.items()]

    @api.model
    def _get_base(self, rows, plan, part):
        triggers = {} if part._get_expected_end() else part._get_expected_triggers()
        holds = plan.trigger in triggers
        return rows._get_base(plan, part, triggers[plan.trigger]) if holds else False

    @api.model
    def _prepare_line(self, rows, plan, part, base, due):
        due_at = base and due[plan, part, base]
        reached = rows._get_reached(plan, part) if base else None
        return {
            "name": self._get_name(part),
            "base_at": base,
            "due_at": due_at,
            "local_due": due_at and self._format(plan, part, due_at),
            "state": self._get_state(plan, base, due_at, reached),
        }

    @api.model
    def _get_name(self, part):
        document = part._get_expectation_document()
        return document.display_name if document == part else f"{document.display_name}: {part.display_name}"

    @api.model
    def _format(self, plan, part, moment):
        zone = self.env["visibility.expectation.template"]._get_plan_zone(plan, part)
        day = self.env["visibility.expectation"]._get_due_day(plan, moment, zone)
        told = tell_day(self.env, day) if day else tell_moment(self.env, moment, zone)
        return f"{told} ({zone})"

    @api.model
    def _get_state(self, plan, base, due_at, reached):
        if not base:
            return self.env._("Not yet, or not any more")
        if reached and not plan.recurs:
            return reached.sentence or self.env._("Met already")
        is_overdue = plan.rule.get_tell_at(due_at) <= fields.Datetime.now()
        return self.env._("Overdue") if is_overdue else self.env._("Expected")


class VisibilityExpectationPreviewLine(models.TransientModel):
    _name = "visibility.expectation.preview.line"
    _description = "What would this expect of a document?"

    preview_id = fields.Many2one("visibility.expectation.preview", required=True, ondelete="cascade")
    name = fields.Char("Document", readonly=True)
    base_at = fields.Datetime("Counted from", readonly=True)
    due_at = fields.Datetime("Due", readonly=True)
    local_due = fields.Char("Due, on the wall clock that counts", readonly=True)
    state = fields.Char("Now", readonly=True)
