from odoo import models

from .base_automation_running import REHEARSES


class MailThread(models.AbstractModel):
    """While an automation rehearses, nobody hears of it: no mail, no message on the screen, no push message."""

    _inherit = "mail.thread"

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        if self.env.cr.postcommit.data.get(REHEARSES):
            return []
        return super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
