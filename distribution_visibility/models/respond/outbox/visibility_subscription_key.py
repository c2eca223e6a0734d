from odoo import fields, models
from odoo.exceptions import ValidationError

from ....lib.base.errors import ConfigurationError
from ....lib.ingest.verification.standard_webhooks import StandardWebhooks


class VisibilitySubscriptionKey(models.Model):
    """One key that events of a subscription are signed with. Two that are valid both sign: a rotation."""

    _name = "visibility.subscription.key"
    _description = "Key of a subscription"
    _inherit = ["visibility.key.mixin"]

    subscription_id = fields.Many2one("visibility.subscription", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)

    _dates_in_order = models.Constraint(
        "CHECK (valid_until IS NULL OR valid_until > valid_from)",
        "A key must be valid until a later time than it is valid from.",
    )

    def _check_new_secret(self, secret):
        try:
            StandardWebhooks().check_secret(secret)
        except ConfigurationError as error:
            raise ValidationError(str(error)) from error
