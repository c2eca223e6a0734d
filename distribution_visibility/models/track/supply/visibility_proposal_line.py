from datetime import datetime

from odoo import api, fields, models
from odoo.tools import float_compare

from ....lib.base.days import days_between
from ....lib.track.supplier_answer import DEFERRED, GONE, REFUSING


class VisibilityProposalLine(models.Model):
    """One line of an order, as it says now and as the supplier proposes it."""

    _name = "visibility.proposal.line"
    _description = "Line of a supplier proposal"
    _inherit = ["visibility.evidence.mixin", "visibility.action.mixin"]
    _order = "proposal_id, sequence, id"

    proposal_id = fields.Many2one("visibility.proposal", required=True, index=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="proposal_id.company_id", store=True, index=True)
    order_id = fields.Many2one(related="proposal_id.purchase_order_id", string="Purchase order")
    currency_id = fields.Many2one(related="proposal_id.currency_id")
    sequence = fields.Integer(related="purchase_line_id.sequence", store=True)
    purchase_line_id = fields.Many2one(
        "purchase.order.line",
        "Order line",
        index="btree_not_null",
        ondelete="set null",
        domain="[('order_id', '=', order_id), ('display_type', '=', False)]",
        help="Empty: we could not tell which line the supplier means. Say which one.",
    )
    product_id = fields.Many2one(related="purchase_line_id.product_id")
    product_uom_id = fields.Many2one(related="purchase_line_id.product_uom_id")
    status = fields.Selection(
        [("proposed", "Proposed"), ("accepted", "Accepted"), ("refused", "Refused"), ("superseded", "Superseded")],
        default="proposed",
        required=True,
        readonly=True,
        index=True,
    )

    # What the supplier said
    answer_line = fields.Char("Line as sent", readonly=True)
    answer_product = fields.Char("Product as sent", readonly=True)
    answer_status = fields.Selection("_selection_answer_status", "Answer", readonly=True)
    reason = fields.Char("Supplier's reason", readonly=True)
    is_split = fields.Boolean("On several dates", readonly=True)
    proposed_date = fields.Datetime("Proposed arrival", readonly=True)
    proposed_quantity = fields.Float(readonly=True, digits="Product Unit")
    has_quantity = fields.Boolean(readonly=True)
    proposed_price = fields.Float(readonly=True, digits="Product Price")
    has_price = fields.Boolean(readonly=True)
    substitute = fields.Char("Substitute as sent", readonly=True)
    substitute_product_id = fields.Many2one(
        "product.product", "Substitute", ondelete="set null", help="Which of our products it is."
    )

    # What the order says; once decided, what it said then
    before = fields.Json(readonly=True)
    order_date = fields.Datetime("Arrival now", compute="_compute_order_values", compute_sudo=True)
    order_quantity = fields.Float(
        "Quantity now", compute="_compute_order_values", compute_sudo=True, digits="Product Unit"
    )
    order_price = fields.Float("Price now", compute="_compute_order_values", compute_sudo=True, digits="Product Price")
    is_date_changed = fields.Boolean(compute="_compute_differences", compute_sudo=True)
    is_later = fields.Boolean(compute="_compute_differences", compute_sudo=True)
    is_quantity_changed = fields.Boolean(compute="_compute_differences", compute_sudo=True)
    is_price_changed = fields.Boolean(compute="_compute_differences", compute_sudo=True)
    days_later = fields.Integer(compute="_compute_differences", compute_sudo=True)
    new_quantity = fields.Char("Proposed quantity", compute="_compute_differences", compute_sudo=True)
    new_price = fields.Char("Proposed price", compute="_compute_differences", compute_sudo=True)
    difference = fields.Char(compute="_compute_difference", compute_sudo=True)

    @api.model
    def _selection_answer_status(self):
        return [
            ("accepted", self.env._("Accepts")),
            ("accepted_with_changes", self.env._("Accepts with changes")),
            ("date_changed", self.env._("Another date")),
            ("quantity_changed", self.env._("Another quantity")),
            ("price_changed", self.env._("Another price")),
            ("substituted", self.env._("Another product")),
            ("backordered", self.env._("Backordered")),
            ("partly_shipped", self.env._("Partly shipped")),
            ("on_hold", self.env._("On hold")),
            ("rejected", self.env._("Rejects")),
            ("cancelled", self.env._("Cancelled")),
            ("unknown", self.env._("Does not say")),
        ]

    @api.depends(
        "before", "purchase_line_id.date_planned", "purchase_line_id.product_qty", "purchase_line_id.price_unit"
    )
    def _compute_order_values(self):
        for line in self:
            order, before = line.purchase_line_id, line.before or {}
            date = fields.Datetime.to_datetime(before.get("date_planned"))
            line.order_date = date or order.date_planned
            line.order_quantity = before.get("product_qty", order.product_qty)
            line.order_price = before.get("price_unit", order.price_unit)

    @api.depends("order_date", "order_quantity", "order_price", "proposed_date", "proposed_quantity", "proposed_price")
    def _compute_differences(self):
        for line in self:
            days = line._get_days_later()
            line.days_later, line.is_later = days, days > 0
            line.is_date_changed = bool(line.proposed_date and (days or not line.order_date))
            line.is_quantity_changed = line.has_quantity and line._differ("quantity")
            line.is_price_changed = line.has_price and line._differ("price")
            line.new_quantity = line._format("proposed_quantity") if line.has_quantity else False
            line.new_price = line._format("proposed_price") if line.has_price else False

    def _get_days_later(self):
        """By how many days the proposed arrival is later than the order's, where the goods are received."""
        if not self.proposed_date or not self.order_date:
            return 0
        return days_between(self.order_date, self.proposed_date, self.order_id._get_visibility_zone())

    def _differ(self, name):
        return bool(float_compare(self[f"proposed_{name}"], self[f"order_{name}"], precision_digits=6))

    def _format(self, name):
        return self.env["ir.qweb.field.float"].value_to_html(
            self[name], {"decimal_precision": self._fields[name]._digits}
        )

    @api.depends("is_date_changed", "is_quantity_changed", "is_price_changed", "substitute", "answer_status")
    def _compute_difference(self):
        labels = dict(self._selection_answer_status())
        for line in self:
            line.difference = "; ".join(line._get_differences()) or labels.get(line.answer_status)

    def _get_differences(self):
        """What would be otherwise, part by part, in words."""
        parts = []
        if self.answer_status in REFUSING:
            parts.append(dict(self._selection_answer_status())[self.answer_status])
        if self.is_date_changed:
            parts.append(self._tell_date())
        if self.is_quantity_changed:
            parts.append(self._tell_quantity())
        if self.is_price_changed:
            parts.append(
                self.env._("price %(new)s instead of %(old)s", new=self.new_price, old=self._format("order_price"))
            )
        if self.substitute:
            parts.append(self.env._("%s instead", self.substitute_product_id.display_name or self.substitute))
        return parts

    def _tell_quantity(self):
        numbers = {"new": self.new_quantity, "old": self._format("order_quantity")}
        if self.is_split:
            return self.env._("%(new)s of %(old)s", **numbers)
        return self.env._("%(new)s instead of %(old)s", **numbers)

    def _tell_date(self):
        if self.days_later > 0:
            return self.env._("%s days later", self.days_later)
        if self.days_later < 0:
            return self.env._("%s days earlier", -self.days_later)
        return self.env._("a date")

    @api.depends("purchase_line_id", "answer_line", "answer_product")
    def _compute_display_name(self):
        for line in self:
            named = " ".join(filter(None, (line.answer_line, line.answer_product)))
            line.display_name = line.sudo().product_id.display_name or named or self.env._("Line")

    def write(self, vals):
        self._check_write(vals)
        result = super().write(vals)
        if "purchase_line_id" in vals:
            self._follow_match()
        return result

    # ------------------------------------------------------------------ what it would be
    def _get_new_date(self):
        """The arrival if this is accepted (naive UTC); None when nothing comes any more or nobody knows when."""
        if self.answer_status in GONE and not self.proposed_quantity:
            return None
        if self.proposed_date:
            return self.proposed_date
        return None if self.answer_status in DEFERRED else self.purchase_line_id.date_planned

    def _get_parts(self):
        """What this answer says of the same line of the order, the earliest first; itself where all comes at once."""
        self.ensure_one()
        if not self.is_split or not self.purchase_line_id:
            return self
        parts = self.proposal_id.line_ids.filtered(
            lambda one: one.is_split and one.purchase_line_id == self.purchase_line_id
        )
        return parts.sorted(lambda part: (part._get_new_date() or datetime.max, part.id))

    def _with_parts(self):
        """These and the other parts of the same lines: what comes on several dates is decided in one go."""
        return self.union(*(line._get_parts() for line in self))

    def _get_later_parts(self):
        """Of these, what does not come first of its line."""
        return self.filtered(lambda line: line != line._get_parts()[:1])

    def _get_new_quantity(self):
        """The line's quantity if this is accepted, in the line's unit; none of it when another product comes."""
        line = self.purchase_line_id
        if self.substitute:
            return line.qty_received
        return self.proposed_quantity if self.has_quantity else line.product_qty
