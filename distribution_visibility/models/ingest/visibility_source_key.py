from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...lib.ingest.errors import ConfigurationError
from ...lib.ingest.verification import get_scheme


class VisibilitySourceKey(models.Model):
    """One secret of a source, encrypted, valid from a date until a date.

    Two keys that are valid at once are a rotation: the sender may sign with either.
    """

    _name = "visibility.source.key"
    _description = "Source key"
    _inherit = ["visibility.cached.mixin"]
    _order = "valid_from desc, id desc"
    _rec_name = "name"

    source_id = fields.Many2one("visibility.source", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="source_id.company_id", store=True, index=True)
    name = fields.Char("Key", required=True, default=lambda self: self.env._("Key"), help="To tell keys apart.")
    secret = fields.Char(
        compute="_compute_secret",
        inverse="_inverse_secret",
        copy=False,
        help="Written once and never shown again. It is stored encrypted.",
    )
    secret_encrypted = fields.Char(readonly=True, copy=False, groups="base.group_system")
    sealed_with = fields.Char(
        "Master key", readonly=True, copy=False, groups="base.group_system", help="Fingerprint of the master key."
    )
    has_secret = fields.Boolean("Secret is set", compute="_compute_has_secret")
    valid_from = fields.Datetime(default=fields.Datetime.now, required=True)
    valid_until = fields.Datetime(help="Empty: until it is replaced.")
    is_valid = fields.Boolean("Valid now", compute="_compute_is_valid")

    _dates_in_order = models.Constraint(
        "CHECK (valid_until IS NULL OR valid_until > valid_from)",
        "A key must be valid until a later time than it is valid from.",
    )

    def _compute_secret(self):
        self.secret = False

    def _inverse_secret(self):
        for key in self.filtered("secret"):
            key._check_new_secret(key.secret)
            key.sudo().write(self.env["visibility.vault"]._seal(key.secret))

    @api.autovacuum
    def _reseal(self):
        """After the master key was changed: encrypt again what an earlier master key had encrypted."""
        vault = self.env["visibility.vault"]
        stale = self.sudo().search([("sealed_with", "!=", vault._get_fingerprint()), ("secret_encrypted", "!=", False)])
        for key in stale:
            resealed = vault._reseal(key.secret_encrypted)
            if resealed:
                key.write(resealed)
        return len(stale), 0

    def _check_new_secret(self, secret):
        try:
            get_scheme(self.source_id.scheme, self.source_id._prepare_scheme_options()).check_secret(secret)
        except ConfigurationError as error:
            raise ValidationError(str(error)) from error

    @api.depends("secret_encrypted")
    def _compute_has_secret(self):
        for key in self:
            key.has_secret = bool(key.sudo().secret_encrypted)

    @api.depends("valid_from", "valid_until")
    def _compute_is_valid(self):
        now = fields.Datetime.now()
        for key in self:
            key.is_valid = key.valid_from <= now and not (key.valid_until and key.valid_until <= now)
