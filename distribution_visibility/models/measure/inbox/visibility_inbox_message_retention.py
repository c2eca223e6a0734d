import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ....lib.measure import person_search
from ...base.parameters import get_number

UNFINISHED = ("pending", "retry", "running")
BATCH = 2000


class VisibilityInboxMessage(models.Model):
    """How long what was received is kept: the payload for a while, its key and outcome for longer.

    Senders repeat deliveries for days, and some have no other protection against a replay than
    that we remember the id: so the row outlives its payload by months.
    """

    _inherit = "visibility.inbox.message"

    purged_at = fields.Datetime("Payload erased", readonly=True)

    _unpurged = models.Index("(received_at) WHERE purged_at IS NULL")
    _purged = models.Index("(purged_at) WHERE purged_at IS NOT NULL")

    # ------------------------------------------------------------------ by time
    @api.autovacuum
    def _gc_payloads(self):
        """Erase payloads after their time: body, headers and traces; hash, id and outcome stay.

        :return: (how many were erased, whether there are more), as the vacuum wants it
        """
        limit = fields.Datetime.now() - timedelta(days=get_number(self.env, "payload_retention_days"))
        self.flush_model()
        query = SQL(
            """UPDATE visibility_inbox_message SET %s
                WHERE id IN (SELECT id FROM visibility_inbox_message
                              WHERE purged_at IS NULL AND received_at < %s AND state NOT IN %s
                              ORDER BY received_at LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id""",
            self._get_erasing_sql(),
            limit,
            UNFINISHED,
            BATCH,
        )
        done = len(self.env.execute_query(query))
        self.invalidate_model()
        return done, int(done == BATCH)

    @api.autovacuum
    def _gc_messages(self):
        """Delete messages long after their payload went. Facts and totals that came of them stay."""
        now = fields.Datetime.now()
        keys = get_number(self.env, "key_retention_days")
        limit = now - timedelta(days=get_number(self.env, "payload_retention_days") + keys)
        # Whatever was set later: nobody's sender may find its id forgotten within a month.
        old = [("purged_at", "<", now - timedelta(days=30)), ("received_at", "<", limit)]
        messages = self.search([*old, ("state", "not in", UNFINISHED)], limit=BATCH, order="purged_at")
        messages.unlink()
        return len(messages), int(len(messages) == BATCH)

    def _get_erasing_sql(self):
        return SQL("body = NULL, headers = NULL, traceback = NULL, purged_at = %s", fields.Datetime.now())

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
