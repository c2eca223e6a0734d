from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .visibility_message import OPEN

COORDINATOR = "distribution_visibility.group_coordinator"


class VisibilityMessage(models.Model):
    """What reviewers press."""

    _inherit = "visibility.message"

    def action_send(self):
        """Send these, or have them wait where it is night or the partner got enough."""
        return self._release_by_person()

    def action_send_now(self):
        """Send what waits, whatever the hour; coordinators answer for that."""
        if not self.env.user.has_group(COORDINATOR):
            raise AccessError(self.env._("Only coordinators send before the quiet hours are over."))
        return self._release_by_person(is_urgent=True)

    def _release_by_person(self, is_urgent=False):
        self._check_may_release()
        todo = self.filtered(lambda one: one.state == "draft" or is_urgent and one.state == "waiting")
        if not todo:
            raise UserError(self.env._("None of these waits for review: nothing was sent."))
        results = todo._release(is_urgent=is_urgent)
        todo._record_release(is_urgent)
        return self._tell_results(results)

    def _tell_results(self, results):
        """What a button answers: how many went, how many wait, and how many cannot go."""
        parts = [
            (self.env._("%s sent.", len(results["sent"])) if "sent" in results else ""),
            (self.env._("%s wait until they may go.", len(results["waiting"])) if "waiting" in results else ""),
            (self.env._("%s cannot be sent.", len(results["not_sent"])) if "not_sent" in results else ""),
        ]
        one = next(iter(results.values()))[:1]
        message = one.reason if len(self) == 1 and one.reason else " ".join(filter(None, parts))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if "not_sent" in results else "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_discard(self):
        """No, this is not told."""
        self._check_may_release()
        open_ones = self.filtered(lambda one: one.state in OPEN).sudo()
        open_ones.write(
            {
                "state": "discarded",
                "discarded_by_id": self.env.uid,
                "finished_at": fields.Datetime.now(),
                "send_from": False,
                "waits_for": False,
                "reason": self.env._("Discarded by %s", self.env.user.name),
            }
        )
        open_ones._mark_exceptions()

    def action_review(self):
        """Back to review: what waits, what was discarded, and what could not be sent."""
        self._check_may_release()
        messages = self.sudo()
        messages._back_to_review(False)
        undone = messages.filtered(lambda one: one.state in ("discarded", "not_sent"))
        undone._check_no_other()
        undone.write(
            {
                "state": "draft",
                "refusal": False,
                "reason": False,
                "finished_at": False,
                "discarded_by_id": False,
                "attempts": 0,
            }
        )
        messages._mark_exceptions()

    def _check_no_other(self):
        for message in self:
            key = ("incident_key", "partner_id", "audience")
            domain = [(name, "=", message[name]) for name in key if name != "partner_id"]
            domain += [("partner_id", "=", message.partner_id.id), ("state", "in", OPEN)]
            if other := self.search(domain, limit=1):
                raise UserError(self.env._("Another message about this is to be reviewed: %s", other.display_name))

    def action_rewrite(self):
        """Take the template's text again, with what is true now."""
        self._check_may_release()
        drafts = self.filtered(lambda one: one.state == "draft").sudo()
        drafts.write({"text_subject": False, "text_body": False, "is_edited": False, "is_outdated": False})
