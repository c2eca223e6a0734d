from odoo import api, fields, models


class VisibilityMergeWizard(models.TransientModel):
    """Several exceptions of one cause become one."""

    _name = "visibility.merge.wizard"
    _description = "Merge exceptions"
    _inherit = ["visibility.exception.wizard"]

    target_id = fields.Many2one(
        "visibility.exception",
        "Into",
        required=True,
        domain="[('id', 'in', exception_ids)]",
        help="The one that goes on. The others are closed and name it.",
    )
    reason = fields.Char("Common cause", help="Kept in the log of all of them.")

    @api.model
    def default_get(self, fields_list):
        """The most urgent one goes on, unless somebody chooses another."""
        values = super().default_get(fields_list)
        exceptions = self.env["visibility.exception"].browse(self.env.context.get("active_ids") or [])
        values["target_id"] = exceptions.filtered("is_open").sorted("priority_score", reverse=True)[:1].id
        return values

    def action_confirm(self):
        self.ensure_one()
        merged = self.target_id._merge(self.exception_ids, self.reason)
        count, target = len(merged), self.target_id.name
        message = self.env._("%(count)s exceptions are part of %(target)s now.", count=count, target=target)
        return self._finish(message, self.exception_ids)
