from datetime import datetime, time, timedelta

import pytz
from odoo import api, fields, models

MORNING = time(8)


class VisibilitySnoozeWizard(models.TransientModel):
    """Do not show exceptions until a date, or until there is news."""

    _name = "visibility.snooze.wizard"
    _description = "Snooze exceptions"
    _inherit = ["visibility.exception.wizard"]

    wait_for = fields.Selection(
        [("date", "Until a date"), ("news", "Until there is news")],
        "Snooze",
        required=True,
        default="date",
        help="News is any event of the shipment, or of the supplier about the purchase order.",
    )
    until = fields.Datetime(
        required=True,
        default=lambda self: self._get_next_morning(),
        help="They show again then, whether there was news or not.",
    )
    reason = fields.Char("Why", help="For whoever finds it in the log.")
    can_have_news = fields.Boolean(compute="_compute_can_have_news")

    @api.depends("exception_ids")
    def _compute_can_have_news(self):
        for wizard in self:
            wizard.can_have_news = all(one._can_have_news() for one in wizard.exception_ids)

    @api.model
    def _get_next_morning(self):
        """Tomorrow at eight where the user is, as naive UTC."""
        zone = pytz.timezone(self.env.user.tz or "UTC")
        day = fields.Date.context_today(self) + timedelta(days=1)
        return zone.localize(datetime.combine(day, MORNING)).astimezone(pytz.utc).replace(tzinfo=None)

    def action_confirm(self):
        self.ensure_one()
        done = self.exception_ids._snooze(self.until, self.wait_for == "news", self.reason)
        return self._finish(self.env._("%s exceptions are snoozed.", len(done)), done)
