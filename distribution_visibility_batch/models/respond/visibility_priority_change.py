from odoo import api, fields, models


class VisibilityPriorityChange(models.Model):
    """Which batch a transfer came into, or left."""

    _inherit = "visibility.priority.change"

    what = fields.Selection(selection_add=[("batch_id", "Batch")], ondelete={"batch_id": "cascade"})

    @api.model
    def _get_event_name(self, what):
        return "batch" if what == "batch_id" else super()._get_event_name(what)
