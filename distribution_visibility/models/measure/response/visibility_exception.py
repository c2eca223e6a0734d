from odoo import api, fields, models


class VisibilityException(models.Model):
    """How well exceptions are handled, in numbers that can be grouped."""

    _inherit = "visibility.exception"

    hours_to_close = fields.Float(
        "Hours to close",
        compute="_compute_hours_to_close",
        store=True,
        aggregator="avg",
        averaged_over="closed_at",
        help="From when it was opened here to when it was closed. Empty while it is open.",
    )
    is_closed_in_time = fields.Boolean("Closed in time", compute="_compute_hours_to_close", store=True)

    @api.depends("closed_at", "deadline")
    def _compute_hours_to_close(self):
        for exception in self:
            closed, opened = exception.closed_at, exception.create_date
            exception.hours_to_close = (closed - opened).total_seconds() / 3600 if closed and opened else 0
            exception.is_closed_in_time = bool(closed and exception.deadline and closed <= exception.deadline)
