from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ....lib.ingest.verification.standard_webhooks import StandardWebhooks


class VisibilitySubscriptionKeyWizard(models.TransientModel):
    """Give a subscription a new key, shown this once. The old ones sign beside it for a while."""

    _name = "visibility.subscription.key.wizard"
    _description = "New key of a subscription"

    subscription_id = fields.Many2one("visibility.subscription", required=True, readonly=True)
    name = fields.Char("Key", required=True, default=lambda self: str(fields.Date.context_today(self)))
    # Never in the database in plain text: what is shown lives in the browser, what is saved is sealed.
    secret = fields.Char("Signing key", compute="_compute_secret", inverse="_inverse_secret", required=True)
    secret_encrypted = fields.Char()
    overlap_hours = fields.Float(
        "Old keys sign too for (hours)", default=24, required=True, help="So that the receiver can change over."
    )
    has_old_key = fields.Boolean()

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        subscription = self.env["visibility.subscription"].browse(self.env.context.get("active_id"))
        secret = StandardWebhooks().new_secret()
        return {
            **values,
            "subscription_id": subscription.id,
            "secret": secret,
            "has_old_key": subscription.has_valid_key,
        }

    def _compute_secret(self):
        self.secret = False

    def _inverse_secret(self):
        for wizard in self.filtered("secret"):
            wizard.secret_encrypted = self.env["visibility.vault"]._encrypt(wizard.secret)

    def action_confirm(self):
        """Sign with the new key from now on, and with the old ones until the overlap ends."""
        self.ensure_one()
        keys = self.env["visibility.subscription.key"]
        keys.check_access("create")
        self.subscription_id.check_access("write")
        if not self.secret_encrypted:
            raise UserError(self.env._("There is no key: close this window and try again."))
        now = fields.Datetime.now()
        ends = now + timedelta(hours=self.overlap_hours, seconds=1)
        old = self.subscription_id.key_ids.filtered(lambda key: not key.valid_until or key.valid_until > ends)
        old.filtered(lambda key: key.valid_from < ends).valid_until = ends
        key = keys.create(self._prepare_key(now))
        key.set_secret(self.env["visibility.vault"]._decrypt(self.secret_encrypted))
        self.subscription_id.message_post(
            body=self.env._("New key %(key)s; the keys before it end on %(end)s.", key=key.name, end=ends)
        )
        self.secret_encrypted = False
        return {"type": "ir.actions.act_window_close"}

    def _prepare_key(self, now):
        return {
            "subscription_id": self.subscription_id.id,
            "name": self.name,
            "valid_from": now,
        }
