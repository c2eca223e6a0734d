import hashlib
import json
import logging
import shutil
import time
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.tools import SQL

from ...lib.base.errors import UnknownShape
from ...lib.base.log_text import one_line
from ...lib.ingest.adapters import Delivery
from ...lib.ingest.redaction import redact, storable_headers
from ..base.parameters import get_number

_logger = logging.getLogger(__name__)

# Better refuse than accept and lose: senders try again, a full disk forgets.
MIN_FREE_BYTES = 200 * 1024 * 1024
OVERLOAD_CHECK_SECONDS = 5
OVERLOAD_WAIT_SECONDS = 60

_overload = {}

class VisibilityInboxMessage(models.Model):
    """One delivery of a source, as received. Written once by the door, then worked off."""

    _name = "visibility.inbox.message"
    _description = "Inbox message"
    _inherit = ["visibility.queue.mixin", "visibility.payload.mixin", "visibility.action.mixin"]
    _visibility_is_reported = True
    _order = "id desc"
    _rec_name = "external_id"
    _kept_since = "received_at"
    _payload_fields = ("body", "headers", "traceback")

    source_id = fields.Many2one("visibility.source", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    external_id = fields.Char(
        "Event id",
        required=True,
        readonly=True,
        help="The sender's id of this delivery, the same over its retries; else derived from the body.",
    )
    received_at = fields.Datetime("Received", required=True, readonly=True, index=True, default=fields.Datetime.now)
    body = fields.Text(
        "Body as received", readonly=True, help="As received; only access secrets and needless personal data blanked."
    )
    purged_at = fields.Datetime("Payload erased")
    body_sha256 = fields.Char("SHA-256", required=True, readonly=True, help="Of the raw bytes that were verified.")
    body_size = fields.Integer("Size (bytes)", readonly=True)
    headers = fields.Json(readonly=True, help="The request headers that are safe to keep.")
    key_id = fields.Many2one("visibility.source.key", "Verified with", readonly=True, ondelete="set null")
    is_trusted = fields.Boolean("Proven", readonly=True, help="Off: the sender could not prove what it says.")
    ordering_key = fields.Char(readonly=True, help="Messages with the same key are worked on in order.")
    traceparent = fields.Char("Trace", readonly=True, help="W3C trace context of the request.")
    event_ids = fields.One2many("visibility.event", "message_id", "Events", readonly=True)
    event_count = fields.Integer("New events", readonly=True)
    has_unknown_code = fields.Boolean(compute="_compute_has_unknown_code")
    is_unmatched = fields.Boolean(
        "Unmatched", readonly=True, help="Speaks of a shipment that no delivery or receipt is known for."
    )

    is_undecided = fields.Boolean(
        "To decide", readonly=True, help="Speaks of a number that several shipments have: a person chooses one."
    )

    _one_per_event = models.UniqueIndex("(source_id, external_id)", "This event was received before.")
    _due = models.Index("(lane, next_attempt_at, id) WHERE state IN ('pending', 'retry')")
    _running = models.Index("(claimed_at) WHERE state = 'running'")
    _in_order = models.Index("(source_id, ordering_key, id) WHERE state IN ('pending', 'retry', 'running')")
    _unpurged = models.Index("(received_at) WHERE purged_at IS NULL")
    _purged = models.Index("(purged_at) WHERE purged_at IS NOT NULL")

    # ------------------------------------------------------------------ accepting
    @api.model
    def _accept(self, receiver, body, payload, headers, verified, traceparent=""):
        """Store one authentic delivery durably: one INSERT, then the lane is woken after commit.

        :param receiver: the :class:`Receiver` that ``verified`` is the proof for
        :param bytes body: the raw body; ``payload`` is what it parses to
        :param dict headers: lower-case names
        :return: ``accepted``, ``duplicate``, or ``quarantined`` for the id of another body
        """
        delivery = Delivery(payload, headers)
        values = self._prepare_values(receiver, body, delivery, verified, traceparent)
        if self._insert(values):
            self._wake_soon(receiver.lane)
            event_id = one_line(values["external_id"], 80)
            _logger.info("inbox source=%s event_id=%s state=pending", receiver.code, event_id)
            return "accepted"
        if self._get_stored_hash(values) == values["body_sha256"]:
            return "duplicate"
        return self._quarantine(receiver, values)

    @api.model
    def _quarantine(self, receiver, values):
        """Keep apart what came under the id of another body; ``duplicate`` when that was kept before."""
        values["external_id"] = f"{values['external_id']}#{values['body_sha256'][:16]}"[:256]
        values.update(
            state="quarantined", error=self.env._("Its id was used before, for a message that says something else.")
        )
        if not self._insert(values):
            return "duplicate"
        self._count_quarantined(receiver)
        return "quarantined"

    @api.model
    def _prepare_values(self, receiver, body, delivery, verified, traceparent):
        adapter = receiver.adapter
        digest = hashlib.sha256(body).hexdigest()
        now = fields.Datetime.now()
        return {
            "source_id": receiver.source_id,
            "company_id": receiver.company_id,
            "external_id": (verified.event_id or adapter.identify(delivery) or f"sha256:{digest}")[:200],
            "ordering_key": (adapter.ordering_key(delivery) or None),
            "body": self._get_storable_body(adapter, body, delivery.payload),
            "body_sha256": digest,
            "body_size": len(body),
            "headers": json.dumps(storable_headers(delivery.headers.items())),
            "key_id": int(verified.key_id),
            "is_trusted": receiver.scheme.proves_sender,
            "traceparent": traceparent or None,
            "lane": receiver.lane,
            "state": "pending",
            "attempts": 0,
            "received_at": now,
            "next_attempt_at": now,
            "create_uid": receiver.user_id,
            "create_date": now,
            "write_uid": receiver.user_id,
            "write_date": now,
        }

    def _get_storable_body(self, adapter, body, payload):
        """The body's own text, or what is left of it where the adapter blanks something."""
        kept = redact(payload, adapter.redact) if adapter.redact else payload
        return body.decode() if kept == payload else json.dumps(kept, ensure_ascii=False)

    def _insert(self, values):
        """Plain SQL, because the ORM's way costs as much as all the rest of a request."""
        columns = SQL(", ").join(map(SQL.identifier, values))
        query = SQL(
            "INSERT INTO %s (%s) VALUES %s ON CONFLICT (source_id, external_id) DO NOTHING RETURNING id",
            SQL.identifier(self._table),
            columns,
            tuple(values.values()),
        )
        # A twin at the same moment makes this fail, and it is tried again. Odoo would log that as an
        # error, with the whole body.
        self.env.cr.execute(query, log_exceptions=False)
        return self.env.cr.fetchall()

    def _get_stored_hash(self, values):
        query = SQL(
            "SELECT body_sha256 FROM %s WHERE source_id = %s AND external_id = %s",
            SQL.identifier(self._table),
            values["source_id"],
            values["external_id"],
        )
        rows = self.env.execute_query(query)
        return rows[0][0] if rows else None

    @api.model
    def _get_overload_wait(self):
        """Seconds a sender should wait because we cannot keep up or the disk is filling; 0: none.

        Looked up at most every few seconds a process: refusing is for emergencies, not for metering.
        """
        now = time.monotonic()
        checked_at, wait = _overload.get(self.env.cr.dbname, (-OVERLOAD_CHECK_SECONDS, 0))
        if now - checked_at >= OVERLOAD_CHECK_SECONDS:
            wait = self._measure_overload()
            _overload[self.env.cr.dbname] = (now, wait)
        return wait

    def _measure_overload(self):
        most = get_number(self.env, "max_backlog")
        query = SQL(
            """SELECT count(*) FROM (SELECT FROM visibility_inbox_message
                                      WHERE state IN ('pending', 'retry') LIMIT %s) backlog""",
            most,
        )
        is_disk_low = shutil.disk_usage(tools.config["data_dir"]).free < MIN_FREE_BYTES
        return OVERLOAD_WAIT_SECONDS if is_disk_low or self.env.execute_query(query)[0][0] >= most else 0

    # ------------------------------------------------------------------ working
    def _get_cron_xmlid(self, lane):
        return f"distribution_visibility.ir_cron_inbox_{lane}"

    def _get_due_sql(self, lane):
        """Not while an earlier message of the same shipment waits for its retry."""
        return SQL(
            """%s AND (m.ordering_key IS NULL OR NOT EXISTS (
                   SELECT FROM visibility_inbox_message e
                    WHERE e.source_id = m.source_id AND e.ordering_key = m.ordering_key
                      AND e.id < m.id AND e.state IN ('retry', 'running')
                      AND (e.state = 'running' OR e.next_attempt_at > %s)))""",
            super()._get_due_sql(lane),
            fields.Datetime.now(),
        )

    @api.model
    def _get_weight_sql(self):
        """By size: a scan is a kilobyte or two, a batch of five hundred events a hundred or more."""
        return SQL("1 + COALESCE(m.body_size, 0) / 1024")

    def _process_batch(self):
        """Parse, and hand the facts of all messages over to track, by company."""
        facts = {}
        for message in self:
            key = (message.source_id.user_id, message.company_id)
            facts.setdefault(key, []).extend((message, event) for event in message._parse())
        for (user, company), some in facts.items():
            self._get_recorder(user, company)._record_facts(some)

    @api.model
    def _get_recorder(self, user, company):
        """Events, recorded in the name of the source's technical user and in the company's language."""
        events = self.env["visibility.event"].with_user(user).sudo().with_company(company)
        return events.with_context(lang=company.partner_id.lang or self.env.lang)

    def _parse(self):
        """The canonical events of this message.

        :raises UnknownShape: when its adapter cannot read it, whatever the cause.
        """
        if not self.body:
            raise UnknownShape(self.env._("The body was erased after its retention time."))
        return self.source_id._get_adapter().parse(Delivery(json.loads(self.body), self.headers or {}))

    def _get_log_name(self):
        return f"inbox message={self.id} source={self.source_id.code} event_id={one_line(self.external_id, 80)}"

    @api.depends("event_ids.has_unknown_code")
    def _compute_has_unknown_code(self):
        for message in self:
            message.has_unknown_code = any(message.event_ids.mapped("has_unknown_code"))

    @api.model
    def _get_forgettable_domain(self):
        """Whatever was set later: nobody's sender may find its id forgotten within a month."""
        return [("purged_at", "<", fields.Datetime.now() - timedelta(days=30))]

    # ------------------------------------------------------------------ buttons
    def action_map_codes(self):
        """Straight to the codes of this message that nobody has given a meaning yet."""
        self.ensure_one()
        pairs = self.event_ids._get_code_pairs()
        domain = [("code", "in", [code for _vocabulary, code in pairs]), ("needs_mapping", "=", True)]
        return self._open_action("distribution_visibility.visibility_code_map_action", domain=domain)

    def action_open_shipments(self):
        self.ensure_one()
        domain = [("id", "in", self.event_ids.shipment_id.ids)]
        return self._open_action("distribution_visibility.visibility_shipment_action", domain=domain)

    def action_open_events(self):
        self.ensure_one()
        domain = [("message_id", "=", self.id)]
        return self._open_action("distribution_visibility.visibility_event_action", domain=domain)
