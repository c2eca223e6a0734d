import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .parameters import get_number

UNFINISHED = ("pending", "retry", "running")
BATCH = 2000


class VisibilityPayloadMixin(models.AbstractModel):
    """A queued message whose body is kept for a while, and whose id and outcome are kept for longer.

    Senders repeat deliveries for days, and some have no other protection against a replay than
    that we remember the id: so the row outlives its payload by months.
    """

    _name = "visibility.payload.mixin"
    _description = "Message with a body"

    #: The field from which on its time counts, and the fields that are erased when it is over.
    _kept_since = None
    _payload_fields = ()

    body = fields.Text("Body as kept", readonly=True)
    body_pretty = fields.Text("Body", compute="_compute_body_pretty")
    purged_at = fields.Datetime("Body erased", readonly=True)

    @api.depends("body")
    def _compute_body_pretty(self):
        for message in self:
            try:
                message.body_pretty = json.dumps(json.loads(message.body or "null"), indent=2, ensure_ascii=False)
            except ValueError:
                message.body_pretty = message.body

    # ------------------------------------------------------------------ by time
    @api.autovacuum
    def _gc_payloads(self):
        """Erase payloads after their time; hash, id and outcome stay.

        :return: (how many were erased, whether there are more), as the vacuum wants it
        """
        if self._abstract:
            return 0, 0
        limit = fields.Datetime.now() - timedelta(days=get_number(self.env, "payload_retention_days"))
        self.flush_model()
        ids = [row[0] for row in self.env.execute_query(self._get_purge_sql(limit))]
        self.invalidate_model()
        self.browse(ids)._on_purged()
        return len(ids), int(len(ids) == BATCH)

    @api.model
    def _get_purge_sql(self, limit):
        """Erases a batch of payloads of finished messages from before ``limit``; gives the ids."""
        return SQL(
            """UPDATE %(table)s SET %(blanks)s, purged_at = %(now)s
                WHERE id IN (SELECT id FROM %(table)s
                              WHERE purged_at IS NULL AND %(since)s < %(limit)s AND state NOT IN %(unfinished)s
                              ORDER BY %(since)s LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
            RETURNING id""",
            table=SQL.identifier(self._table),
            blanks=SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in self._payload_fields),
            now=fields.Datetime.now(),
            since=SQL.identifier(self._kept_since),
            limit=limit,
            unfinished=UNFINISHED,
            batch=BATCH,
        )

    def _on_purged(self):
        """Called on messages whose payload has just been erased."""

    @api.autovacuum
    def _gc_messages(self):
        """Delete messages long after their payload went. Facts and totals that came of them stay.

        :return: (how many were deleted, whether there are more), as the vacuum wants it
        """
        if self._abstract:
            return 0, 0
        days = get_number(self.env, "payload_retention_days") + get_number(self.env, "key_retention_days")
        old = [(self._kept_since, "<", fields.Datetime.now() - timedelta(days=days)), *self._get_forgettable_domain()]
        messages = self.search([*old, ("state", "not in", UNFINISHED)], limit=BATCH, order="purged_at")
        messages.unlink()
        return len(messages), int(len(messages) == BATCH)

    @api.model
    def _get_forgettable_domain(self):
        return [("purged_at", "!=", False)]
