import time
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.ingest.adapters.heartbeat import Heartbeat
from ....lib.measure.histogram import END_TO_END_SECONDS, SHORT_SECONDS, bucket
from ...base.visibility_queue_mixin import WorkerDied


class VisibilityInboxMessage(models.Model):
    """What the worker counts while it works: see :class:`VisibilityCounter` for why it adds rows."""

    _inherit = "visibility.inbox.message"

    @api.model
    def _accept(self, receiver, *args, **kwargs):
        result = super()._accept(receiver, *args, **kwargs)
        if result == "quarantined":
            # Rare, and no worker ever sees it; an own row is written, no shared one.
            self.env["visibility.counter"]._add({("received", receiver.source_id, "quarantined"): 1})
        return result

    @api.model
    def _claim(self, lane, limit):
        batch = super()._claim(lane, limit)
        batch._count_first_attempts()
        return batch

    def _count_first_attempts(self):
        """Messages are counted as accepted when they are worked on for the first time.

        Those that still wait are added when the total is read: the door writes no counter.
        """
        if not self:
            return
        query = SQL(
            """INSERT INTO visibility_counter (name, source_id, label, amount, noted_at)
               SELECT 'received', source_id, 'accepted', count(*), %s FROM visibility_inbox_message
                WHERE id IN %s AND attempts = 1 AND COALESCE(replay_count, 0) = 0 GROUP BY source_id""",
            fields.Datetime.now(),
            self._ids,
        )
        self.env.cr.execute(query)

    def _work(self):
        started = time.monotonic()
        result = super()._work()
        seconds = time.monotonic() - started
        each = bucket(seconds / len(self), SHORT_SECONDS)
        counts = {("process_seconds", None, each): len(self), ("process_seconds_sum", None, ""): seconds}
        self.env["visibility.counter"]._add(counts)
        return result

    def _finish(self):
        done = self.filtered(lambda message: message.state == "running")
        result = super()._finish()
        counts = Counter()
        for message in done:
            counts["processed", message.source_id.id, "done"] += 1
            if message._is_real_delivery():
                counts += message._get_end_to_end()
        self.env["visibility.counter"]._add(counts)
        return result

    def _is_real_delivery(self):
        """Whether it took the time that a sender's news take: not a replay, and not a heartbeat of ours."""
        return not self.replay_count and self.source_id.adapter != Heartbeat.name

    def _get_end_to_end(self):
        seconds = (self.finished_at - self.received_at).total_seconds()
        return Counter(
            {
                ("end_to_end", None, bucket(seconds, END_TO_END_SECONDS)): 1,
                ("end_to_end_sum", None, ""): max(seconds, 0),
            }
        )

    def _register_failure(self, error):
        result = super()._register_failure(error)
        counts = Counter(("processed", message.source_id.id, message.state) for message in self)
        if isinstance(error, WorkerDied):
            counts.update(("rescued", message.source_id.id, "") for message in self)
        self.env["visibility.counter"]._add(counts)
        return result

    def _replay(self, reason):
        result = super()._replay(reason)
        self.env["visibility.counter"].sudo()._add(Counter(("replayed", m.source_id.id, "") for m in self))
        return result
