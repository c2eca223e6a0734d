from odoo import fields, models

from ...lib.base.errors import ConfigurationError


class ResConfigSettings(models.TransientModel):
    """Where the master key is, and what follows from that."""

    _name = "res.config.settings"
    _inherit = ["res.config.settings", "visibility.action.mixin"]

    visibility_master_key_origin = fields.Char("Found in", compute="_compute_visibility_master_key")
    visibility_master_key_is_file = fields.Boolean(compute="_compute_visibility_master_key")
    visibility_master_key_error = fields.Char(compute="_compute_visibility_master_key")

    def _compute_visibility_master_key(self):
        vault = self.env["visibility.vault"]
        origin, is_file, error = False, False, False
        try:
            origin, is_file = vault._get_origin(), vault._is_in_file()
        except ConfigurationError as problem:
            error = str(problem)
        for settings in self:
            settings.visibility_master_key_origin = origin
            settings.visibility_master_key_is_file = is_file
            settings.visibility_master_key_error = error

    def action_visibility_reseal(self):
        """After the master key was changed: encrypt all keys with the new one now, not tonight."""
        self.env["visibility.source.key"].check_access("write")
        self.env["visibility.key.mixin"]._reseal_all()
        return self._say(self.env._("All secrets are encrypted with the newest master key."))
