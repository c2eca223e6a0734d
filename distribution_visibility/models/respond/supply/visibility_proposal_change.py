from odoo import api, fields, models
from odoo.exceptions import UserError

from ...base.words.told import tell_moment

#: Fields of a purchase order line that a proposal may change.
CHANGED_FIELDS = ("date_planned", "product_qty", "price_unit")


class VisibilityProposalChange(models.Model):
    """What was decided about a proposed line, by whom, and what it changed on the order. Never changed itself."""

    _name = "visibility.proposal.change"
    _description = "Decision on a supplier proposal"
    _inherit = ["visibility.evidence.mixin", "visibility.written.once.mixin"]
    _order = "id desc"
    _rec_name = "text"

    kind = fields.Selection(
        [
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("reverted", "Taken back"),
            ("test", "Would have accepted"),
        ],
        "Decision",
        required=True,
        readonly=True,
    )
    proposal_id = fields.Many2one("visibility.proposal", index=True, readonly=True, ondelete="set null")
    proposal_line_id = fields.Many2one("visibility.proposal.line", index=True, readonly=True, ondelete="set null")
    purchase_order_id = fields.Many2one("purchase.order", index=True, readonly=True, ondelete="set null")
    purchase_line_id = fields.Many2one(
        "purchase.order.line", "Order line", index=True, readonly=True, ondelete="set null"
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    before = fields.Json(readonly=True, help="Values of the order line before, by field.")
    after = fields.Json(readonly=True, help="Values of the order line after, by field.")
    text = fields.Char("What changed", readonly=True)
    reason = fields.Char("Why", readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, default=lambda self: self.env.uid)
    policy_id = fields.Many2one(
        "visibility.proposal.policy", "By itself, under", index="btree_not_null", readonly=True, ondelete="restrict"
    )
    undone_id = fields.Many2one(
        "visibility.proposal.change", "Takes back", index="btree_not_null", readonly=True, ondelete="restrict"
    )
    undone_by_ids = fields.One2many("visibility.proposal.change", "undone_id", readonly=True)
    can_revert = fields.Boolean(compute="_compute_can_revert")
    create_date = fields.Datetime("When", readonly=True)

    @api.depends("undone_by_ids", "kind")
    def _compute_can_revert(self):
        for change in self:
            change.can_revert = change.kind in ("accepted", "refused") and not change.undone_by_ids

    @api.model
    def _describe(self, before, after):
        """What changed, in words: field, old and new value."""
        names = {
            "date_planned": self.env._("Arrival"),
            "product_qty": self.env._("Quantity"),
            "price_unit": self.env._("Price"),
        }
        return "; ".join(
            f"{names[name]}: {self._format(before[name])} → {self._format(after[name])}"
            for name in CHANGED_FIELDS
            if name in after and not self._is_same(before[name], after[name])
        )

    @api.model
    def _format(self, value):
        if isinstance(value, str):
            return tell_moment(self.env, fields.Datetime.to_datetime(value))
        return f"{value:g}" if value or value == 0 else "–"

    @api.model
    def _read_values(self, line, names):
        """Values of an order line as they are kept: times as text in UTC."""
        return {name: fields.Datetime.to_string(line[name]) if name == "date_planned" else line[name] for name in names}

    # ------------------------------------------------------------------ the way back
    def action_revert(self):
        """Put back what was before, if nobody has changed it since; else say who did."""
        for change in self:
            change.proposal_line_id._revert(change)

    def _check_unchanged(self):
        line, after = self.purchase_line_id, {name: (self.after or {}).get(name) for name in self._get_changed()}
        if self.undone_by_ids or (after and not line):
            raise UserError(self.env._("There is nothing any more that could be taken back."))
        current = self._read_values(line, after)
        if any(not self._is_same(current[name], value) for name, value in after.items()):
            who = self._get_last_change(line)
            raise UserError(
                self.env._(
                    "%(product)s cannot be put back: %(user)s changed it on %(day)s.",
                    product=line.product_id.display_name,
                    user=who.user_id.name if "user_id" in who else who.write_uid.name,
                    day=tell_moment(self.env, who.create_date if "user_id" in who else who.write_date),
                )
            )

    def _get_changed(self):
        return [name for name in CHANGED_FIELDS if name in (self.after or {})]

    @api.model
    def _is_same(self, one, other):
        return one == other if isinstance(one, str | bool) else abs(one - other) < 1e-6

    def _get_last_change(self, line):
        """Who changed the line last: the history of its promise knows it better than Odoo's last write."""
        date = self._read_values(line, ["date_planned"])["date_planned"]
        moved = "date_planned" in self.after and date != self.after["date_planned"]
        latest = line.visibility_promise_ids.sorted("id")[-1:]
        return latest if moved and latest else line
