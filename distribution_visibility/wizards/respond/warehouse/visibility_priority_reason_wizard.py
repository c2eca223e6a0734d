from odoo import api, fields, models
from odoo.exceptions import UserError


class VisibilityPriorityReasonWizard(models.TransientModel):
    """Say afterwards why transfers were moved."""

    _name = "visibility.priority.reason.wizard"
    _description = "Give the reason of a move"

    change_ids = fields.Many2many(
        "visibility.priority.change", "visibility_priority_reason_rel", string="Moves", required=True
    )
    reason = fields.Char(required=True, help="Kept in the log as a further row, with your name.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "visibility.priority.change":
            values["change_ids"] = [fields.Command.set(self.env.context.get("active_ids", []))]
        return values

    def action_confirm(self):
        self.ensure_one()
        self.change_ids.picking_id.check_access("write")
        if not self.change_ids._explain(self.reason):
            raise UserError(self.env._("These are reasons themselves, or their transfers do not exist any more."))
        return {"type": "ir.actions.act_window_close"}
