from odoo import fields, models
from odoo.exceptions import UserError


class VisibilityCloseWizard(models.TransientModel):
    """Resolve exceptions with their root cause, or dismiss them with a reason."""

    _name = "visibility.close.wizard"
    _description = "Close exceptions"
    _inherit = ["visibility.exception.wizard"]

    task = fields.Selection([("resolved", "Resolve"), ("dismissed", "Dismiss")], required=True, default="resolved")
    root_cause_id = fields.Many2one("visibility.root.cause", "Root cause", help="Why it had happened.")
    resolution = fields.Char(help="What was done, or why nothing needs to be. Kept on each exception.")

    def action_confirm(self):
        self.ensure_one()
        self._check_complete()
        done = self.exception_ids._close(self.task, self.resolution, self.root_cause_id)
        resolved = self.env._("%s exceptions are resolved.", len(done))
        dismissed = self.env._("%s exceptions are dismissed.", len(done))
        return self._finish(resolved if self.task == "resolved" else dismissed, done)

    def _check_complete(self):
        if self.task == "resolved" and not self.root_cause_id:
            raise UserError(self.env._("Choose the root cause: next time somebody can prevent it."))
        if self.task == "dismissed" and not (self.resolution or "").strip():
            raise UserError(self.env._("Say why this needs no action."))
