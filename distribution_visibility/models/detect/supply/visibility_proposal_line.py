from datetime import datetime

from odoo import models

from ....lib.base.days import days_between, is_later_day
from ....lib.detect.condition.stock_projection import Supply


class VisibilityProposalLine(models.Model):
    """Which customers' deliveries a proposed change reaches: those made to order, and those from stock."""

    _inherit = "visibility.proposal.line"

    def _is_worse(self):
        """Whether anybody could have to wait for it: it comes later, or there is less of it."""
        line, parts = self.purchase_line_id, self._get_parts()
        dates = [part._get_new_date() for part in parts]
        return (
            not all(dates)
            or not line.date_planned
            or is_later_day(max(dates), line.date_planned, line._get_visibility_zone())
            or sum(part._get_new_quantity() for part in parts) < line.product_qty
        )

    def _is_decided_by_facts(self):
        """Whether the goods themselves decided it: nothing is awaited any more, and it is not about the price."""
        line = self.purchase_line_id
        is_over = line.order_id.state == "purchase" and not line._is_awaited()
        return bool(line) and is_over and not self.has_price

    def _prepare_effects(self):
        """Values of the effects of undecided lines on all that waits for them."""
        told = self.filtered(lambda line: line.status == "proposed" and line.purchase_line_id)
        worse = (told - told._get_later_parts()).filtered(lambda line: line._is_worse())
        rows = []
        while worse:
            # one open answer of each line at a time: that is all of them, but for orders with two open answers
            by_line = {line.purchase_line_id: line for line in worse}
            rows += self.browse([line.id for line in by_line.values()])._compare_with_order(by_line)
            worse -= self.browse([line.id for line in by_line.values()])
        return rows

    def _compare_with_order(self, by_line):
        lines = self.purchase_line_id
        proposed = {line: mine._get_proposed_supplies() for line, mine in by_line.items()}
        served = lines._compare_arrivals(lines._get_arrivals(), proposed)
        return [by_line[one.line]._prepare_effect(one) for one in served]

    def _to_product_unit(self, quantity):
        line = self.purchase_line_id
        return line.product_uom_id._compute_quantity(quantity, line.product_id.uom_id, round=False)

    def _get_proposed_supplies(self):
        """What would still come by this line and when, in the product's unit: less what is received, the earliest."""
        line = self.purchase_line_id
        dated = [
            (part._get_new_date(), self._to_product_unit(part._get_new_quantity())) for part in self._get_parts()
        ]
        supplies = [Supply(date or datetime.max, quantity) for date, quantity in dated]
        left = line._leave_out(supplies, self._to_product_unit(line.qty_received))
        return [one for one in left if one.at != datetime.max]

    # ------------------------------------------------------------------ the row
    def _prepare_effect(self, served):
        """:param served: a ``Served``"""
        move, new = served.move, served.then
        sale_line = move.sale_line_id
        tier = sale_line.order_id.partner_id.commercial_partner_id.visibility_tier
        days = days_between(served.promised_at, new, sale_line._get_visibility_zone()) if new else 0
        return {
            "proposal_id": self.proposal_id.id,
            "proposal_line_id": self.id,
            "sale_line_id": sale_line.id,
            "product_id": move.product_id.id,
            "supply": served.supply,
            "tier": tier,
            "tier_rank": self._get_tier_rank(tier),
            "quantity": move.product_qty,
            "value": move._get_visibility_value(),
            "promised_at": served.promised_at,
            "current_at": served.now if served.now != datetime.min else move.date,
            "possible_at": new,
            "days_late": max(days, 0),
            "misses": not new or days > 0,
        }

    def _get_tier_rank(self, tier):
        tiers = [name for name, _label in self.env["res.partner"]._fields["visibility_tier"].selection]
        return len(tiers) - tiers.index(tier) if tier else 0
