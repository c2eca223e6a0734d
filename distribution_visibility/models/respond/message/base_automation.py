from odoo import api, models
from odoo.exceptions import ValidationError


class BaseAutomation(models.Model):
    """What tells somebody outside is not of low risk."""

    _inherit = "base.automation"

    @api.model
    def _get_governed_models(self):
        # Drafts are few, and each is written a handful of times
        return [*super()._get_governed_models(), "visibility.message"]

    @api.constrains("is_governed", "active", "risk_class", "action_server_ids", "is_test_mode")
    def _check_telling(self):
        for automation in self.filtered(lambda one: one.is_governed and one.active):
            if automation.risk_class == "low" and automation.action_server_ids._tells_outside():
                raise ValidationError(
                    self.env._("“%s” tells somebody outside: its risk is medium at least.", automation.name)
                )
