from odoo import api, fields, models


class VisibilityDecision(models.Model):
    """How long people wait for decisions."""

    _inherit = "visibility.decision"

    waiting_hours = fields.Float(
        "Decided after (hours)",
        compute="_compute_waiting_hours",
        store=True,
        aggregator="avg",
        help="From the request to the decision, by the clock.",
    )

    @api.depends("requested_at", "decided_at")
    def _compute_waiting_hours(self):
        for decision in self:
            is_decided = decision.requested_at and decision.decided_at
            waited = decision.decided_at - decision.requested_at if is_decided else None
            decision.waiting_hours = waited.total_seconds() / 3600 if waited else 0
