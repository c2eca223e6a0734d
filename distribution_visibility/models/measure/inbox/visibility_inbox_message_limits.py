from odoo import models

from ...base.parameters import get_number


class VisibilityInboxMessage(models.Model):
    """The door's limit as Settings say it."""

    _inherit = "visibility.inbox.message"

    def _get_most_waiting(self):
        return get_number(self.env, "max_backlog")
