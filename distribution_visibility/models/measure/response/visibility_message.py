from datetime import timedelta

from odoo import api, fields, models

from ...base.parameters import get_number

BATCH = 1000


class VisibilityMessage(models.Model):
    """How long messages to partners are kept."""

    _inherit = "visibility.message"

    @api.autovacuum
    def _gc_messages(self):
        """Delete messages long after they were sent or dropped; what was sent stays in the chatter of its order.

        :return: (how many were deleted, whether there are more), as the vacuum wants it
        """
        days = get_number(self.env, "payload_retention_days") + get_number(self.env, "key_retention_days")
        limit = fields.Datetime.now() - timedelta(days=days)
        old = self.sudo().search([("finished_at", "<", limit)], limit=BATCH, order="finished_at")
        old.unlink()
        return len(old), int(len(old) == BATCH)
