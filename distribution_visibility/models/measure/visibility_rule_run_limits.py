from odoo import api, models

from ..base.parameters import get_number


class VisibilityRuleRun(models.Model):
    """How long runs of rules are kept, as Settings say it."""

    _inherit = "visibility.rule.run"

    @api.model
    def _get_days_kept(self):
        return get_number(self.env, "rule_run_retention_days")
