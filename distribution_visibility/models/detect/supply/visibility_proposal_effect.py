from odoo import api, fields, models


class VisibilityProposalEffect(models.Model):
    """What a proposed change would do to one customer's order line that waits for it."""

    _name = "visibility.proposal.effect"
    _description = "Effect of a supplier proposal"
    _inherit = ["visibility.evidence.mixin"]
    _order = "misses desc, tier_rank desc, value desc, id"
    _rec_name = "sale_order_id"

    proposal_id = fields.Many2one("visibility.proposal", required=True, index=True, readonly=True, ondelete="cascade")
    proposal_line_id = fields.Many2one(
        "visibility.proposal.line", "Change", required=True, index=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="proposal_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sale_line_id = fields.Many2one("sale.order.line", readonly=True, required=True, ondelete="cascade")
    sale_order_id = fields.Many2one(related="sale_line_id.order_id", store=True, index=True)
    partner_id = fields.Many2one(related="sale_order_id.partner_id", store=True, string="Customer")
    product_id = fields.Many2one("product.product", readonly=True, help="What waits: of a kit the part.")
    tier = fields.Selection("_selection_tier", "Customer tier", readonly=True)
    tier_rank = fields.Integer(readonly=True)
    supply = fields.Selection(
        [("order", "Made to order"), ("stock", "From stock")],
        readonly=True,
        help="Made to order: the delivery waits for this line itself. From stock: by what is there and what comes, "
        "the first promised served first.",
    )
    quantity = fields.Float("Waiting", readonly=True, digits="Product Unit", help="In the product's unit.")
    value = fields.Monetary(readonly=True, help="Of what waits, untaxed, in company currency.")
    promised_at = fields.Datetime("Promised", readonly=True, help="What the customer was told last.")
    current_at = fields.Datetime("Possible now", readonly=True, help="Empty: nothing that we know of covers it.")
    possible_at = fields.Datetime("Possible then", readonly=True, help="Empty: nothing that we know of covers it.")
    days_late = fields.Integer(readonly=True, help="Against what the customer was told last, in calendar days.")
    misses = fields.Boolean("Misses its promise", readonly=True)
    effect = fields.Char(compute="_compute_effect")

    @api.model
    def _selection_tier(self):
        return self.env["res.partner"]._fields["visibility_tier"].selection

    @api.depends("misses", "days_late", "possible_at")
    def _compute_effect(self):
        for effect in self:
            effect.effect = effect._tell()

    def _tell(self):
        if not self.misses:
            return self.env._("Kept")
        if not self.possible_at:
            return self.env._("Missed, without a date")
        return self.env._("Missed by 1 day") if self.days_late == 1 else self.env._("Missed by %s days", self.days_late)

    def _get_order_key(self):
        """The worse, the higher: no date at all, then by days."""
        return (not self.possible_at, self.days_late, self.tier_rank, self.value)
