from odoo import models


class VisibilitySubscription(models.Model):
    """Receivers that stop or start working have the watch look at once."""

    _inherit = "visibility.subscription"

    def _tell_watch(self):
        self.env["visibility.watch"]._wake()
