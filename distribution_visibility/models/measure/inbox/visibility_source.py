from odoo import fields, models


class VisibilitySource(models.Model):
    """A source shows that something of it is refused: the first thing to know while it is set up."""

    _inherit = "visibility.source"

    last_refused_at = fields.Datetime("Last refused", compute="_compute_last_refused_at", compute_sudo=True)

    def _compute_last_refused_at(self):
        groups = self.env["visibility.refusal"]._read_group(
            [("source_id", "in", self.ids)], ["source_id"], ["last_at:max"]
        )
        latest = dict(groups)
        for source in self:
            source.last_refused_at = latest.get(source._origin)

    def action_open_refusals(self):
        self.ensure_one()
        domain = [("source_id", "=", self.id)]
        return self._open_action("distribution_visibility.visibility_refusal_action", domain=domain)
