from odoo import api, models

CHANGED = "visibility.exceptions.changed"
# What a card or a row shows; everything else is no reason to draw the workbench again.
SHOWN = {
    *("state", "user_id", "severity", "deadline", "reason", "seen_count", "is_snoozed"),
    *("sale_order_ids", "purchase_order_ids"),
}


class VisibilityException(models.Model):
    """Tells open workbenches that there is something new to show."""

    _inherit = "visibility.exception"

    @api.model_create_multi
    def create(self, vals_list):
        exceptions = super().create(vals_list)
        exceptions._announce_change()
        return exceptions

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & SHOWN:
            self._announce_change()
        return result

    def _announce_change(self):
        """One empty message a transaction: it says that, never what, so that nobody learns of other companies."""
        noted = self.env.cr.precommit.data
        if self and not noted.get(CHANGED):
            noted[CHANGED] = True
            self.env.ref("distribution_visibility.group_user").sudo()._bus_send(CHANGED, {})
