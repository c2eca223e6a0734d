from odoo import models


class VisibilityActionRun(models.Model):
    """A batch that a response made goes with it, unless somebody uses it."""

    _inherit = "visibility.action.run"

    def _undo(self):
        """The last of several runs that filled a batch empties it."""
        pickings = [record for record in self._get_changed_records() if record._name == "stock.picking"]
        batches = self.env["stock.picking.batch"].sudo().union(*(picking.batch_id for picking in pickings))
        changes = super()._undo()
        batches._cancel_if_empty()
        return changes
