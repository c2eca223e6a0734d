from odoo import api, fields, models


class VisibilityWatch(models.AbstractModel):
    """Also looks at the log of responses: whether somebody changed it."""

    _inherit = "visibility.watch"

    @api.model
    def _find_troubles(self):
        return {**super()._find_troubles(), **self._find_broken_logs()}

    @api.model
    def _find_broken_logs(self):
        source = self.env["visibility.heartbeat"]._get_source()
        chains = self.env["visibility.action.chain"].search([("broken_sequence", ">", 0)]) if source else []
        return {
            ("action_log", source.id, f"{chain.company_id.name}, {chain.broken_sequence}"): chain.broken_sequence
            for chain in chains
        }


class VisibilityIncident(models.Model):
    _inherit = "visibility.incident"

    kind = fields.Selection(
        selection_add=[("action_log", "Log of responses broken")], ondelete={"action_log": "cascade"}
    )

    def _get_title(self):
        if self.kind == "action_log":
            return self.env._(
                "The log of responses was changed: %(place)s is the first broken row", place=self.subject
            )
        return super()._get_title()
