from odoo import api, models

from ....lib.base.errors import ConfigurationError
from ...base.parameters import get_number


class VisibilityHealth(models.AbstractModel):
    """Events out: worth a look when they are not sent, and never a reason to take a node out."""

    _inherit = "visibility.health"

    @api.model
    def _get_checks(self):
        return {
            **super()._get_checks(),
            "outbox:deadLetters": [self._check_outbox_dead_letters()],
            "outbox:oldestPendingAge": self._check_outbox_pending(),
            "outbox:signingKeys": [self._check_signing_keys()],
            "subscription:state": [self._check_subscriptions()],
        }

    @api.model
    def _check_outbox_dead_letters(self):
        limit = get_number(self.env, "dead_letter_alarm")
        count = self.env["visibility.outbox.message"].search_count([("state", "=", "dead")], limit=limit)
        return self._prepare_check("warn" if count >= limit else "pass", "component", count, "messages")

    @api.model
    def _check_outbox_pending(self):
        limit = get_number(self.env, "stalled_minutes") * 60
        return [
            self._prepare_check("warn" if age > limit else "pass", "component", age, "s", componentId=lane)
            for lane, age in self.env["visibility.outbox.message"]._get_due_ages().items()
        ]

    @api.model
    def _check_signing_keys(self):
        """Whether this node's master key opens the key that was made last."""
        keys = self.env["visibility.subscription.key"].sudo()
        last = keys.search([("secret_encrypted", "!=", False)], order="id desc", limit=1)
        try:
            if last:
                self.env["visibility.vault"]._decrypt(last.secret_encrypted)
        except ConfigurationError as error:
            return self._prepare_check("warn", "component", output=str(error))
        return self._prepare_check("pass", "component")

    @api.model
    def _check_subscriptions(self):
        subscriptions = self.env["visibility.subscription"].sudo().search([("state", "!=", "paused")])
        failing = subscriptions.filtered(lambda one: one.is_circuit_open or one.is_off_by_failure)
        return self._prepare_check("warn" if failing else "pass", "component", len(failing), "failing")
