from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...base.parameters import get_number
from ..inbox.visibility_inbox_message_retention import BATCH, UNFINISHED


class VisibilityOutboxMessage(models.Model):
    """How long what was sent is kept: as what was received. Ids and outcomes outlive bodies."""

    _inherit = "visibility.outbox.message"

    purged_at = fields.Datetime("Body erased", readonly=True)

    _unpurged = models.Index("(occurred_at) WHERE purged_at IS NULL")

    @api.autovacuum
    def _gc_bodies(self):
        """Erase bodies and answers after their time; id and outcome stay.

        :return: (how many were erased, whether there are more), as the vacuum wants it
        """
        limit = fields.Datetime.now() - timedelta(days=get_number(self.env, "payload_retention_days"))
        self.flush_model()
        query = SQL(
            """UPDATE visibility_outbox_message
                  SET body = NULL, answer_excerpt = NULL, traceback = NULL, purged_at = %s
                WHERE id IN (SELECT id FROM visibility_outbox_message
                              WHERE purged_at IS NULL AND occurred_at < %s AND state NOT IN %s
                              ORDER BY occurred_at LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id""",
            fields.Datetime.now(),
            limit,
            UNFINISHED,
            BATCH,
        )
        ids = [row[0] for row in self.env.execute_query(query)]
        self.invalidate_model()
        self.browse(ids).attempt_ids.write({"excerpt": False})
        return len(ids), int(len(ids) == BATCH)

    @api.autovacuum
    def _gc_messages(self):
        """Delete messages long after their bodies went."""
        days = get_number(self.env, "payload_retention_days") + get_number(self.env, "key_retention_days")
        limit = fields.Datetime.now() - timedelta(days=days)
        old = [("purged_at", "!=", False), ("occurred_at", "<", limit), ("state", "not in", UNFINISHED)]
        messages = self.search(old, limit=BATCH, order="occurred_at")
        messages.unlink()
        return len(messages), int(len(messages) == BATCH)


class VisibilityErasure(models.Model):
    _inherit = "visibility.erasure"

    @api.model
    def _get_person_fields(self):
        fields_of = super()._get_person_fields()
        return {**fields_of, "visibility.outbox.message": ["body", "error", "answer_excerpt", "decision_reason"]}
