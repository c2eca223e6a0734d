import hashlib

from odoo import api, fields, models
from odoo.tools import SQL

BODY = '{"type": "heartbeat"}'
# Enough to see a pattern, and few enough to disappear.
KEEP_MINUTES = 60
INTERVAL_SECONDS = 300


class VisibilityHeartbeat(models.AbstractModel):
    """A message a lane that travels through the inbox every few minutes and says nothing.

    How long ago the last one arrived tells whether the lane works at all, also while nobody sends. Subscribers
    who asked for it are told in the same way that the way to them works.
    """

    _name = "visibility.heartbeat"
    _description = "Heartbeat"

    @api.model
    def _get_source(self):
        """The internal source; empty when somebody has deleted it."""
        source = self.env.ref("distribution_visibility.source_heartbeat", raise_if_not_found=False)
        return source or self.env["visibility.source"]

    @api.model
    def _cron_beat(self):
        self._beat()
        self._purge()
        self.env["visibility.counter"]._merge()

    @api.model
    def _beat(self):
        self._beat_in()
        self._beat_out()

    @api.model
    def _beat_in(self):
        """Send one along each lane in which the one before has arrived: they must not pile up."""
        source = self._get_source()
        if not source:
            return
        inbox = self.env["visibility.inbox.message"]
        waiting = inbox.search([("source_id", "=", source.id), ("state", "in", ("pending", "retry", "running"))])
        lanes = [lane for lane in self._get_lanes() if lane not in waiting.mapped("lane")]
        inbox.create([self._prepare_beat(source, lane) for lane in lanes])
        for lane in lanes:
            inbox._wake(lane)

    @api.model
    def _beat_out(self):
        """One for each subscriber whose last one has arrived: they must not pile up."""
        outbox = self.env["visibility.outbox.message"]
        if not outbox._is_wanted("heartbeat"):
            return
        waiting = [("event_type", "=", "heartbeat"), ("state", "in", ("pending", "retry", "running"))]
        busy = outbox.sudo().search(waiting).subscription_id
        wants = self.env["visibility.subscription"]._get_wanting("heartbeat")
        ids = [want.subscription_id for want in wants if want.subscription_id not in busy.ids]
        for subscription in self.env["visibility.subscription"].sudo().browse(ids):
            outbox._emit_to(subscription, "heartbeat", {"interval_seconds": INTERVAL_SECONDS})

    @api.model
    def _get_lanes(self):
        return [lane for lane, _label in self.env["visibility.inbox.message"]._fields["lane"].selection]

    @api.model
    def _prepare_beat(self, source, lane):
        now = fields.Datetime.now()
        return {
            "source_id": source.id,
            "company_id": source.company_id.id,
            "external_id": f"heartbeat:{lane}:{now:%Y-%m-%dT%H:%M:%S}",
            "body": BODY,
            "body_sha256": hashlib.sha256(BODY.encode()).hexdigest(),
            "body_size": len(BODY),
            "is_trusted": True,
            "lane": lane,
            "received_at": now,
        }

    @api.model
    def _purge(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), minutes=KEEP_MINUTES)
        old = [("source_id", "=", self._get_source().id), ("received_at", "<", limit)]
        keep = self._get_last().mapped("id")
        self.env["visibility.inbox.message"].search([*old, ("state", "=", "done"), ("id", "not in", keep)]).unlink()

    @api.model
    def _get_last(self):
        """The last heartbeat of each lane that arrived."""
        query = SQL(
            """SELECT DISTINCT ON (lane) id FROM visibility_inbox_message
                WHERE source_id = %s AND state = 'done' ORDER BY lane, finished_at DESC""",
            self._get_source().id or 0,
        )
        return self.env["visibility.inbox.message"].browse(row[0] for row in self.env.execute_query(query))

    @api.model
    def _get_ages(self):
        """Seconds since the last heartbeat arrived, by lane; since the installation where none did."""
        source = self._get_source()
        if not source:
            return {}
        arrived = {beat.lane: beat.finished_at for beat in self._get_last()}
        now = fields.Datetime.now()
        return {
            lane: max((now - arrived.get(lane, source.create_date)).total_seconds(), 0) for lane in self._get_lanes()
        }
