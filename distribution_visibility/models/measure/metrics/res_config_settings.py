from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...base.parameters import NUMBERS, PREFIX

#: What the form asks for; the others are system parameters.
ASKED = [name for name in NUMBERS if name != "rescue_after_seconds"]


def _number(name, string, **options):
    return fields.Integer(string, config_parameter=PREFIX + name, default=NUMBERS[name][0], **options)


class ResConfigSettings(models.TransientModel):
    """The settings of this suite, among Odoo's own."""

    _inherit = "res.config.settings"

    visibility_payload_retention_days = _number("payload_retention_days", "Keep payloads for (days)")
    visibility_rule_run_retention_days = _number("rule_run_retention_days", "Keep runs of rules for (days)")
    visibility_key_retention_days = _number("key_retention_days", "Keep ids and outcomes for (further days)")
    visibility_dead_letter_alarm = _number("dead_letter_alarm", "Dead letters of a source that raise an alarm")
    visibility_stalled_minutes = _number("stalled_minutes", "A queue is stalled after (minutes)")
    visibility_max_backlog = _number("max_backlog", "Most messages that may wait")
    # Not a column: what is typed here is sealed at once, and never comes back.
    visibility_metrics_token = fields.Char(
        "Metrics token", compute="_compute_visibility_metrics_token", inverse="_inverse_visibility_metrics_token"
    )
    visibility_metrics_token_is_set = fields.Boolean(compute="_compute_visibility_metrics_token")

    def _compute_visibility_metrics_token(self):
        self.visibility_metrics_token = False
        self.visibility_metrics_token_is_set = self.env["visibility.metrics"]._has_token()

    def _inverse_visibility_metrics_token(self):
        for settings in self.filtered("visibility_metrics_token"):
            self.env["visibility.metrics"]._set_token(settings.visibility_metrics_token)

    @api.constrains(*(f"visibility_{name}" for name in ASKED))
    def _check_visibility_numbers(self):
        for settings in self:
            for name in ASKED:
                _default, least = NUMBERS[name]
                field = self._fields[f"visibility_{name}"]
                if settings[field.name] < least:
                    label = field._description_string(self.env)
                    raise ValidationError(self.env._("%(setting)s: at least %(least)s.", setting=label, least=least))

    def action_visibility_generate_token(self):
        return self._open_action("distribution_visibility.visibility_token_wizard_action")

    def action_visibility_revoke_token(self):
        self.env["visibility.metrics"]._set_token("")
        return {"type": "ir.actions.client", "tag": "reload"}
