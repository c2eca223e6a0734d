import json
import time
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.ingest.adapters.heartbeat import Heartbeat
from ....lib.measure import person_search
from ....lib.measure.histogram import END_TO_END_SECONDS, SHORT_SECONDS, bucket
from ...base.notes import is_first
from ...base.visibility_queue_mixin import WorkerDied


class VisibilityInboxMessage(models.Model):
    """What is counted at the door and by the worker, who is told of trouble, and what says a person's name."""

    _inherit = "visibility.inbox.message"

    # ------------------------------------------------------------------ counting, by rows that are added
    @api.model
    def _count_quarantined(self, receiver):
        """Rare, and no worker ever sees it; an own row is written, no shared one."""
        self.env["visibility.counter"]._add({("received", receiver.source_id, "quarantined"): 1})

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

    def _replay(self, reason):
        result = super()._replay(reason)
        self.env["visibility.counter"].sudo()._add(Counter(("replayed", m.source_id.id, "") for m in self))
        return result

    def _on_failed(self, error):
        counts = Counter(("processed", message.source_id.id, message.state) for message in self)
        if isinstance(error, WorkerDied):
            counts.update(("rescued", message.source_id.id, "") for message in self)
        self.env["visibility.counter"]._add(counts)

    # ------------------------------------------------------------------ telling
    def _on_buried(self):
        """Messages that are given up have the watch look at once."""
        result = super()._on_buried()
        # Once a transaction, however many are buried in it; the watch then counts them itself
        if self and is_first(self.env, "distribution_visibility.watch", for_good=True):
            self.env["visibility.watch"]._wake()
        return result

    # ------------------------------------------------------------------ of a person
    @api.model
    def _get_person_sql(self, terms):
        """Condition on table ``m`` for messages that say one of the terms."""
        pattern = person_search.sql_any(terms)
        return SQL("(m.body ~* %(pattern)s OR m.headers::text ~* %(pattern)s)", pattern=pattern)

    @api.model
    def _find_person(self, terms, companies):
        self.flush_model()
        query = SQL(
            "SELECT m.id FROM visibility_inbox_message m WHERE m.company_id IN %s AND %s",
            companies._ids,
            self._get_person_sql(terms),
        )
        return self.browse(row[0] for row in self.env.execute_query(query))

    def _erase_person(self, terms):
        """Finished messages lose their payload; unfinished ones only what names the person.

        An event that still has to be worked on is not lost because of who took the parcel.
        """
        unfinished = self.filtered(lambda message: message.state not in ("done", "ignored"))
        for message in unfinished:
            message.write(
                {
                    "body": json.dumps(
                        person_search.blank(json.loads(message.body or "null"), terms), ensure_ascii=False
                    ),
                    "headers": person_search.blank(message.headers or {}, terms),
                    "traceback": False,
                }
            )
        finished = self - unfinished
        finished.write({"body": False, "headers": False, "traceback": False, "purged_at": fields.Datetime.now()})
