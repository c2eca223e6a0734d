from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ....lib.detect.exception.finding import Finding
from ....lib.ingest.canonical import Code
from ....lib.ingest.code_map import resolve


class VisibilityEvent(models.Model):
    """One fact as somebody reported it. Never changed and never deleted: it may be withdrawn."""

    _name = "visibility.event"
    _description = "Event"
    _inherit = ["visibility.action.mixin"]
    _visibility_is_reported = True
    _order = "occurred_at desc, id desc"
    _rec_name = "headline"

    kind = fields.Selection(
        [
            ("shipment", "Shipment"),
            ("order_response", "Order response"),
            ("despatch_advice", "Despatch advice"),
            ("retraction", "Retraction"),
            ("correction", "Correction"),
        ],
        required=True,
        readonly=True,
        default="shipment",
    )
    shipment_id = fields.Many2one("visibility.shipment", index=True, readonly=True, ondelete="cascade")
    choice_id = fields.Many2one(
        "visibility.shipment.choice", "Decision", index="btree_not_null", readonly=True, ondelete="set null"
    )
    is_undecided = fields.Boolean(
        "To decide",
        compute="_compute_is_undecided",
        store=True,
        help="Several shipments have this number: it counts once a person has chosen one.",
    )
    purchase_order_id = fields.Many2one("purchase.order", index="btree_not_null", readonly=True, ondelete="cascade")
    reference = fields.Char(readonly=True, help="What the sender calls the order, notice or event it speaks of.")
    details = fields.Json(readonly=True, help="The lines of an order response or despatch advice, as received.")
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    source_id = fields.Many2one("visibility.source", index=True, readonly=True, ondelete="restrict")
    message_id = fields.Many2one("visibility.inbox.message", index=True, readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", "Corrected by", readonly=True, help="The person who says so.")
    moved_from_id = fields.Many2one(
        "visibility.shipment",
        "Moved from",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Where it was recorded at first, before a person said that it is about another shipment.",
    )
    carrier_named = fields.Char("Carrier as named", readonly=True)
    number_named = fields.Char("Number as named", readonly=True)
    fingerprint = fields.Char(required=True, readonly=True, help="The same for the same fact in every push.")
    sender_id = fields.Char("Sender's id", readonly=True, index="btree_not_null")

    milestone_id = fields.Many2one("visibility.milestone", readonly=True, index=True)
    category_id = fields.Many2one("visibility.exception.category", "Exception", readonly=True, index="btree_not_null")
    responsible_party = fields.Selection("_selection_responsible_party", readonly=True)
    # What the sender said in our own vocabulary; goes before what its codes mean
    milestone_named = fields.Char(readonly=True)
    category_named = fields.Char(readonly=True)
    party_named = fields.Char(readonly=True)
    reason_code = fields.Char(readonly=True)
    reason = fields.Char(readonly=True)
    codes = fields.Json(readonly=True, help="The provider's own codes, the most telling first.")
    has_unknown_code = fields.Boolean(readonly=True)

    occurred_at = fields.Datetime(required=True, readonly=True, index=True, help="UTC; shown in your time zone.")
    occurred_raw = fields.Char("Time as sent", readonly=True)
    is_offset_known = fields.Boolean(
        "Time zone known", readonly=True, help="Off: the sender gave no time zone and UTC was assumed."
    )
    is_time_known = fields.Boolean(readonly=True, help="Off: the sender gave no time; when it was received is taken.")
    received_at = fields.Datetime(required=True, readonly=True)
    eta = fields.Datetime("ETA", readonly=True)
    location = fields.Char(readonly=True)
    description = fields.Char(readonly=True)
    headline = fields.Char(compute="_compute_headline")
    told = fields.Char("In their words", compute="_compute_told", help="Of a person: why, and who says so.")
    is_return = fields.Boolean("On the way back", readonly=True)
    signed_by = fields.Char("Taken by", readonly=True)
    proof_url = fields.Char("Proof of delivery", readonly=True)
    doubts = fields.Char(readonly=True, help="Contradictions in the message and how they were settled.")

    is_trusted = fields.Boolean("Proven", readonly=True, default=True)
    is_withdrawn = fields.Boolean("Withdrawn", readonly=True)
    withdrawn_reason = fields.Char(readonly=True)
    counts = fields.Boolean(
        compute="_compute_counts", store=True, help="Proven and not withdrawn: may move the shipment."
    )

    _once = models.UniqueIndex("(source_id, fingerprint)", "This fact is known already.")
    # What is asked of a timeline at each new fact is found here, however long that is.
    _by_moment = models.Index("(shipment_id, occurred_at, id) WHERE counts AND shipment_id IS NOT NULL")
    _by_milestone = models.Index(
        "(shipment_id, milestone_id, occurred_at, id) WHERE counts AND shipment_id IS NOT NULL"
    )
    _of_order_by_milestone = models.Index(
        "(purchase_order_id, milestone_id, occurred_at, id) WHERE counts AND purchase_order_id IS NOT NULL"
    )

    @api.model
    def _selection_responsible_party(self):
        return self.env["visibility.exception"]._fields["responsible_party"].selection

    @api.depends("is_trusted", "is_withdrawn")
    def _compute_counts(self):
        for event in self:
            event.counts = event.is_trusted and not event.is_withdrawn

    @api.depends("choice_id", "shipment_id")
    def _compute_is_undecided(self):
        for event in self:
            event.is_undecided = bool(event.choice_id and not event.shipment_id)

    @api.depends("milestone_id", "category_id", "description", "eta", "kind")
    def _compute_headline(self):
        for event in self:
            event.headline = event._get_headline()

    @api.depends("description", "reason", "user_id")
    def _compute_told(self):
        for event in self:
            event.told = f"{event.reason} ({event.sudo().user_id.name})" if event.user_id else event.description

    def _get_headline(self):
        if self.kind == "correction":
            return self._get_correction_headline()
        news = self.env._("New ETA") if self.eta else self.env._("News")
        return self.category_id.name or self.milestone_id.name or self.description or news

    # ------------------------------------------------------------------ of a long history only what is asked
    @api.model
    def _find_landmarks(self, field, records):
        """The first fact that counts of each milestone that these records reached.

        One query that takes as long for a thousand facts as for ten.

        :param str field: what facts say them by: ``shipment_id`` or ``purchase_order_id``
        :return: dict of record id to events
        """
        query = SQL(
            """
            SELECT told.id, fact.id
              FROM unnest(%(ids)s::int[]) told(id)
             CROSS JOIN visibility_milestone milestone
             CROSS JOIN LATERAL (
                   SELECT id FROM visibility_event
                    WHERE %(field)s = told.id AND milestone_id = milestone.id AND counts
                    ORDER BY occurred_at, id LIMIT 1
             ) fact
            """,
            ids=list(records._origin.ids),
            field=SQL.identifier(field),
        )
        return self._read_by_record(query)

    @api.model
    def _find_last_told(self, shipments):
        """The fact that was the last news of each shipment: dict of shipment id to event."""
        shipments.flush_recordset(["last_event_at"])
        query = SQL(
            """
            SELECT told.id, fact.id
              FROM visibility_shipment told
             CROSS JOIN LATERAL (
                   SELECT id FROM visibility_event
                    WHERE shipment_id = told.id AND occurred_at = told.last_event_at AND counts
                    ORDER BY id DESC LIMIT 1
             ) fact
             WHERE told.id = ANY(%s)
            """,
            list(shipments._origin.ids),
        )
        return self._read_by_record(query)

    @api.model
    def _read_by_record(self, query):
        self.flush_model(["shipment_id", "purchase_order_id", "milestone_id", "occurred_at", "counts"])
        found = {}
        for record_id, event_id in self.env.execute_query(query):
            found.setdefault(record_id, []).append(event_id)
        return {record_id: self.browse(event_ids) for record_id, event_ids in found.items()}

    @api.model
    def _find_sources(self, field, records):
        """Who told of each of these records: dict of record to sources."""
        groups = self.sudo()._read_group([(field, "in", records._origin.ids)], [field, "source_id"])
        found = {}
        for record, source in groups:
            found[record.id] = found.get(record.id, source.browse()) | source
        return found

    # ------------------------------------------------------------------ taking effect
    def _take_effect(self):
        """Move the shipments; then hand over to detect and respond. Unproven facts only enter the timeline."""
        # before anybody looks at what is wrong with them
        self._propose_answers()
        proven = self.filtered("counts")
        before = self.env["visibility.shipment"]._apply_events(proven.filtered("shipment_id"))
        self.env["visibility.exception"]._detect_events(self.filtered(lambda event: not event.is_withdrawn))
        self.env["visibility.exception"]._detect_late_risk(before)
        self.env["visibility.exception"]._detect_undecided(self.filtered("is_undecided"))
        self._accept_answers()

    def _get_subject(self):
        """What this is told of; nothing when no document is known for it, or only by tests."""
        if self.purchase_order_id:
            return self.purchase_order_id
        # not filtered(): that would forget the other shipments, which are read together with this one
        return self.shipment_id.browse() if self.shipment_id.is_test else self.shipment_id

    def _is_trouble(self, category=None):
        """Whether this opens an exception: not when its subject was past it before it was known.

        :param category: as which it is taken; its own where none is named
        """
        subject, category = self._get_subject(), category or self.category_id
        return bool(category and subject and not self.is_withdrawn and not subject._is_past(category, self.occurred_at))

    def _get_finding(self):
        """This fact as a detector reports it."""
        return Finding(
            at=self.occurred_at,
            reason=self.reason or self.description or "",
            reason_code=self.reason_code or next((code[1] for code in self.codes or ()), ""),
            responsible_party=self.responsible_party or "",
            is_trusted=self.is_trusted,
            event_id=self.id,
        )

    def _get_code_pairs(self):
        return {tuple(code) for event in self for code in event.codes or ()}

    def _reinterpret(self):
        """Read the codes again after the code map changed; nothing that a sender said is lost."""
        events = self.sudo()
        for event in events:
            codes = [Code(vocabulary=vocabulary, value=value) for vocabulary, value in event.codes or ()]
            named = (event.milestone_named, event.category_named, event.party_named)
            event.write(event._prepare_meaning(codes, *named))
        events.shipment_id._recompute_from_timeline()
        events._take_effect()

    @api.model
    def _prepare_meaning(self, codes, milestone="", category="", responsible_party=""):
        """What codes mean by the code map; what a sender says in our own vocabulary goes first."""
        meanings = self.env["visibility.code.map"]._get_meanings()
        result = resolve(codes, lambda vocabulary, code: meanings.get((vocabulary, code)))
        milestones = self.env["visibility.milestone"]._get_ids_by_code()
        categories = self.env["visibility.exception.category"]._get_ids_by_code()
        return {
            "milestone_id": milestones.get(milestone or result.milestone),
            "category_id": categories.get(category or result.category),
            "responsible_party": responsible_party or result.responsible_party or False,
            "milestone_named": milestone,
            "category_named": category,
            "party_named": responsible_party,
            "has_unknown_code": bool(result.unknown) and not result.matched,
        }

    def action_confirm(self):
        """A person vouches for facts whose sender proved nothing: now they count."""
        self.check_access("read")
        if not self.env.user.has_group("distribution_visibility.group_coordinator"):
            raise UserError(self.env._("Only a coordinator may confirm what an unproven source says."))
        unproven = self.sudo().filtered(lambda event: not event.is_trusted)
        unproven.is_trusted = True
        for subject, events in unproven.grouped(lambda event: event._get_subject()).items():
            subject.message_post(
                body=self.env._(
                    "%(user)s confirmed %(count)s unproven event(s).", user=self.env.user.name, count=len(events)
                )
            )
        before = self.env["visibility.shipment"].sudo()._apply_events(unproven.filtered("shipment_id"))
        self.env["visibility.exception"].sudo()._prove(unproven)
        self.env["visibility.exception"].sudo()._detect_late_risk(before)
        self.env["visibility.exception"].sudo()._clear_reached(unproven.shipment_id)
        unproven._prove_answers()
