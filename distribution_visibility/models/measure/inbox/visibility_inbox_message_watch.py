from odoo import models


class VisibilityInboxMessage(models.Model):
    """Messages that are given up have the watch look at once."""

    _inherit = "visibility.inbox.message"

    def _on_buried(self):
        result = super()._on_buried()
        noted = self.env.cr.postcommit.data
        # Once a transaction, however many are buried in it; the watch then counts them itself.
        # Not precommit: that one forgets at each savepoint that is rolled back.
        if self and not noted.get("distribution_visibility.watch"):
            noted["distribution_visibility.watch"] = True
            self.env["visibility.watch"]._wake()
        return result
