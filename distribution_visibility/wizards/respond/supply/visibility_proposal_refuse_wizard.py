from odoo import fields, models


class VisibilityProposalRefuseWizard(models.TransientModel):
    """Say why a supplier's proposal is refused."""

    _name = "visibility.proposal.refuse.wizard"
    _description = "Refuse a supplier proposal"

    line_ids = fields.Many2many("visibility.proposal.line", readonly=True)
    reason = fields.Char(required=True, help="Kept with your name, and ready for the answer to the supplier.")

    def action_confirm(self):
        self.ensure_one()
        self.line_ids._refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
