from odoo import fields, models


class VisibilityOverrideEndWizard(models.TransientModel):
    """A person gives back to automation what was overridden, before its time is over."""

    _name = "visibility.override.end.wizard"
    _description = "Give back to automation"

    override_ids = fields.Many2many("visibility.override", string="Given back", required=True)
    reason = fields.Char("Why", required=True, help="Kept for good, with your name.")

    def action_confirm(self):
        """What automation would have set meanwhile comes back at once."""
        self.ensure_one()
        self.override_ids._give_back(self.reason)
        return {"type": "ir.actions.act_window_close"}
