import secrets

from odoo import api, fields, models


class VisibilityTokenWizard(models.TransientModel):
    """A new metrics token, shown once. It is made for the browser and saved sealed, never in plain text."""

    _name = "visibility.token.wizard"
    _description = "New metrics token"

    token = fields.Char(compute="_compute_token", inverse="_inverse_token", required=True)

    @api.model
    def default_get(self, fields_list):
        return {**super().default_get(fields_list), "token": secrets.token_urlsafe(32)}

    def _compute_token(self):
        self.token = False

    def _inverse_token(self):
        """Saved: from now on this token counts, and the one before it no more."""
        for wizard in self.filtered("token"):
            self.env["visibility.metrics"]._set_token(wizard.token)

    def action_confirm(self):
        return {"type": "ir.actions.client", "tag": "reload"}
