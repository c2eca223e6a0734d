from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib.base.errors import ConfigurationError
from ...lib.ingest.verification import get_scheme


class VisibilityKeyWizard(models.TransientModel):
    """Give a source a new key. A rotation: the old keys stay valid for a while beside it."""

    _name = "visibility.key.wizard"
    _description = "New key of a source"

    source_id = fields.Many2one("visibility.source", required=True, readonly=True)
    find_secret = fields.Char(related="source_id.find_secret")
    name = fields.Char(required=True, default=lambda self: str(fields.Date.context_today(self)))
    # Never in the database in plain text: what is shown lives in the browser, what is saved is sealed.
    secret = fields.Char(compute="_compute_secret", inverse="_inverse_secret", required=True)
    secret_encrypted = fields.Char()
    is_generated = fields.Boolean()
    valid_from = fields.Datetime(required=True, default=fields.Datetime.now)
    overlap_hours = fields.Float(
        "Old keys stay valid for (hours)", default=24, required=True, help="So that the sender can change over."
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        source = self.env["visibility.source"].browse(self.env.context.get("active_id"))
        values["source_id"] = source.id
        if self.env.context.get("generate_secret"):
            values.update(secret=self._generate(source), is_generated=True)
        return values

    @api.model
    def _generate(self, source):
        try:
            return get_scheme(source.scheme, source._prepare_scheme_options()).new_secret()
        except ConfigurationError as error:
            raise UserError(str(error)) from error

    def _compute_secret(self):
        self.secret = False

    def _inverse_secret(self):
        for wizard in self.filtered("secret"):
            wizard.secret_encrypted = self.env["visibility.vault"]._encrypt(wizard.secret)

    def action_confirm(self):
        """Add the key, and let the ones before it end after the overlap."""
        self.ensure_one()
        self.env["visibility.source.key"].check_access("create")
        if not self.secret_encrypted:
            raise UserError(self.env._("Enter the secret, or have one generated."))
        ends = self.valid_from + timedelta(hours=self.overlap_hours)
        old = self.source_id.key_ids.filtered(lambda key: not key.valid_until or key.valid_until > ends)
        old.filtered(lambda key: key.valid_from < ends).valid_until = ends
        key = self.env["visibility.source.key"].create(self._prepare_key())
        key.set_secret(self.env["visibility.vault"]._decrypt(self.secret_encrypted))
        self.source_id.message_post(
            body=self.env._("New key %(key)s; the keys before it end on %(end)s.", key=key.name, end=ends)
        )
        self.secret_encrypted = False
        return {"type": "ir.actions.act_window_close"}

    def _prepare_key(self):
        return {
            "source_id": self.source_id.id,
            "name": self.name,
            "valid_from": self.valid_from,
        }
