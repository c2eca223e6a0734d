from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...base.parameters import get_number


class VisibilityWatch(models.AbstractModel):
    """Looks for trouble of the machinery: messages given up, lanes and scheduled actions that stand still."""

    _name = "visibility.watch"
    _description = "Watch over the queue"

    @api.model
    def _wake(self):
        """Have the watch look as soon as this transaction is committed."""
        cron = self.env.ref("distribution_visibility.ir_cron_watch", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _find_troubles(self):
        """What is wrong now: a dict of (kind, source id, subject) to how many messages are concerned.

        Extend it to watch over more; each kind is a value of ``visibility.incident.kind``.
        """
        self.env["visibility.inbox.message"].flush_model()
        return {**self._find_dead_letters(), **self._find_stalled(), **self._find_scheduled_actions()}

    @api.model
    def _find_dead_letters(self):
        least = get_number(self.env, "dead_letter_alarm")
        query = SQL(
            """SELECT source_id, count(*) FROM visibility_inbox_message
                WHERE state IN ('dead', 'quarantined') GROUP BY source_id HAVING count(*) >= %s""",
            least,
        )
        return {("dead_letters", source, ""): count for source, count in self.env.execute_query(query)}

    @api.model
    def _find_stalled(self):
        """Messages that have been due for too long and that nobody takes, by source and lane."""
        limit = fields.Datetime.now() - timedelta(minutes=get_number(self.env, "stalled_minutes"))
        found = {}
        for lane in self.env["visibility.heartbeat"]._get_lanes():
            query = SQL(
                """SELECT m.source_id, count(*) FROM visibility_inbox_message m
                    WHERE %s AND m.next_attempt_at < %s GROUP BY m.source_id""",
                self.env["visibility.inbox.message"]._get_due_sql(lane),
                limit,
            )
            found.update({("stalled", source, lane): count for source, count in self.env.execute_query(query)})
        return found

    @api.model
    def _find_scheduled_actions(self):
        """Ours that do not run. Odoo switches one off by itself when it failed for a week."""
        source = self.env["visibility.heartbeat"]._get_source()
        names = self.env["visibility.health"]._get_failing_actions() if source else []
        return {("scheduled_action", source.id, name): 0 for name in names}
