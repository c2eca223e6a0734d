from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = {"replay": ("dead", "retry", "ignored", "done"), "ignore": ("dead", "retry", "pending")}


class VisibilityOutboxWizard(models.TransientModel):
    """Send outgoing messages again, or leave them at that, always with a reason."""

    _name = "visibility.outbox.wizard"
    _description = "Replay or ignore outgoing messages"
    _inherit = ["visibility.action.mixin"]

    task = fields.Selection([("replay", "Replay"), ("ignore", "Ignore")], required=True, default="replay")
    message_ids = fields.Many2many("visibility.outbox.message", "visibility_outbox_wizard_message_rel")
    reason = fields.Char(required=True, help="Kept on each message, with your name.")
    count = fields.Integer("Messages", compute="_compute_count")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        values["message_ids"] = [fields.Command.set(self.env.context.get("active_ids", []))]
        return values

    @api.depends("task", "message_ids")
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard._get_messages())

    def _get_messages(self):
        """Those that can be meant: not in work, and with something left to send."""
        return self.message_ids.filtered(
            lambda message: message.state in STATES[self.task] and (message.body or self.task == "ignore")
        )

    def action_confirm(self):
        self.ensure_one()
        # What this user may see; only these two methods may change it.
        messages = self._get_messages().sudo()
        if not messages:
            raise UserError(self.env._("None of these can be treated so: nothing was changed."))
        if self.task == "replay":
            messages._replay(self.reason)
            text = self.env._("%s message(s) are sent again under the same id.", len(messages))
        else:
            messages._ignore(self.reason)
            text = self.env._("%s message(s) are ignored.", len(messages))
        return self._say(text, after="close")
