from odoo import api, fields, models

from ...lib.track.order_reference import LOOSE_SQL


class PurchaseOrder(models.Model):
    """Orders to suppliers: what is wrong, promised and proposed, and what follows when they change."""

    _name = "purchase.order"
    _inherit = [
        "purchase.order",
        "visibility.document.mixin",
        "visibility.subject.mixin",
        "visibility.promise.mixin",
        "visibility.gated.mixin",
        "visibility.expectation.mixin",
    ]
    _visibility_exception_field = "purchase_order_ids"
    _visibility_aspects = {"at_risk": ["visibility_severity"], "owner": ["user_id"]}
    _visibility_promise_field = "purchase_order_id"
    _visibility_confirmed_state = "purchase"
    _visibility_moved_by = "supplier"
    _visibility_excused_by = ("customer", "us")

    visibility_exception_ids = fields.Many2many(
        "visibility.exception",
        "visibility_exception_purchase_order_rel",
        string="Visibility exceptions",
        readonly=True,
        copy=False,
    )
    visibility_event_ids = fields.One2many("visibility.event", "purchase_order_id", "Supplier's answers", readonly=True)
    # Of many answers and notices: what is asked of them each time another one comes
    visibility_landmark_ids = fields.Many2many(
        "visibility.event", compute="_compute_visibility_landmark_ids", string="First of each milestone"
    )
    visibility_further_event_ids = fields.Many2many(
        "visibility.event", "visibility_event_further_order_rel", string="Notices of several orders", readonly=True,
        copy=False,
    )  # fmt: skip
    visibility_has_withdrawn = fields.Boolean("Answer withdrawn", compute="_compute_visibility_has_withdrawn")

    _visibility_number = models.Index(f"({LOOSE_SQL.format('name')})")
    _visibility_theirs = models.Index(f"({LOOSE_SQL.format('partner_ref')}) WHERE partner_ref IS NOT NULL")

    visibility_promise_ids = fields.One2many("visibility.promise", "purchase_order_id", "Promises", readonly=True)
    visibility_proposal_ids = fields.One2many(
        "visibility.proposal", "purchase_order_id", "Supplier proposals", readonly=True
    )
    visibility_proposal_count = fields.Integer("Number of proposals", compute="_compute_visibility_proposal_count")
    visibility_open_proposal_count = fields.Integer("Proposals to decide", compute="_compute_visibility_proposal_count")

    def _compute_visibility_proposal_count(self):
        groups = (
            self.env["visibility.proposal"]
            .sudo()
            ._read_group([("purchase_order_id", "in", self.ids)], ["purchase_order_id", "is_open"], ["__count"])
        )
        counts = {(order.id, is_open): count for order, is_open, count in groups}
        for order in self:
            order.visibility_open_proposal_count = counts.get((order.id, True), 0)
            order.visibility_proposal_count = counts.get((order.id, False), 0) + order.visibility_open_proposal_count

    @api.depends(
        "visibility_event_ids.counts", "visibility_event_ids.milestone_id", "visibility_event_ids.occurred_at",
        "visibility_further_event_ids.counts",
    )  # fmt: skip
    def _compute_visibility_landmark_ids(self):
        found = self.env["visibility.event"]._find_landmarks("purchase_order_id", self)
        for order in self:
            further = order.visibility_further_event_ids.filtered("counts")
            order.visibility_landmark_ids = further | found.get(order._origin.id, further)

    @api.depends("visibility_event_ids.is_withdrawn")
    def _compute_visibility_has_withdrawn(self):
        domain = [("purchase_order_id", "in", self._origin.ids), ("is_withdrawn", "=", True)]
        groups = self.env["visibility.event"]._read_group(domain, ["purchase_order_id"])
        withdrawn = {order.id for (order,) in groups}
        for order in self:
            order.visibility_has_withdrawn = order._origin.id in withdrawn

    def action_open_visibility_proposals(self):
        """The smart button: to what is to be decided, else to all of them."""
        self.ensure_one()
        proposals = self.visibility_proposal_ids.filtered("is_open") or self.visibility_proposal_ids
        return self._open_action("distribution_visibility.visibility_proposal_action", proposals)

    # ------------------------------------------------------------------ changes and promises
    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._keep_supplier_promises()
        return orders

    def write(self, vals):
        self._check_steps(vals)
        beginning = self._get_beginning(vals)
        result = super(PurchaseOrder, self._past_review(vals)).write(vals)
        if beginning:
            beginning._begin_supply()
        if vals.get("state") in ("cancel", "draft"):
            self._refresh_risk()
        if vals.get("state") == "cancel":
            self._drop_proposals()
        self._note_expected_changes(vals)
        self._take_up_answers(vals)
        return result

    def _take_up_answers(self, vals):
        """The supplier's own number was written on them: what it had said of that was said of these."""
        if vals.keys() & {"name", "partner_ref"}:
            self.env["visibility.event"].sudo()._take_up(self.sudo())

    def _begin_supply(self):
        """These were approved just now. A supplier who acknowledged an earlier approval is asked again."""
        again = self._begin_promises()
        again.filtered("acknowledged").acknowledged = False
        self.order_line._begin_promises()
        self._keep_supplier_promises()

    def _drop_proposals(self):
        """Of a cancelled order nothing is to be decided any more."""
        proposals = self.sudo().visibility_proposal_ids.filtered("is_open")
        if proposals:
            proposals._supersede()
            self.env["visibility.exception"].sudo()._clear_proposals(
                proposals.purchase_order_id, self.env._("The order was cancelled.")
            )

    def _keep_supplier_promises(self):
        """What suppliers promised: kept on approval, and looked at by detect each time it moves."""
        orders = self.filtered(lambda order: order.state == "purchase")
        if not orders:
            return
        orders._keep_promises()
        moved = orders.order_line._keep_promises()
        moved.move_ids.picking_id._note_promises()
        if moved:
            self.env["visibility.exception"].sudo()._detect_moved_promises(moved.sudo())
        orders._note_expectations()

    def _create_picking(self):
        """Which customers a drop-ship serves is known when its transfer is there: is their promise possible?"""
        result = super()._create_picking()
        lines = self.filtered(lambda order: order.state == "purchase").order_line
        straight = lines.sudo().filtered(lambda line: line.move_ids.sale_line_id)
        if straight:
            self.env["visibility.exception"].sudo()._detect_moved_promises(straight)
        return result

    def _get_promised_date(self):
        return self.date_planned if self.state == "purchase" else False

    def _get_visibility_zone(self):
        """Where it is received: the customer's for what goes there straight from the supplier."""
        order = self.sudo()
        place = order.picking_type_id.warehouse_id or order.company_id
        return order.dest_address_id.tz or place._get_visibility_zone()

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        return {
            "purchase_order_ids": [fields.Command.set(self.ids)],
            "picking_ids": [fields.Command.set(self.picking_ids.ids)],
            "partner_id": self.partner_id.id,
        }

    def _get_facts(self):
        return self.visibility_event_ids | self.visibility_further_event_ids

    def _get_exception_owners(self, role):
        sources = self.env["visibility.event"]._find_sources("purchase_order_id", self)
        return self.user_id | sources.get(self.id, self.env["visibility.source"]).sudo(self.env.su).owner_id
