from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .visibility_exception_category import SEVERITY

OPEN_STATES = ("new", "acknowledged", "in_progress", "waiting")
CLOSED_STATES = ("resolved", "dismissed")
FIELDS_OF_DETECT = frozenset(
    {
        "name", "company_id", "category_id", "is_unproven", "res_model", "res_id", "shipment_id", "event_id",
        "first_seen_at", "last_seen_at", "seen_count", "closed_at", "closed_by_event_id", "rule_id", "rule_ids",
        "reason_code",
    }
)  # fmt: skip
SEVERITY_RANK = {name: rank for rank, (name, _label) in enumerate(SEVERITY)}


class VisibilityException(models.Model):
    """Something that went wrong and that a named person answers for until it is right again."""

    _name = "visibility.exception"
    _description = "Exception"
    _inherit = ["visibility.evidence.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "is_open desc, deadline, id desc"
    _mail_post_access = "read"

    name = fields.Char("Number", required=True, readonly=True, copy=False, default=lambda self: self.env._("New"))
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
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)

    # What went wrong: what, why, and whose it is
    category_id = fields.Many2one("visibility.exception.category", required=True, index=True, tracking=True)
    process_area = fields.Selection(related="category_id.process_area", store=True, string="Process area")
    reason = fields.Char(help="As the sender wrote it.")
    reason_code = fields.Char("Reason code", help="As received.")
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
        "Unproven", help="Its source cannot prove what it says: confirm it before anything of consequence."
    )
    tag_ids = fields.Many2many("visibility.tag", string="Tags")

    # Who answers for it
    user_id = fields.Many2one("res.users", "Owner", index=True, tracking=True)
    deadline = fields.Datetime(tracking=True, help="By when the owner should have responded.")
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")

    # What it is about
    res_model = fields.Char("Document model", required=True, readonly=True)
    res_id = fields.Many2oneReference("Document", model_field="res_model", required=True, readonly=True)
    shipment_id = fields.Many2one("visibility.shipment", index="btree_not_null", readonly=True, ondelete="cascade")
    event_id = fields.Many2one("visibility.event", "Latest event", readonly=True, ondelete="set null")
    picking_ids = fields.Many2many(
        "stock.picking", "visibility_exception_picking_rel", string="Deliveries and receipts"
    )
    sale_order_ids = fields.Many2many("sale.order", "visibility_exception_sale_order_rel", string="Sale orders")
    purchase_order_ids = fields.Many2many(
        "purchase.order", "visibility_exception_purchase_order_rel", string="Purchase orders"
    )
    invoice_ids = fields.Many2many("account.move", "visibility_exception_account_move_rel", string="Invoices")
    partner_id = fields.Many2one("res.partner", "Customer or supplier", index="btree_not_null")
    currency_id = fields.Many2one(related="company_id.currency_id")

    # Shown beside it, from where it is kept
    shipment_milestone_id = fields.Many2one(related="shipment_id.milestone_id", string="Milestone")
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
    first_seen_at = fields.Datetime("First seen", required=True, readonly=True, default=fields.Datetime.now)
    last_seen_at = fields.Datetime("Last seen", required=True, readonly=True, default=fields.Datetime.now)
    seen_count = fields.Integer("Times seen", default=1, readonly=True)
    closed_at = fields.Datetime("Closed", readonly=True, tracking=True)
    closed_by_event_id = fields.Many2one("visibility.event", "Cleared by", readonly=True, ondelete="set null")
    resolution = fields.Char(tracking=True, help="How it was resolved, or why it was dismissed.")

    _one_open = models.UniqueIndex(
        "(category_id, res_model, res_id) WHERE is_open", "This exception of this document is open already."
    )
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
            about = exception.shipment_id.display_name or names.get((exception.res_model, exception.res_id))
            exception.title = f"{exception.category_id.name}: {about}"

    @api.depends("picking_ids", "sale_order_ids", "purchase_order_ids", "invoice_ids")
    def _compute_counts(self):
        for exception in self:
            exception.picking_count = len(exception.picking_ids)
            exception.sale_order_count = len(exception.sale_order_ids)
            exception.purchase_order_count = len(exception.purchase_order_ids)
            exception.invoice_count = len(exception.invoice_ids)

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

    def _get_document_names(self):
        """Names by (model, id), read together for all documents of a model."""
        names = {}
        for model, exceptions in self.filtered(lambda one: one.res_model in self.env).grouped("res_model").items():
            documents = self.env[model].browse(set(exceptions.mapped("res_id")))
            names.update({(model, document.id): document.display_name for document in documents})
        return names

    def _compute_display_name(self):
        for exception in self:
            exception.display_name = f"{exception.name} {exception.title}" if exception.title else exception.name

    @api.model_create_multi
    def create(self, vals_list):
        companies = Counter(vals["company_id"] for vals in vals_list)
        numbers = {company: self._draw_numbers(company, count) for company, count in companies.items()}
        for vals in vals_list:
            vals["name"] = next(numbers[vals["company_id"]])
        return super().create(vals_list)

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

    def write(self, vals):
        self._check_fields_of_detect(vals)
        vals = self._complete_state(vals)
        opening = vals.get("state") in OPEN_STATES
        reopened = self.filtered(lambda exception: not exception.is_open) if opening else self.browse()
        is_moved = bool(vals.keys() & set(self._get_document_fields()))
        before = self._get_documents() if is_moved else {}
        result = super().write(vals)
        if is_moved or vals.keys() & {"state", "severity", "tag_ids", "is_unproven"}:
            self._refresh_documents(before)
        if reopened:
            reopened._on_reopened()
        return result

    def _complete_state(self, vals):
        """What goes with a state, however it is changed: a button, a dragged card, an import."""
        if vals.get("state") == "dismissed":
            self._check_dismissal(vals)
        return {"closed_at": fields.Datetime.now(), **vals} if vals.get("state") in CLOSED_STATES else vals

    @api.model
    def _get_fields_of_detect(self):
        """Seam: the fields that only detectors and buttons write."""
        return FIELDS_OF_DETECT

    def _check_fields_of_detect(self, vals):
        """What the facts say is not for people to rewrite; the buttons change it as superuser."""
        if not self.env.su and vals.keys() & self._get_fields_of_detect():
            raise AccessError(self.env._("What was found, and about what, cannot be changed by hand."))

    def _check_dismissal(self, vals):
        if not vals.get("resolution") and any(not exception.resolution for exception in self):
            raise UserError(self.env._("Say why this needs no action: press Dismiss on the exception."))

    def _on_reopened(self):
        """Seam for respond: what happens with exceptions that came back. They get a new deadline."""
        for (category, company), exceptions in self.grouped(lambda one: (one.category_id, one.company_id)).items():
            exceptions.sudo().write(
                {
                    "closed_at": False,
                    "closed_by_event_id": False,
                    "resolution": False,
                    "deadline": self._get_deadline(category, company),
                }
            )

    def unlink(self):
        documents = self._get_documents()
        result = super().unlink()
        for records in documents.values():
            records.exists()._refresh_risk()
        return result

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

    # ------------------------------------------------------------------ buttons
    def action_acknowledge(self):
        """I have seen it: whoever clicks becomes the owner where there is none."""
        new = self.filtered(lambda exception: exception.state == "new")
        new.filtered(lambda exception: not exception.user_id).user_id = self.env.user
        new.state = "acknowledged"
        return self._tell_result(self.env._("%s exceptions are acknowledged.", len(new)), new)

    def action_take(self):
        open_ones = self.filtered("is_open")
        open_ones.user_id = self.env.user
        open_ones.filtered(lambda exception: exception.state == "new").state = "acknowledged"
        return self._tell_result(self.env._("%s exceptions are yours now.", len(open_ones)), open_ones)

    def action_start(self):
        self.filtered("is_open").state = "in_progress"

    def action_wait(self):
        self.filtered("is_open").state = "waiting"

    def action_resolve(self):
        self.filtered("is_open").write({"state": "resolved"})

    def action_dismiss(self):
        self.filtered("is_open").write({"state": "dismissed"})

    def action_reopen(self):
        self.filtered(lambda exception: not exception.is_open)._reopen()

    def action_confirm(self):
        """A person vouches for what an unproven source said."""
        for exception in self.filtered("is_unproven"):
            facts = exception._get_subject_facts(exception._get_document())
            facts.filtered(lambda fact, e=exception: fact.category_id == e.category_id).action_confirm()

    def action_open_shipment(self):
        return self._get_open_action("distribution_visibility.visibility_shipment_action", self.shipment_id)

    def action_open_pickings(self):
        return self._get_open_action("stock.action_picking_tree_all", self.picking_ids)

    def action_open_sale_orders(self):
        return self._get_open_action("sale.action_orders", self.sale_order_ids)

    def action_open_purchase_orders(self):
        return self._get_open_action("purchase.purchase_form_action", self.purchase_order_ids)

    def action_open_invoices(self):
        return self._get_open_action("account.action_move_out_invoice_type", self.invoice_ids)

    def _get_open_action(self, xmlid, records):
        """The action on exactly these records; straight to the form when it is one."""
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid) | {"context": {}}
        if len(records) == 1:
            return {**action, "views": [(False, "form")], "res_id": records.id}
        return {**action, "domain": [("id", "in", records.ids)]}

    def _reopen(self):
        self.write({"state": "new"})
