from odoo import api, fields, models
from odoo.addons.distribution_visibility.lib.base.grant import ERASES
from odoo.addons.distribution_visibility.lib.detect.expectation.expectation_plan import Reached
from odoo.addons.distribution_visibility.lib.respond.outbox.catalogue import when
from odoo.exceptions import AccessError, UserError, ValidationError

OPEN_STATES = ("draft", "requested")
#: Kinds that are about a sum: without one there is nothing to decide.
#: What is decided about goods on their way
MOVING_KINDS = ("expedited_freight", "rerouting")
MONEY_KINDS = ("expedited_freight", "compensation", "credit_exception", "inventory_write_off")
#: From which state to which; an approval also passes the checks of base_tier_validation.
TRANSITIONS = {"draft": ("requested", "cancelled"), "requested": ("approved", "rejected", "cancelled")}
TOLD = {
    "requested": "decision.requested",
    "approved": "decision.decided",
    "rejected": "decision.decided",
    "cancelled": "decision.decided",
}


class VisibilityDecision(models.Model):
    """A response to an exception that one person asks for and another one decides; kept with its evidence."""

    _name = "visibility.decision"
    _description = "Decision"
    _inherit = [
        "visibility.average.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "tier.validation",
        "visibility.subject.mixin",
        "visibility.expectation.mixin",
        "visibility.action.mixin",
    ]
    _order = "id desc"
    _mail_post_access = "read"

    name = fields.Char("Number", required=True, readonly=True, copy=False, default=lambda self: self.env._("New"))
    kind = fields.Selection(
        [
            ("expedited_freight", "Expedited freight"),
            ("rerouting", "Rerouting"),
            ("compensation", "Compensation"),
            ("return", "Return"),
            ("credit_exception", "Credit exception"),
            ("supplier_substitution", "Supplier substitution"),
            ("inventory_write_off", "Inventory write-off"),
        ],
        required=True,
        index=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("requested", "Requested"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    exception_id = fields.Many2one("visibility.exception", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="exception_id.company_id", store=True, index=True, precompute=True)
    partner_id = fields.Many2one(related="exception_id.partner_id")
    amount = fields.Monetary(help="What it costs at most, or is worth.")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, readonly=False, precompute=True, required=True
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    company_amount = fields.Monetary(
        "Amount in company currency",
        compute="_compute_company_amount",
        store=True,
        currency_field="company_currency_id",
        help="At the rate of the day on which it was requested. Approval tiers can depend on it.",
    )
    justification = fields.Text(required=True, help="What happens if it is not done.")

    requester_id = fields.Many2one(
        "res.users", required=True, readonly=True, copy=False, index=True, default=lambda self: self.env.user
    )
    requested_at = fields.Datetime("Requested", readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, copy=False)
    decided_at = fields.Datetime("Decided", readonly=True, copy=False)
    decision_note = fields.Char("Comment", readonly=True, copy=False, help="What the person who decided said about it.")

    _one_open = models.UniqueIndex(
        "(exception_id) WHERE state IN ('draft', 'requested')", "This exception waits for a decision already."
    )
    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "An amount cannot be less than zero.")

    waiting_hours = fields.Float(
        "Decided after (hours)",
        compute="_compute_waiting_hours",
        store=True,
        aggregator="avg",
        averaged_over="decided_at",
        help="From the request to the decision, by the clock.",
    )

    # The automation that waits for it
    action_run_id = fields.Many2one(
        "visibility.action.run", "Asked by", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    would_do = fields.Text("What would be done", readonly=True, copy=False)
    value_at_risk = fields.Monetary(
        related="exception_id.value_at_risk", currency_field="company_currency_id"
    )

    _one_per_question = models.UniqueIndex(
        "(action_run_id) WHERE action_run_id IS NOT NULL", "This is asked with another decision already."
    )

    # ------------------------------------------------------------------ computes
    @api.depends("company_id")
    def _compute_currency_id(self):
        for decision in self:
            company = decision.company_id or decision.exception_id.company_id or self.env.company
            decision.currency_id = decision.currency_id or company.currency_id

    @api.depends("amount", "currency_id", "company_id")
    def _compute_company_amount(self):
        today = fields.Date.today()
        for decision in self:
            currency, company = decision.currency_id, decision.company_id
            decision.company_amount = (
                currency and company and currency._convert(decision.amount, company.currency_id, company, today)
            )

    @api.depends("name", "kind")
    def _compute_display_name(self):
        kinds = self._get_labels("kind")
        for decision in self:
            decision.display_name = f"{decision.name} {kinds.get(decision.kind, '')}".strip()

    @api.depends("requested_at", "decided_at")
    def _compute_waiting_hours(self):
        for decision in self:
            is_decided = decision.requested_at and decision.decided_at
            waited = decision.decided_at - decision.requested_at if is_decided else None
            decision.waiting_hours = waited.total_seconds() / 3600 if waited else 0

    # ------------------------------------------------------------------ what may change, and by whom
    @api.model
    def _get_content_fields(self):
        """What is decided about: open to its requester while it is a draft, and to nobody afterwards."""
        return {
            *("kind", "exception_id", "amount", "currency_id", "justification", "company_amount", "company_id"),
            *("action_run_id", "would_do"),
        }

    @api.model
    def _get_outcome_fields(self):
        """What only the steps below write."""
        return {
            *("name", "state", "requester_id", "requested_at", "decided_by_id", "decided_at", "decision_note"),
            *("review_ids", "validation_status"),
        }

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env["ir.sequence"].sudo()
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if not self.env.su:
                for name in self._get_outcome_fields() & vals.keys():
                    del vals[name]
                vals.update(action_run_id=False, would_do=False)
            exception = self.env["visibility.exception"].browse(vals.get("exception_id"))
            vals["name"] = sequence.with_company(exception.company_id).next_by_code("visibility.decision")
        # The database should know which decisions are over before it judges whether a new one may be open
        self.flush_model(["state"])
        proposed = {f"default_{name}" for name in self._get_outcome_fields()}
        context = {key: value for key, value in self.env.context.items() if key not in proposed}
        return super(VisibilityDecision, self.with_env(self.env(context=context))).create(vals_list).with_env(self.env)

    def write(self, vals):
        """Everything is asked first; what follows from a new state comes after it, in this order."""
        self._check_write(vals)
        before = {decision.id: decision.state for decision in self} if "state" in vals else {}
        result = super().write(vals)
        if "state" in vals:
            self._cancel_waiting_reviews()
            self._emit_state(before)
            self._note_expectations()
        return result

    def _check_write(self, vals):
        if not self.env.su and vals.keys() & self._get_outcome_fields():
            raise AccessError(self.env._("Request, approve, reject or cancel a decision with its buttons."))
        if vals.keys() & self._get_content_fields():
            self._check_is_own_draft()
        if "state" in vals:
            self._check_transition(vals["state"])

    def _check_is_own_draft(self):
        if self.env.su and ERASES.says(self.env.context):
            return
        if any(decision.state != "draft" for decision in self):
            raise UserError(self.env._("What was requested cannot be changed. Cancel it and ask for a new decision."))
        if not self.env.su and any(decision.requester_id != self.env.user for decision in self):
            raise AccessError(self.env._("Only the person who asks for a decision may change it."))

    def _check_transition(self, state):
        for decision in self:
            if state != decision.state and state not in TRANSITIONS.get(decision.state, ()):
                raise UserError(self.env._("%(decision)s was decided already.", decision=decision.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_requested(self):
        if any(decision.state != "draft" for decision in self):
            raise UserError(self.env._("Only drafts can be deleted: what was requested is evidence."))

    # ------------------------------------------------------------------ steps
    def action_request(self):
        """Ask for the decision; the exception waits for it."""
        for decision in self:
            decision._check_can_request()
        # A draft may have lain for long, and the tiers look at this amount
        self.env.add_to_compute(self._fields["company_amount"], self)
        self.sudo().write({"state": "requested", "requested_at": fields.Datetime.now()})
        self.request_validation()
        if any(not decision.sudo().review_ids for decision in self):
            raise UserError(
                self.env._("Nobody is named to decide this. Ask an administrator for a tier definition that covers it.")
            )
        self.exception_id._await_decision()
        return True

    def _check_can_request(self):
        if self.state != "draft":
            raise UserError(self.env._("%(decision)s was requested already.", decision=self.name))
        if self.requester_id != self.env.user:
            raise AccessError(self.env._("Only the person who asks for a decision may request it."))
        if not self.exception_id.is_open:
            raise UserError(self.env._("This exception is closed: reopen it before you ask for a decision."))
        self._check_can_still_be_moved()
        if self.kind in MONEY_KINDS and not self.amount:
            raise ValidationError(self.env._("Say the amount that this decision is about."))

    def _check_can_still_be_moved(self):
        """Freight is not expedited, and nothing rerouted, that has arrived or does not arrive any more."""
        shipment = self.exception_id.sudo().shipment_id
        if self.kind in MOVING_KINDS and (shipment.delivered_at or shipment.fate_id):
            state = (shipment.fate_id or shipment.milestone_id).name
            raise UserError(
                self.env._(
                    "%(shipment)s: %(state)s. There is nothing to move faster or elsewhere.",
                    shipment=shipment.display_name,
                    state=state,
                )
            )

    def action_cancel(self):
        """Withdraw what is not decided yet: the person who asked, or a manager."""
        self.check_access("write")
        is_manager = self.env.user.has_group("distribution_visibility.group_manager")
        if not is_manager and any(decision.requester_id != self.env.user for decision in self):
            raise AccessError(self.env._("Only the person who asked, or a manager, may cancel this."))
        self.sudo()._cancel()

    def _cancel(self):
        """Withdraw them; what waited for them goes on. Whoever calls it checks who may."""
        for decision in self:
            was_requested = decision.state == "requested"
            decision.write({"state": "cancelled"})
            if was_requested:
                decision.exception_id._end_decision(decision)
        for decision in self:
            decision._answer_run(False)

    def _undo_creation(self):
        """What is not decided yet is withdrawn; what was decided stays."""
        self.filtered(lambda one: one.state in OPEN_STATES)._cancel()

    def action_open_exception(self):
        """Straight to the exception that this is about."""
        self.ensure_one()
        return self._open_action("distribution_visibility.visibility_exception_action", self.exception_id)

    # ------------------------------------------------------------------ what is expected of it
    def _get_expected_triggers(self):
        asked = self.state in ("requested", "approved", "rejected")
        return {"decision_requested": self.requested_at or None} if asked else {}

    def _get_expected_end(self):
        return self.env._("The decision was cancelled.") if self.state == "cancelled" else ""

    def _get_reached_fact(self, fact):
        if fact != "decided":
            return super()._get_reached_fact(fact)
        if self.state not in ("approved", "rejected"):
            return None
        return Reached(self.decided_at or fields.Datetime.now(), sentence=self._label("state"))

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        about = self.exception_id.sudo()
        links = {name: [fields.Command.set(about[name].ids)] for name in about._get_document_fields()}
        return {**links, "shipment_id": about.shipment_id.id, "partner_id": about.partner_id.id}

    def _get_facts(self):
        return self.env["visibility.event"]

    def _get_exception_owners(self, role):
        return self.requester_id | self.exception_id.user_id

    # ------------------------------------------------------------------ telling subscribers
    def _emit_state(self, before):
        """Tell subscribers of states that differ from ``before`` (ids to states)."""
        news = self.filtered(lambda decision: decision._is_news(before[decision.id]))
        for event_type, decisions in news.grouped(lambda decision: TOLD.get(decision.state)).items():
            if event_type:
                decisions._emit_event(event_type)

    def _is_news(self, before):
        """Of a draft that is cancelled nobody ever heard."""
        return self.state != before and (before, self.state) != ("draft", "cancelled")

    def _emit_event(self, event_type):
        self.env["visibility.outbox.message"]._emit(event_type, self, lambda decision: decision._prepare_event())

    def _prepare_event(self):
        """The data of an event about this decision (see the catalogue): no name, no justification."""
        outbox, exception = self.env["visibility.outbox.message"], self.exception_id
        orders = (exception.sale_order_ids, exception.purchase_order_ids, exception.picking_ids, exception.invoice_ids)
        value = {"amount": self.amount, "currency": self.currency_id.name} if self.amount else None
        return {
            "number": self.name,
            "kind": self.kind,
            "state": self.state,
            "documents": outbox._prepare_documents(*orders),
            "exception": exception.name,
            "deadline": when(exception.deadline),
            "value": value,
            "url": outbox._get_link(self),
        }
