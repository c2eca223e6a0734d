from odoo import api, fields, models

from ...lib.base.grant import WANTED_BY
from ...lib.base.neighbours import told
from ..track.promise.visibility_promise import WANTED_BY_WHOM


class SaleOrder(models.Model):
    """Orders of customers: what is wrong with them, what was promised, and what follows when they change."""

    _name = "sale.order"
    _inherit = [
        "sale.order",
        "visibility.document.mixin",
        "visibility.subject.mixin",
        "visibility.promise.mixin",
        "visibility.gated.mixin",
        "visibility.expectation.mixin",
    ]
    _visibility_exception_field = "sale_order_ids"
    _visibility_aspects = {"at_risk": ["visibility_severity"], "owner": ["user_id"]}
    _visibility_promise_field = "sale_order_id"
    _visibility_confirmed_state = "sale"
    _visibility_excused_by = ("customer",)

    visibility_exception_ids = fields.Many2many(
        "visibility.exception",
        "visibility_exception_sale_order_rel",
        string="Visibility exceptions",
        readonly=True,
        copy=False,
    )
    visibility_promise_ids = fields.One2many("visibility.promise", "sale_order_id", "Promises", readonly=True)
    # Asked beside the date; kept with the promise that it moves
    visibility_wanted_by = fields.Selection(WANTED_BY_WHOM, "Moved because", store=False, copy=False)

    # ------------------------------------------------------------------ changes and promises
    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        confirmed = orders.filtered(lambda order: order.state == "sale")
        confirmed._keep_customer_promises()
        confirmed._note_expectations()
        return orders

    def write(self, vals):
        self._check_steps(vals)
        beginning = self._get_beginning(vals)
        result = super(SaleOrder, self._past_review(vals)).write(vals)
        if vals.get("state") in ("cancel", "draft"):
            self._refresh_risk()
        if "commitment_date" in vals:
            self._pass_on_promise()
        beginning._begin_promises()
        beginning.order_line._begin_promises()
        if beginning or "commitment_date" in vals:
            orders = self.filtered(lambda order: order.state == "sale")
            orders._wanted_by(vals.get("visibility_wanted_by"))._keep_customer_promises()
        self._follow_revision(vals)
        self._note_expected_changes(vals)
        return result

    def _wanted_by(self, wanted_by):
        """The same orders, moved because somebody wanted it."""
        return self.with_context(**WANTED_BY.carry(wanted_by)) if wanted_by else self

    @api.onchange("commitment_date")
    def _onchange_visibility_promise(self):
        """Whoever moves the promise of a confirmed order is asked who wanted it."""
        if self.state != "sale" or self.visibility_wanted_by or self.commitment_date == self._origin.commitment_date:
            return None
        message = self.env._("Say beside the date who wanted another day. If nobody says it, we moved it.")
        return {"warning": {"title": self.env._("The promise moves"), "message": message, "type": "notification"}}

    def _keep_customer_promises(self):
        """What customers were told: by order and by line, the first time and each time it moves."""
        self._keep_promises()
        moved = self.order_line._keep_promises()
        moved.order_id._note_expectations()
        moved.move_ids.picking_id._note_promises()

    def _pass_on_promise(self):
        """Tell the steps before the delivery, too: what Odoo makes of them later takes over their deadline."""
        for order in self:
            steps = order.order_line._get_moves_out().filtered(
                lambda move: move.state != "done" and not move.location_dest_id._is_outgoing()
            )
            if steps:
                steps.sudo().date_deadline = order.commitment_date or order.expected_date

    def _get_promised_date(self):
        """The one for all of it; where lines have days of their own, that of the first to go (or last, if together)."""
        if self.state != "sale":
            return False
        if any(line._get_own_date() for line in self.order_line):
            return self._choose_date(line._get_promised_date() for line in self.order_line)
        return self.commitment_date or self.expected_date

    def _choose_date(self, dates):
        """Of the days of several lines the one that counts: the earliest, or the latest where all go together."""
        choose = max if self.picking_policy == "one" else min
        return choose(filter(None, dates), default=False)

    def _get_earlier_promise(self):
        """A revision, which OCA's add-on makes of a cancelled order, has to keep what that one promised."""
        return min(filter(None, self._get_revised().mapped("visibility_first_promise_at")), default=False)

    def _get_revised(self):
        """The orders before this revision, which are archived."""
        return told(self.sudo().with_context(active_test=False), "old_revision_ids", self.browse())

    def _get_visibility_zone(self):
        """The customer's, where we know it, else that of the warehouse that delivers."""
        order = self.sudo()
        place = order.warehouse_id or order.company_id
        return order.partner_shipping_id.tz or order.partner_id.tz or place._get_visibility_zone()

    def _get_transfers(self):
        """All transfers that serve these orders; Odoo names those only that serve them in the first place."""
        moves = self.sudo().order_line.move_ids
        return self.picking_ids | moves.picking_id.sudo(self.env.su)

    # ------------------------------------------------------------------ what it waits for
    def _get_awaited_supply(self):
        """The lines of purchase orders whose goods these still wait for."""
        open_moves = self.order_line._get_moves_out().filtered(lambda move: move.state != "done")
        chain = open_moves.browse(open_moves._rollup_move_origs()) | open_moves
        lines = chain.purchase_line_id | chain.created_purchase_line_ids
        return lines.filtered(lambda line: line._is_awaited())

    # ------------------------------------------------------------------ as the subject of exceptions
    def _prepare_exception_links(self):
        return {
            "sale_order_ids": [fields.Command.set(self.ids)],
            "picking_ids": [fields.Command.set(self._get_transfers().ids)],
            "partner_id": self.partner_id.id,
        }

    def _get_facts(self):
        return self.env["visibility.event"]

    def _get_exception_owners(self, role):
        return self.user_id
