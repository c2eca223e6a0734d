from odoo import api, models

from ....lib.ingest.adapters.heartbeat import Heartbeat


class VisibilitySource(models.Model):
    """The internal source of heartbeats. It is archived, so that the door knows no such address."""

    _inherit = "visibility.source"

    @api.model
    def _selection_adapter(self):
        adapters = super()._selection_adapter()
        return [*adapters, (Heartbeat.name, Heartbeat.label)] if self.env.su else adapters

    def _get_adapter(self):
        return Heartbeat() if self.adapter == Heartbeat.name else super()._get_adapter()
