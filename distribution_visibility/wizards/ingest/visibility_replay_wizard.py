from odoo import api, fields, models
from odoo.exceptions import UserError

REPLAYABLE = ("dead", "quarantined", "retry", "ignored", "done")


class VisibilityReplayWizard(models.TransientModel):
    """Work on messages again, or leave them at that: a selection or a period, always with a reason."""

    _name = "visibility.replay.wizard"
    _description = "Replay or ignore messages"
    _inherit = ["visibility.action.mixin"]

    task = fields.Selection([("replay", "Replay"), ("ignore", "Ignore")], required=True, default="replay")
    scope = fields.Selection(
        [("selection", "The selected messages"), ("period", "A period")], required=True, default="selection"
    )
    message_ids = fields.Many2many("visibility.inbox.message", "visibility_replay_wizard_message_rel")
    source_id = fields.Many2one("visibility.source", help="Empty: of all sources.")
    date_from = fields.Datetime("Received from")
    date_to = fields.Datetime("Received until")
    which = fields.Selection(
        [("failed", "Dead letters and retries"), ("done", "Also those that are done")], required=True, default="failed"
    )
    reason = fields.Char(required=True, help="Kept on each message, with your name.")
    count = fields.Integer("Messages", compute="_compute_count")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "visibility.inbox.message":
            values["message_ids"] = [fields.Command.set(self.env.context.get("active_ids", []))]
        else:
            values["scope"] = "period"
        return values

    @api.depends("task", "scope", "message_ids", "source_id", "date_from", "date_to", "which")
    def _compute_count(self):
        for wizard in self:
            wizard.count = self.env["visibility.inbox.message"].search_count(wizard._get_domain())

    def _get_domain(self):
        """The messages meant, without those that are waiting or in work anyway."""
        if self.scope == "selection":
            return [("id", "in", self.message_ids.ids), ("state", "in", self._get_states())]
        domain = [("state", "in", self._get_states())]
        if self.source_id:
            domain.append(("source_id", "=", self.source_id.id))
        if self.date_from:
            domain.append(("received_at", ">=", self.date_from))
        if self.date_to:
            domain.append(("received_at", "<=", self.date_to))
        return domain

    def _get_states(self):
        if self.task == "ignore":
            return ["dead", "quarantined", "retry"]
        if self.scope == "selection":
            return list(REPLAYABLE)
        return ["dead", "retry", "done"] if self.which == "done" else ["dead", "retry"]

    def action_confirm(self):
        self.ensure_one()
        if self.scope == "period" and not (self.date_from and self.date_to):
            raise UserError(self.env._("Say from when until when the messages were received."))
        # What this user may see; only these two methods may change it.
        messages = self.env["visibility.inbox.message"].search(self._get_domain()).sudo()
        if not messages:
            raise UserError(self.env._("There is no such message: nothing was changed."))
        if self.task == "replay":
            messages._replay(self.reason)
        else:
            messages._ignore(self.reason)
        done = self.env._("%s message(s) wait to be read again: reload to see what comes of them.", len(messages))
        ignored = self.env._("%s message(s) are ignored.", len(messages))
        return self._say(done if self.task == "replay" else ignored, after="close")
