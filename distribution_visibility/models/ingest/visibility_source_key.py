from odoo import fields, models
from odoo.exceptions import ValidationError

from ...lib.base.errors import ConfigurationError
from ...lib.ingest.verification import get_scheme


class VisibilitySourceKey(models.Model):
    """One secret of a source, encrypted, valid from a date until a date.

    Two keys that are valid at once are a rotation: the sender may sign with either.
    """

    _name = "visibility.source.key"
    _description = "Source key"
    _inherit = ["visibility.key.mixin"]

    source_id = fields.Many2one("visibility.source", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="source_id.company_id", store=True, index=True)

    _dates_in_order = models.Constraint(
        "CHECK (valid_until IS NULL OR valid_until > valid_from)",
        "A key must be valid until a later time than it is valid from.",
    )

    def _check_new_secret(self, secret):
        try:
            get_scheme(self.source_id.scheme, self.source_id._prepare_scheme_options()).check_secret(secret)
        except ConfigurationError as error:
            raise ValidationError(str(error)) from error
