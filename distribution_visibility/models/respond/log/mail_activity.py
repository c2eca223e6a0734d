from odoo import models


class MailActivity(models.Model):
    """A task that a response planned: who did it, and how it is taken back."""

    _inherit = "mail.activity"
    _visibility_watched = ("active", "user_id", "date_deadline", "summary")

    def _get_newer_worker(self):
        """Who marked these as done; Odoo archives them then."""
        return self.filtered(lambda activity: not activity.active)[:1].write_uid

    def _undo_creation(self):
        self.unlink()
