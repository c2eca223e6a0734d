from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...detect.exception.visibility_exception import SEVERITY_RANK
from ...detect.exception.visibility_exception_category import SEVERITY


class VisibilityEscalationPolicy(models.Model):
    """What happens when nobody responds: level by level, each with its own time."""

    _name = "visibility.escalation.policy"
    _description = "Escalation policy"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: of all companies.")
    category_ids = fields.Many2many(
        "visibility.exception.category", string="Categories", help="Empty: all that no other policy names."
    )
    severity = fields.Selection(SEVERITY, "From severity", required=True, default="warning")
    starts_at = fields.Selection(
        [("opened", "The exception opened"), ("deadline", "The deadline to respond passed")],
        "Time runs from when",
        required=True,
        default="deadline",
    )
    stops_on_acknowledge = fields.Boolean(
        "Stops when acknowledged",
        default=True,
        tracking=True,
        help="Somebody said that they have seen it. Off: goes on until the exception is closed.",
    )
    level_ids = fields.One2many("visibility.escalation.level", "policy_id", "Levels", copy=True)
    level_count = fields.Integer("Number of levels", compute="_compute_level_count")

    @api.depends("level_ids")
    def _compute_level_count(self):
        for policy in self:
            policy.level_count = len(policy.level_ids)

    @api.constrains("active", "level_ids")
    def _check_levels(self):
        for policy in self:
            if policy.active and not policy.level_ids:
                raise ValidationError(self.env._("“%s” needs at least one level.", policy.name))

    # ------------------------------------------------------------------ which, and when
    def _pick(self, exception):
        """Of these policies the one that fits an exception best; empty when none does."""
        fitting = self.filtered(lambda policy: policy._fits(exception))
        return fitting.sorted(lambda one: (not one.category_ids, not one.company_id, one.sequence, one.id))[:1]

    def _fits(self, exception):
        return (
            (not self.category_ids or exception.category_id in self.category_ids)
            and (not self.company_id or self.company_id == exception.company_id)
            and exception.severity_rank >= SEVERITY_RANK[self.severity]
        )

    def _get_level(self, number):
        """The level with this number, from 1; empty behind the last one."""
        return self.level_ids.sorted(lambda level: (level.sequence, level.id))[number - 1 : number]

    @api.model
    def _plan(self, company, start, hours, cache):
        """A moment (naive UTC) plus working hours of a company; worked out once for the same question."""
        key = (company.id, start, hours)
        if key not in cache:
            cache[key] = company.resource_calendar_id._plan_visibility_hours(hours, start, company)
        return cache[key]
