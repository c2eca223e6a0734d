from odoo import api, fields, models


class VisibilityKeyMixin(models.AbstractModel):
    """One secret, encrypted, valid from a date until a date. Two that are valid at once are a rotation."""

    _name = "visibility.key.mixin"
    _description = "Key"
    _inherit = ["visibility.cached.mixin"]
    _order = "valid_from desc, id desc"
    _rec_name = "name"

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

    def _check_new_secret(self, secret):
        """:raises ValidationError: when the secret cannot be used, with the reason."""
        raise NotImplementedError

    def _compute_secret(self):
        self.secret = False

    def _inverse_secret(self):
        for key in self.filtered("secret"):
            key._take_secret(key.secret)

    def set_secret(self, secret):
        """Take a secret, for whoever may change the key. What is written of records may be kept by others in plain
        text, as OCA's ``auditlog`` does; what a method is given is not.

        :raises ValidationError: when the secret cannot be used, with the reason
        """
        self.ensure_one()
        self.check_access("write")
        self._take_secret(secret)

    def _take_secret(self, secret):
        self._check_new_secret(secret)
        self.sudo().write(self.env["visibility.vault"]._seal(secret))

    @api.model
    def _reseal_all(self):
        """Encrypt keys of every kind again, as far as an earlier master key had encrypted them."""
        for name in self.env.registry.descendants([self._name], "_inherit"):
            self.env[name].sudo()._reseal()

    @api.autovacuum
    def _reseal(self):
        """After the master key was changed: encrypt again what an earlier master key had encrypted."""
        if self._abstract:
            return 0, 0
        vault = self.env["visibility.vault"]
        stale = self.sudo().search([("sealed_with", "!=", vault._get_fingerprint()), ("secret_encrypted", "!=", False)])
        for key in stale:
            resealed = vault._reseal(key.secret_encrypted)
            if resealed:
                key.write(resealed)
        return len(stale), 0

    @api.depends("secret_encrypted")
    def _compute_has_secret(self):
        for key in self:
            key.has_secret = bool(key.sudo().secret_encrypted)

    @api.depends("valid_from", "valid_until")
    def _compute_is_valid(self):
        now = fields.Datetime.now()
        for key in self:
            key.is_valid = key.valid_from <= now and not (key.valid_until and key.valid_until <= now)
