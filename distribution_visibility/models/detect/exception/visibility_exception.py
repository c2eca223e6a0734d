from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ...base.notes import is_first
from .visibility_exception_category import SEVERITY

OPEN_STATES = ("new", "acknowledged", "in_progress", "waiting")
CLOSED_STATES = ("resolved", "dismissed")
SEVERITY_RANK = {name: rank for rank, (name, _label) in enumerate(SEVERITY)}

CHANGED = "visibility.exceptions.changed"
#: A document that was archived, as a revision does with the order before it, is still what it is about.
ARCHIVED_TOO = {"active_test": False}
# What a card or a row shows; everything else is no reason to draw the workbench again.
SHOWN = {"state", "user_id", "severity", "deadline", "reason", "seen_count", "is_snoozed"}
SHOWN |= {"sale_order_ids", "purchase_order_ids"}
#: What the at-risk state of documents follows from, besides the documents themselves
MAKES_RISK = frozenset({"state", "severity", "tag_ids", "is_unproven"})


class VisibilityException(models.Model):
    """Something that went wrong and that a named person answers for until it is right again.

    This file is the life of an exception: how it opens, changes, comes back, ends and is deleted. Each is one list of
    steps in the order in which they happen; a step is defined in the room whose business it is.
    ``docs/detect/life-of-an-exception.md`` says the same in words.
    """

    _name = "visibility.exception"
    _description = "Exception"
    _inherit = [
        "visibility.evidence.mixin", "mail.thread", "mail.activity.mixin", "visibility.action.mixin",
        "visibility.average.mixin",
    ]  # fmt: skip
    _order = "is_open desc, priority_score desc, deadline, id desc"
    _mail_post_access = "read"

    name = fields.Char(
        "Number", required=True, readonly=True, copy=False, default=lambda self: self.env._("New"),
        written_by="detect",
    )  # fmt: skip
    title = fields.Char(compute="_compute_title", store=True)
    state = fields.Selection(
        [
            ("new", "New"),
            ("acknowledged", "Acknowledged"),
            ("in_progress", "In progress"),
            ("waiting", "Waiting"),
            ("resolved", "Resolved"),
            ("dismissed", "Dismissed"),
        ],
        default="new",
        required=True,
        index=True,
        tracking=True,
        group_expand=True,
    )
    is_open = fields.Boolean(compute="_compute_is_open", store=True, index=True, precompute=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True, written_by="detect")

    # What went wrong: what, why, and whose it is
    category_id = fields.Many2one(
        "visibility.exception.category", required=True, index=True, tracking=True, written_by="detect",
    )  # fmt: skip
    process_area = fields.Selection(related="category_id.process_area", store=True, string="Process area")
    reason_code = fields.Char("Reason code", help="As received.", written_by="detect")
    responsible_party = fields.Selection(
        [
            ("carrier", "Carrier"),
            ("consignee", "Recipient"),
            ("supplier", "Supplier"),
            ("shipper", "We ourselves"),
            ("authority", "Authority"),
            ("nature", "Nature"),
            ("system", "System"),
        ],
        "Responsible",
    )
    severity = fields.Selection(SEVERITY, required=True, default="warning", index=True, tracking=True)
    severity_rank = fields.Integer(compute="_compute_severity_rank", store=True, precompute=True)
    is_unproven = fields.Boolean(
        "Unproven", help="Its source cannot prove what it says: confirm it before anything of consequence.",
        written_by="detect",
    )  # fmt: skip
    tag_ids = fields.Many2many("visibility.tag", string="Tags")

    # Who answers for it
    user_id = fields.Many2one("res.users", "Owner", index=True, tracking=True)
    deadline = fields.Datetime(tracking=True, help="By when the owner should have responded.")
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")

    # What it is about
    res_model = fields.Char("Document model", required=True, readonly=True, written_by="detect")
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", required=True, readonly=True, written_by="detect"
    )
    shipment_id = fields.Many2one(
        "visibility.shipment", index="btree_not_null", readonly=True, ondelete="cascade", written_by="detect"
    )
    event_id = fields.Many2one(
        "visibility.event", "Latest event", readonly=True, ondelete="set null", written_by="detect",
    )  # fmt: skip
    picking_ids = fields.Many2many(
        "stock.picking", "visibility_exception_picking_rel", string="Deliveries and receipts", context=ARCHIVED_TOO
    )
    sale_order_ids = fields.Many2many(
        "sale.order", "visibility_exception_sale_order_rel", string="Sale orders", context=ARCHIVED_TOO
    )
    purchase_order_ids = fields.Many2many(
        "purchase.order", "visibility_exception_purchase_order_rel", string="Purchase orders", context=ARCHIVED_TOO
    )
    invoice_ids = fields.Many2many(
        "account.move", "visibility_exception_account_move_rel", string="Invoices", context=ARCHIVED_TOO
    )
    partner_id = fields.Many2one("res.partner", "Customer or supplier", index="btree_not_null")
    currency_id = fields.Many2one(related="company_id.currency_id")

    # Shown beside it, from where it is kept
    shipment_milestone_id = fields.Many2one(related="shipment_id.milestone_id", string="Milestone")
    shipment_fate_id = fields.Many2one(related="shipment_id.fate_id", string="What became of it")
    eta = fields.Datetime(related="shipment_id.eta")
    timeline_ids = fields.One2many(related="shipment_id.event_ids", string="Timeline")
    partner_tier = fields.Selection(related="partner_id.commercial_partner_id.visibility_tier", string="Customer tier")
    category_description = fields.Text(related="category_id.description", string="What to do first")
    # As superuser: how many there are is no secret, and not everybody may read all kinds of documents
    picking_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    sale_order_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    purchase_order_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    invoice_count = fields.Integer(compute="_compute_counts", compute_sudo=True)

    # What became of it
    first_seen_at = fields.Datetime(
        "First seen", required=True, readonly=True, default=fields.Datetime.now, written_by="detect"
    )
    last_seen_at = fields.Datetime(
        "Last seen", required=True, readonly=True, default=fields.Datetime.now, written_by="detect"
    )
    seen_count = fields.Integer("Times seen", default=1, readonly=True, written_by="detect")
    closed_at = fields.Datetime("Closed", readonly=True, tracking=True, written_by="detect")
    closed_by_event_id = fields.Many2one(
        "visibility.event", "Cleared by", readonly=True, ondelete="set null", written_by="detect"
    )
    resolution = fields.Char(tracking=True, help="How it was resolved, or why it was dismissed.")

    _one_open = models.UniqueIndex("(category_id, res_model, res_id) WHERE is_open", "This one is open already.")
    _by_document = models.Index("(res_model, res_id)")

    # ------------------------------------------------------------------ computes
    @api.depends("state")
    def _compute_is_open(self):
        for exception in self:
            exception.is_open = exception.state in OPEN_STATES

    @api.depends("severity")
    def _compute_severity_rank(self):
        for exception in self:
            exception.severity_rank = SEVERITY_RANK[exception.severity]

    @api.depends("category_id", "shipment_id")
    def _compute_title(self):
        names = self._get_document_names()
        for exception in self:
            named = names.get((exception.res_model, exception.res_id))
            about = exception.shipment_id.display_name or named or self.env._("deleted document")
            exception.title = f"{exception.category_id.name}: {about}"

    @api.depends("picking_ids", "sale_order_ids", "purchase_order_ids", "invoice_ids")
    def _compute_counts(self):
        for exception in self:
            for name in self._get_document_fields():
                exception[name.replace("_ids", "_count")] = len(exception[name])

    @api.depends("deadline", "is_open")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for exception in self:
            exception.is_overdue = bool(exception.is_open and exception.deadline and exception.deadline < now)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("is_open", "=", True), ("deadline", "<", fields.Datetime.now())]

    def _get_document(self):
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id) if self.res_model in self.env else self.shipment_id

    def _get_living_documents(self):
        """The documents that there still are, by (model, id): one query a model."""
        living = {}
        for model, exceptions in self.filtered(lambda one: one.res_model in self.env).grouped("res_model").items():
            documents = self.env[model].browse(set(exceptions.mapped("res_id"))).exists()
            living.update({(model, document.id): document for document in documents})
        return living

    def _get_document_names(self):
        """Names by (model, id), read together for all documents of a model."""
        return {key: document.display_name for key, document in self._get_living_documents().items()}

    def _compute_display_name(self):
        for exception in self:
            exception.display_name = f"{exception.name} {exception.title}" if exception.title else exception.name

    # ------------------------------------------------------------------ opening
    @api.model_create_multi
    def create(self, vals_list):
        self._number(vals_list)
        exceptions = super().create(vals_list)
        exceptions._announce_change()
        return exceptions

    def _on_opened(self):
        """Seam: what happens with exceptions that have just been opened, in this order."""
        self._refresh_documents()
        self._take_over_consequences()
        self._refresh_partners()
        self._plan_response()
        self._emit_event("exception.opened")
        self._plan_escalation()
        self._note_messages("opened", "opened")

    # ------------------------------------------------------------------ changing
    def write(self, vals):
        """Change exceptions in four phases: nothing is written before every check has passed.

        What a person holds is left out of what automation writes, and kept for later.
        """
        parts = self._split_held(vals)
        for exceptions, values in parts:
            exceptions._check_write(values)
        for exceptions, values in parts:
            exceptions._keep_wanted(vals, values)
            if values or not vals:
                values = exceptions._complete_write(values)
                before = exceptions._before_write(values)
                super(VisibilityException, exceptions).write(values)
                exceptions._after_write(values, before)
        return True

    def _check_write(self, vals):
        """Seam: all that may refuse a change, each by an error that says what to do instead."""
        self._check_fields_of_detect(vals)
        self._check_may_work(vals)
        self._check_held(vals)
        self._check_releasing(vals)
        self._check_not_merged(vals)
        self._check_dismissal(vals)

    def _complete_write(self, vals):
        """Seam: what goes with a change, however it is made: a button, a dragged card, an import."""
        vals = self._complete_reason(vals)
        vals = self._complete_owner(vals)
        return self._complete_state(vals)

    def _before_write(self, vals):
        """Seam: what has to be remembered of how it was, by name. Nothing is written here."""
        return {
            "moving": self._get_moving(vals),
            "reopened": self._get_reopened(vals),
            "documents": self._get_moved_documents(vals),
            "partners": self._get_moved_partners(vals),
            "owners": self._get_moved_owners(vals),
            "watched": self._get_watched(vals),
            "ranks": self._get_moved_ranks(vals),
            "ending": self._get_ending(vals),
            "proven": self._get_proven(vals),
        }

    def _after_write(self, vals, before):
        """Seam: what follows from a change, in this order.

        :param dict before: what :meth:`_before_write` remembered
        """
        self._overrule(vals)
        self._remember_owners(before["moving"])
        self._follow_documents(vals, before["documents"])
        self._follow_reopening(before["reopened"])
        self._follow_workbench(vals)
        self._follow_partners(vals, before["partners"])
        self._follow_response(vals, before["owners"])
        self._follow_playbook(vals)
        self._follow_watched(before["watched"])
        self._follow_escalation(vals, before["ranks"])
        self._follow_messages(vals, before["ending"], before["proven"])

    # ------------------------------------------------------------------ coming back
    def _get_reopened(self, vals):
        opening = vals.get("state") in OPEN_STATES
        return self.filtered(lambda exception: not exception.is_open) if opening else self.browse()

    def _follow_reopening(self, reopened):
        if reopened:
            reopened._on_reopened()

    def _on_reopened(self):
        """Seam: what happens with exceptions that came back, in this order."""
        self._begin_anew()
        self._count_reopening()
        self._forget_ended_causes()
        self._take_over_consequences()
        self._revoke_overrides()
        self._plan_response()
        self._emit_event("exception.reopened")
        self._plan_escalation()
        self._note_messages("opened", "opened")

    # ------------------------------------------------------------------ ending
    def _end(self, values):
        """Seam: the cause of these is gone; ``values`` are written on those that end (merged ones: with the last)."""
        exceptions = self | self._get_open_parts()
        questions = exceptions._get_questions()
        exceptions._look_at_consequences()
        ending = exceptions._note_ended_causes(values)
        ending.write(values)
        self._end_questions(questions)
        ending._release_consequences()

    @api.model
    def _end_with_documents(self, documents):
        """What is deleted cannot be late any more: its exceptions end, whoever holds them, and stay as history."""
        about = [("res_model", "=", documents._name), ("res_id", "in", documents.ids)]
        exceptions = self.sudo().search([*about, *self._get_alive_domain()])
        exceptions._forget_overrides()
        exceptions._end({"state": "resolved", "resolution": self.env._("The document was deleted.")})

    def unlink(self):
        self._check_unlink()
        documents, partners = self._get_documents(), self._get_partner_pairs()
        result = super().unlink()
        self._refresh_left(documents)
        self.browse()._refresh_partners(partners)
        return result

    # ------------------------------------------------------------------ numbers
    @api.model
    def _number(self, vals_list):
        companies = Counter(vals["company_id"] for vals in vals_list)
        numbers = {company: self._draw_numbers(company, count) for company, count in companies.items()}
        for vals in vals_list:
            vals["name"] = next(numbers[vals["company_id"]])

    @api.model
    def _draw_numbers(self, company_id, count):
        """So many numbers at once; one by one only from a sequence that somebody made gapless or yearly."""
        sequence = self._get_sequence(company_id)
        if sequence.implementation != "standard" or sequence.use_date_range:
            return (sequence.next_by_id() for _number in range(count))
        table = f"ir_sequence_{sequence.id:03d}"
        rows = self.env.execute_query(SQL("SELECT nextval(%s) FROM generate_series(1, %s)", table, count))
        return (sequence.get_next_char(number) for (number,) in rows)

    @api.model
    def _get_sequence(self, company_id):
        """The company's own sequence, else the shared one: found once for any number of exceptions."""
        domain = [("code", "=", "visibility.exception"), ("company_id", "in", [company_id, False])]
        return self.env["ir.sequence"].sudo().search(domain, order="company_id", limit=1)

    # ------------------------------------------------------------------ documents
    @api.model
    def _get_document_fields(self):
        """Which fields of an exception hold documents that carry an at-risk state."""
        return ["picking_ids", "sale_order_ids", "purchase_order_ids", "invoice_ids"]

    def _get_documents(self):
        return {name: self.sudo()[name] for name in self._get_document_fields()}

    def _refresh_documents(self, before=None):
        """Bring the at-risk state of all documents concerned up to date, in batches.

        :param dict before: documents that were concerned until now, by field
        """
        for name, records in self._get_documents().items():
            (records | (before or {}).get(name, records.browse()))._refresh_risk()

    def _get_moved_documents(self, vals):
        return self._get_documents() if vals.keys() & set(self._get_document_fields()) else {}

    def _follow_documents(self, vals, before):
        if vals.keys() & {*MAKES_RISK, *self._get_document_fields()}:
            self._refresh_documents(before)

    @api.model
    def _refresh_left(self, documents):
        """The documents of exceptions that were deleted, as far as they are there."""
        for records in documents.values():
            records.exists()._refresh_risk()

    # ------------------------------------------------------------------ open workbenches
    def _follow_workbench(self, vals):
        if vals.keys() & SHOWN:
            self._announce_change()

    def _announce_change(self):
        """One empty message a transaction: it says that, never what, so that nobody learns of other companies."""
        if self and is_first(self.env, CHANGED):
            self.env.ref("distribution_visibility.group_user").sudo()._bus_send(CHANGED, {})
