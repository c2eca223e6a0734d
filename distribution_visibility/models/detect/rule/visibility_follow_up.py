from odoo import api, models


class VisibilityFollowUp(models.Model):
    """Immediate rules look at the documents that people touched."""

    _inherit = "visibility.follow.up"

    @api.model
    def _follow_rules(self, ids_by_key):
        self.env["visibility.rule"]._look_at_touched({int(rule_id): ids for rule_id, ids in ids_by_key.items()})
