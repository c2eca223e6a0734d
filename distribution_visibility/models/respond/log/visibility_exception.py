from odoo import models


class VisibilityException(models.Model):
    """An exception that a response raised: who works on it since, and how it is taken back."""

    _inherit = "visibility.exception"
    _visibility_watched = ("state", "user_id", "severity")

    def _find_who_worked(self):
        """Whoever took, moved on, snoozed or wrote about this exception since it was opened, or did a task of it.

        Extend it for what else is work on an exception.
        """
        self.ensure_one()
        if self.state != "new" or self.is_snoozed or self.owner_source == "person":
            return self._find_last_author() or self.write_uid
        done = self.env["mail.activity"].sudo().with_context(active_test=False)
        tasks = [("res_model", "=", self._name), ("res_id", "=", self.id), ("active", "=", False)]
        return self._find_last_author(("comment", "email")) or done.search(tasks, limit=1, order="id desc").write_uid

    def _find_last_author(self, kinds=("comment", "email", "notification")):
        """The last person, not Odoo itself, who left a message here since it was opened."""
        machine = self.env.ref("base.partner_root")
        messages = self.message_ids.filtered(
            lambda one: one.message_type in kinds and one.author_id and one.author_id != machine
        )
        return messages.sorted("id")[-1:].author_id

    def _get_newer_worker(self):
        """Nobody where it is over: nothing is left to take back then."""
        return self.is_open and self._find_who_worked()

    def _undo_creation(self):
        resolution = self.env._("The response that raised it was rolled back.")
        self.filtered("is_open").write({"state": "dismissed", "resolution": resolution})
