from odoo import api, models


class VisibilityActionRun(models.Model):
    """What a response created belongs to whoever worked on it since: it is not taken back."""

    _inherit = "visibility.action.run"

    def _find_conflicts(self):
        return super()._find_conflicts() or self._find_newer_work()

    def _find_newer_work(self):
        """One sentence for each record that this response created and that somebody worked on since."""
        conflicts, finders = [], self._get_work_finders()
        for change in self.change_ids.filtered(lambda change: change.kind == "created"):
            record = self.env[change.res_model].sudo().browse(change.res_id).exists()
            person = record and change.res_model in finders and finders[change.res_model](record)
            if person:
                conflicts.append(
                    self.env._(
                        "%(person)s has worked on %(record)s since; it is left as it is now.",
                        person=person.name,
                        record=record.display_name,
                    )
                )
        return conflicts

    @api.model
    def _get_work_finders(self):
        """By model: who worked on a record that a response created (a user or contact), empty when nobody did."""
        return {
            "mail.activity": lambda activity: activity._find_who_did(),
            "visibility.exception": lambda exception: exception.is_open and exception._find_who_worked(),
        }


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _find_who_did(self):
        """Who marked these as done; Odoo archives them then."""
        return self.filtered(lambda activity: not activity.active)[:1].write_uid


class VisibilityException(models.Model):
    _inherit = "visibility.exception"

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
