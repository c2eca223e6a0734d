from odoo import api, fields, models


class VisibilityEscalationStep(models.Model):
    """That an exception was raised to a level: when, how long after it opened, to whom, with which result."""

    _name = "visibility.escalation.step"
    _description = "Escalation step"
    _inherit = ["visibility.evidence.mixin", "visibility.average.mixin"]
    _order = "id desc"
    _rec_name = "exception_id"

    exception_id = fields.Many2one("visibility.exception", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="exception_id.company_id", store=True, index=True)
    category_id = fields.Many2one(related="exception_id.category_id", store=True)
    policy_id = fields.Many2one("visibility.escalation.policy", readonly=True, ondelete="set null")
    level = fields.Integer(readonly=True, aggregator="max")
    action = fields.Selection(
        selection=lambda self: self.env["visibility.escalation.level"]._fields["action"].selection, readonly=True
    )
    user_ids = fields.Many2many("res.users", string="Whom", readonly=True)
    due_at = fields.Datetime("Due", readonly=True)
    taken_at = fields.Datetime("Taken", readonly=True, required=True, default=fields.Datetime.now)
    hours_to_level = fields.Float(
        "Hours to the level", compute="_compute_hours", store=True, aggregator="avg", help="Since the exception opened."
    )
    hours_late = fields.Float(
        "Hours late",
        compute="_compute_hours",
        store=True,
        aggregator="avg",
        averaged_over="due_at",
        help="Between due and taken.",
    )

    @api.depends("taken_at", "due_at", "exception_id.first_seen_at")
    def _compute_hours(self):
        for step in self:
            opened = step.exception_id.create_date or step.taken_at
            step.hours_to_level = (step.taken_at - opened).total_seconds() / 3600
            step.hours_late = (step.taken_at - step.due_at).total_seconds() / 3600 if step.due_at else 0
