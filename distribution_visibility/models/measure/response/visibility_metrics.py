from odoo import api, models

from ....lib.respond.ownership.assignment import UNOWNED


class VisibilityMetrics(models.AbstractModel):
    """What automations did, and whether the log of responses holds."""

    _inherit = "visibility.metrics"

    @api.model
    def _get_families(self):
        return [*super()._get_families(), *self._get_action_gauges()]

    @api.model
    def _get_action_gauges(self):
        runs = self.env["visibility.action.run"].sudo()
        recent = [("occurred_at", ">", runs._since(days=1)), ("automation_id", "!=", False)]
        counts, succeeded = {}, {}
        for automation, result, count in runs._read_group(recent, ["automation_id", "result"], ["record_count:sum"]):
            counts[(self._get_automation_label(automation), result)] = count
            if result in ("done", "failed"):
                done, total = succeeded.get(automation, (0, 0))
                succeeded[automation] = (done + count * (result == "done"), total + count)
        failures = runs._read_group(
            [("result", "=", "failed"), ("automation_id", "!=", False)], ["automation_id"], ["occurred_at:max"]
        )
        return [
            self._gauge(
                "visibility_automation_records_last_day",
                "Records that governed automations looked at within a day, by result.",
                counts,
                ["automation", "result"],
            ),
            self._gauge(
                "visibility_automation_success_ratio_last_day",
                "Of what governed automations did within a day, how much succeeded.",
                {(self._get_automation_label(one),): done / total for one, (done, total) in succeeded.items() if total},
                ["automation"],
            ),
            self._gauge(
                "visibility_automation_last_failure_timestamp_seconds",
                "When a governed automation last failed.",
                {(self._get_automation_label(one),): self._get_timestamp(at) for one, at in failures},
                ["automation"],
            ),
            self._gauge(
                "visibility_responses_waiting",
                "Responses that wait for a person's answer.",
                self._count("visibility.action.run", [("status", "=", "open")]),
            ),
            self._gauge(
                "visibility_exceptions_unowned",
                "Open exceptions that went to a fallback because nobody was there for them.",
                self._count("visibility.exception", [("is_open", "=", True), ("owner_source", "in", UNOWNED)]),
            ),
            self._gauge(
                "visibility_action_log_broken",
                "1 where the log of responses of a company was changed.",
                {
                    (str(chain.company_id.id),): int(chain.state == "broken")
                    for chain in self.env["visibility.action.chain"].sudo().search([("head_sequence", ">", 0)])
                },
                ["company"],
            ),
        ]

    @api.model
    def _get_automation_label(self, automation):
        """Its id and its name in English, so that a label stays what it is in any language."""
        return f"{automation.id} {automation.with_context(lang='en_US').name}"
