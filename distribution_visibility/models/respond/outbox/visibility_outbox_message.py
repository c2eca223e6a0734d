import contextlib
import logging
import uuid

from odoo import api, fields, models
from odoo.exceptions import MissingError

from ....lib.ingest.trace_context import TraceContext
from ....lib.respond.outbox.catalogue import describe, write_body
from ...base.guard import guarded

_logger = logging.getLogger(__name__)

KINDS = {
    "sale.order": "sale_order",
    "purchase.order": "purchase_order",
    "stock.picking": "transfer",
    "account.move": "invoice",
    "visibility.shipment": "shipment",
    "visibility.exception": "exception",
}
# What people and senders wrote in their own words: only for subscriptions that ask.
TEXTS = ("reason", "resolution")


class VisibilityOutboxMessage(models.Model):
    """One event for one subscriber, written in the transaction that it tells of, and sent after its commit."""

    _name = "visibility.outbox.message"
    _description = "Outgoing message"
    _inherit = [
        "visibility.evidence.mixin", "visibility.queue.mixin", "visibility.payload.mixin", "visibility.action.mixin"
    ]  # fmt: skip
    _order = "id desc"
    _rec_name = "event_id"
    _kept_since = "occurred_at"
    _payload_fields = ("body", "answer_excerpt", "traceback")

    subscription_id = fields.Many2one(
        "visibility.subscription", required=True, index=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    event_type = fields.Char("Event", required=True, readonly=True, index=True)
    event_id = fields.Char("Id", required=True, readonly=True, help="webhook-id: the same in every attempt.")
    occurred_at = fields.Datetime("Happened", required=True, readonly=True, index=True, default=fields.Datetime.now)
    body = fields.Text("Body as sent", readonly=True)
    subject_model = fields.Char(readonly=True)
    may_open_document = fields.Boolean(compute="_compute_may_open_document")
    subject_id = fields.Many2oneReference("About", model_field="subject_model", readonly=True)
    subject_name = fields.Char("Document", readonly=True, help="Its number.")
    subject_key = fields.Char(readonly=True, help="Messages about the same record are sent in order.")
    traceparent = fields.Char("Trace", readonly=True, help="W3C trace context, passed on to the receiver.")
    is_suspect = fields.Boolean(readonly=True, help="A worker died while it was sent: it is sent alone.")
    attempt_ids = fields.One2many("visibility.outbox.attempt", "message_id", "Attempts made", readonly=True)
    answer_status = fields.Integer("HTTP status", readonly=True)
    answer_excerpt = fields.Char("Answer", readonly=True)

    _once = models.UniqueIndex("(event_id)", "This event was written before.")
    _due = models.Index("(subscription_id, next_attempt_at, id) WHERE state IN ('pending', 'retry')")
    _running = models.Index("(claimed_at) WHERE state = 'running'")
    _in_order = models.Index("(subscription_id, subject_key, id) WHERE state IN ('pending', 'retry', 'running')")
    _unpurged = models.Index("(occurred_at) WHERE purged_at IS NULL")

    # ------------------------------------------------------------------ emitting
    @api.model
    def _is_wanted(self, *event_types):
        """Whether anybody wants one of these types: ask before working out what changed."""
        subscriptions = self.env["visibility.subscription"]
        return any(subscriptions._get_wanting(event_type) for event_type in event_types)

    @api.model
    def _emit(self, event_type, records, prepare, subject=None):
        """Write an event about each record for everybody who wants it: one INSERT, or nothing at all.

        Call it in the transaction of what happened. It never fails for what an event says.

        :param str event_type: a type of the catalogue
        :param records: records of one model; those of other companies than a subscription's are left out
        :param prepare: function of one record that gives the values of the type's data
        :param subject: function of one record that gives the record whose order counts; itself by default
        :return: the messages
        """
        wants = self.env["visibility.subscription"]._get_wanting(event_type)
        if not wants or not records:
            return self.browse()
        records = records.sudo()
        # What people changed fails as their own, not as that of a description which reads it
        self.env.flush_all()
        texts = {}
        rows = [
            row
            for want in wants
            for record in self._select(records, want)
            if (row := self._prepare_message(event_type, want, record, prepare, subject, texts))
        ]
        messages = self.sudo().create(rows)
        for lane in {row["lane"] for row in rows}:
            self._wake_soon(lane)
        return messages

    @api.model
    def _emit_to(self, subscription, event_type, data):
        """Write one event for one subscription, about nothing else than the subscription itself."""
        values = self._prepare_message(
            event_type, subscription._prepare_want(), subscription, lambda _one: data, None, {}
        )
        self._wake_soon(subscription.lane)
        return self.sudo().create(values)

    @api.model
    def _select(self, records, want):
        """Those of the records that a subscription is about."""
        if "company_id" in records._fields:
            records = records.filtered(lambda record: record.company_id.id in (want.company_id, False))
        text = want.filters.get(records._name)
        return self.env["visibility.subscription.filter"].sudo()._select(records, text) if text else records

    @api.model
    def _prepare_message(self, event_type, want, record, prepare, subject, texts):
        """Values of one message; None, and a line in the log, when the event breaks its own description."""
        key = (record.id, want.has_texts)
        # What a faulty description leaves behind in the database must not stop whoever saves
        with guarded(self.env, flush=False) as attempt:
            if key not in texts:
                values = prepare(record)
                kept = values if want.has_texts else {k: v for k, v in values.items() if k not in TEXTS}
                texts[key] = describe(event_type, kept)
            about = subject(record) if subject else record
            about_name = self._get_document_name(about)
        if attempt.error:
            sentence = "an event %s about %s could not be described and is left out"
            _logger.error(sentence, event_type, record, exc_info=attempt.error)
            return None
        event_id, now = f"msg_{uuid.uuid4().hex}", fields.Datetime.now()
        return {
            "subscription_id": want.subscription_id,
            "company_id": want.company_id,
            "lane": want.lane,
            "event_type": event_type,
            "event_id": event_id,
            "occurred_at": now,
            "body": write_body(event_type, event_id, now, texts[key]),
            "subject_model": about._name,
            "subject_id": about.id,
            "subject_name": about_name,
            "subject_key": f"{about._name},{about.id}",
            "traceparent": TraceContext.receive(self._get_traceparent(record)).format(),
        }

    @api.model
    def _get_traceparent(self, record):
        """The trace of what a record is told by; a new one begins where there is none."""
        event = record["event_id"] if "event_id" in record._fields else self.env["visibility.event"]
        return event.message_id.traceparent if event._name == "visibility.event" else None

    # ------------------------------------------------------------------ how records are described
    @api.model
    def _prepare_document(self, record):
        """A record as bodies name it. No name of a person: the number of the document."""
        return {
            "kind": KINDS.get(record._name, "other"),
            "name": self._get_document_name(record),
            "model": record._name,
            "id": record.id,
            "url": self._get_link(record),
        }

    @api.model
    def _get_document_name(self, record):
        if record._name in KINDS:
            # Asked of none beforehand, that would be a query each: a target outlives its own document
            with contextlib.suppress(MissingError):
                return (record["number"] if "number" in record._fields else record["name"]) or ""
        return f"{record._name},{record.id}"

    @api.model
    def _get_link(self, record):
        return f"{record.get_base_url()}/mail/view?model={record._name}&res_id={record.id}"

    @api.model
    def _prepare_documents(self, *groups):
        return [self._prepare_document(record) for records in groups for record in records]

    # ------------------------------------------------------------------ buttons
    @api.depends("subject_model", "subject_id")
    @api.depends_context("uid")
    def _compute_may_open_document(self):
        for message in self:
            message.may_open_document = self._may_open(message.subject_model, message.subject_id)

    def action_open_subject(self):
        self.ensure_one()
        record = self.env[self.subject_model].browse(self.subject_id).exists() if self.subject_model else None
        return self._open_record(record._name, record.id) if record else False
