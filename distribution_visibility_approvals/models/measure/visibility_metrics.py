from odoo import api, models


class VisibilityMetrics(models.AbstractModel):
    """How many decisions wait, and how long people waited for those that were made."""

    _inherit = "visibility.metrics"

    @api.model
    def _get_families(self):
        return [*super()._get_families(), *self._get_decision_gauges()]

    @api.model
    def _get_decision_gauges(self):
        decisions = self.env["visibility.decision"].sudo()
        since = self.env["visibility.action.run"]._since(days=30)
        decided = [("state", "in", ("approved", "rejected")), ("decided_at", ">=", since)]
        hours = decisions._read_group(decided, ["kind", "state"], ["waiting_hours:avg"])
        waiting = decisions._read_group([("state", "=", "requested")], ["kind"], ["__count"])
        return [
            self._gauge(
                "visibility_decisions_waiting",
                "Decisions that were requested and are not made yet.",
                {(kind,): count for kind, count in waiting},
                ["kind"],
            ),
            self._gauge(
                "visibility_decision_seconds_average_last_30_days",
                "From the request to the decision, of those that were made within 30 days.",
                {(kind, state): average * 3600 for kind, state, average in hours},
                ["kind", "outcome"],
            ),
        ]
