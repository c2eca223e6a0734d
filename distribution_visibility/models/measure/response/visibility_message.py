from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...base.parameters import get_number

BATCH = 1000
REFUSED = "not_sent"


class VisibilityMetrics(models.AbstractModel):
    """What becomes of messages to customers and suppliers."""

    _inherit = "visibility.metrics"

    @api.model
    def _get_families(self):
        return [*super()._get_families(), *self._get_message_gauges()]

    @api.model
    def _get_message_gauges(self):
        day = fields.Datetime.now() - timedelta(days=1)
        messages = self.env["visibility.message"].sudo()
        return [
            self._gauge(
                "visibility_messages_open",
                "Messages to partners that are not sent yet, by state.",
                self._count_open_messages(messages),
                ["audience", "state"],
            ),
            self._gauge(
                "visibility_messages_drafted_last_day",
                "Messages to partners that were drafted within a day.",
                {
                    (audience,): count
                    for audience, count in messages._read_group(
                        [("drafted_at", ">", day)], ["audience"], ["__count"]
                    )
                },
                ["audience"],
            ),
            self._gauge(
                "visibility_messages_finished_last_day",
                "What became of messages within a day: sent, discarded, or why they were not sent.",
                self._count_finished_messages(messages, day),
                ["audience", "result"],
            ),
            self._gauge(
                "visibility_messages_release_seconds_last_day",
                "From draft to release, on average, of messages that were released within a day.",
                self._get_release_seconds(day),
                ["audience"],
            ),
        ]

    @api.model
    def _count_open_messages(self, messages):
        counts = {(audience, state): 0 for audience in ("customer", "supplier") for state in ("draft", "waiting")}
        groups = messages._read_group([("state", "in", ("draft", "waiting"))], ["audience", "state"], ["__count"])
        return counts | {(audience, state): count for audience, state, count in groups}

    @api.model
    def _count_finished_messages(self, messages, since):
        groups = messages._read_group([("finished_at", ">", since)], ["audience", "state", "refusal"], ["__count"])
        counts = {}
        for audience, state, refusal, count in groups:
            key = audience, refusal if state == REFUSED and refusal else state
            counts[key] = counts.get(key, 0) + count
        return counts

    @api.model
    def _get_release_seconds(self, since):
        self.env["visibility.message"].flush_model()
        query = SQL(
            """SELECT audience, avg(extract(epoch FROM released_at - drafted_at)) FROM visibility_message
                WHERE released_at > %s GROUP BY audience""",
            since,
        )
        return {(audience,): float(seconds) for audience, seconds in self.env.execute_query(query)}


class VisibilityErasure(models.Model):
    _inherit = "visibility.erasure"

    @api.model
    def _get_person_fields(self):
        return {**super()._get_person_fields(), "visibility.message": ["text_subject", "text_body", "reason"]}


class VisibilityMessage(models.Model):
    _inherit = "visibility.message"

    @api.autovacuum
    def _gc_messages(self):
        """Delete messages long after they were sent or dropped; what was sent stays in the chatter of its order.

        :return: (how many were deleted, whether there are more), as the vacuum wants it
        """
        days = get_number(self.env, "payload_retention_days") + get_number(self.env, "key_retention_days")
        limit = fields.Datetime.now() - timedelta(days=days)
        old = self.sudo().search([("finished_at", "<", limit)], limit=BATCH, order="finished_at")
        old.unlink()
        return len(old), int(len(old) == BATCH)
