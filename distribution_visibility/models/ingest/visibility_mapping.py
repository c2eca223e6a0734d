import json

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from pydantic import ValidationError as InvalidMapping

from ...lib.ingest.adapters.declarative_fields import FIELDS, LINE_FIELDS
from ...lib.ingest.adapters.declarative_mapping import DeclarativeMapping
from ...lib.ingest.canonical import EVENT_TYPES


class VisibilityMapping(models.Model):
    """How a sender's own JSON is read, in JMESPath expressions (jmespath.org) that a person can edit."""

    _name = "visibility.mapping"
    _description = "Declarative mapping"
    _inherit = ["visibility.cached.mixin"]
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    event_type = fields.Selection("_selection_event_type", required=True, default="shipment.milestone")
    events = fields.Char(
        "Events are at", help="Expression for the list of events in a body. Empty: the body is one event, or a list."
    )
    event_id = fields.Char("Event's id", help="Expression for the id that stays the same when an event is sent again.")
    is_test = fields.Char("Test marker", help="Expression that is true for test events.")
    vocabulary = fields.Char("Code list", help="Under which name this sender's codes stand in the code map.")
    time_zone = fields.Char("Time zone", help="Of times without offset, for example Europe/Berlin.")
    time_format = fields.Char("Time format", help="Empty for ISO 8601; epoch; or for example %d.%m.%Y %H:%M.")
    lines = fields.Char("Lines are at", help="For order responses and despatch advices: expression for the lines.")
    field_ids = fields.One2many("visibility.mapping.field", "mapping_id", "Fields", copy=True)
    source_ids = fields.One2many("visibility.source", "mapping_id", "Used by", readonly=True)
    sample_message_id = fields.Many2one(
        "visibility.inbox.message", "Try it on", help="A stored message to see the result on before saving."
    )
    sample_body = fields.Text("Or on this body", help="Paste an example body here.")
    preview = fields.Html(compute="_compute_preview", sanitize=False, help="What each expression gives.")
    problems = fields.Text(compute="_compute_preview")

    @api.model
    def _selection_event_type(self):
        return [(name, name) for name in EVENT_TYPES]

    # ------------------------------------------------------------------ to plain Python
    def _prepare_mapping(self):
        """The :class:`DeclarativeMapping` of what stands in the form; an empty one when that cannot be one."""
        try:
            return self._build_mapping()
        except InvalidMapping:
            return DeclarativeMapping(fields={})

    def _build_mapping(self):
        """:raises pydantic.ValidationError: when something in the form cannot be, such as too long a text."""
        head = self.field_ids.filtered(lambda row: not row.is_line_field)
        return DeclarativeMapping(
            events=self.events or "",
            type=self.event_type or "shipment.milestone",
            fields={row.field_name: row.expression or "" for row in head if row.field_name},
            lines=self.lines or "",
            line_fields={row.field_name: row.expression or "" for row in self.field_ids - head if row.field_name},
            vocabulary=self.vocabulary or "",
            id=self.event_id or "",
            is_test=self.is_test or "",
            time_zone=self.time_zone or "",
            time_format=self.time_format or "",
        )

    def _get_problems(self):
        """What has to be mended, one sentence each."""
        try:
            return self._build_mapping().validate()
        except InvalidMapping as error:
            return [f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors()]

    # ------------------------------------------------------------------ trying it
    @api.depends(
        "event_type", "events", "event_id", "is_test", "vocabulary", "time_zone", "time_format", "lines",
        "field_ids.field_name", "field_ids.expression", "field_ids.is_line_field", "sample_message_id", "sample_body",
    )  # fmt: skip
    def _compute_preview(self):
        for mapping in self:
            problems = mapping._get_problems()
            mapping.problems = "\n".join(problems) or False
            mapping.preview = mapping._render_preview()

    def _render_preview(self):
        text = self.sample_body or self.sample_message_id.body
        if not text:
            return False
        try:
            rows = self._prepare_mapping().preview(json.loads(text))
        except ValueError as error:
            return Markup("<p class='text-danger'>%s</p>") % self.env._("This is not JSON: %s", error)
        return Markup("<table class='table table-sm'>%s</table>") % Markup("").join(map(self._render_row, rows))

    @api.model
    def _render_row(self, row):
        tone = Markup("text-danger") if row.problem else Markup("")
        return Markup("<tr class='%s'><td>%s</td><td><code>%s</code></td><td>%s</td></tr>") % (
            tone,
            row.field,
            row.expression or "",
            row.problem or ("" if row.value is None else str(row.value)),
        )

    # ------------------------------------------------------------------ keeping it right
    @api.constrains("event_type", "events", "event_id", "is_test", "vocabulary", "time_zone", "time_format", "lines")
    def _check_mapping(self):
        for mapping in self.filtered("field_ids"):
            problems = mapping._get_problems()
            if problems:
                raise ValidationError(problems[0])


class VisibilityMappingField(models.Model):
    """One field of the canonical event, and the expression that finds it."""

    _name = "visibility.mapping.field"
    _description = "Field of a declarative mapping"
    _inherit = ["visibility.cached.mixin"]
    _order = "is_line_field, sequence, id"
    _rec_name = "field_name"

    mapping_id = fields.Many2one("visibility.mapping", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    is_line_field = fields.Boolean("In lines")
    field_name = fields.Selection("_selection_field_name", "Field", required=True)
    expression = fields.Char(required=True, help="JMESPath, for example shipment.events[0].code")

    _once = models.UniqueIndex("(mapping_id, is_line_field, field_name)", "A field can be mapped only once.")

    @api.model
    def _selection_field_name(self):
        names = {name: None for known in (*FIELDS.values(), *LINE_FIELDS.values()) for name in known}
        return [(name, name) for name in names]

    @api.constrains("field_name", "expression", "is_line_field")
    def _check_expression(self):
        self.mapping_id._check_mapping()

    def unlink(self):
        mappings = self.mapping_id
        result = super().unlink()
        mappings._check_mapping()
        return result
