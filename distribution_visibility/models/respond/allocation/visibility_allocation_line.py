from datetime import timedelta

from odoo import api, fields, models

from ....lib.base.days import days_between
from ....lib.detect.condition.stock_projection import Demand, project


class VisibilityAllocationLine(models.Model):
    """One delivery that wants the product: where it stands, what it has, what it would get, and what that does."""

    _name = "visibility.allocation.line"
    _description = "Claim on stock"
    _inherit = ["visibility.evidence.mixin"]
    _order = "allocation_id, rank, id"
    _rec_name = "sale_order_id"

    allocation_id = fields.Many2one(
        "visibility.allocation", required=True, index=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="allocation_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="allocation_id.currency_id")
    rank = fields.Integer(readonly=True)
    move_id = fields.Many2one("stock.move", required=True, readonly=True, ondelete="cascade", index=True)
    picking_id = fields.Many2one("stock.picking", "Delivery", readonly=True, ondelete="cascade")
    sale_order_id = fields.Many2one("sale.order", readonly=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    tier = fields.Selection("_selection_tier", "Customer tier", readonly=True)
    value = fields.Monetary(readonly=True, help="Of what it wants, untaxed, in company currency.")
    promised_at = fields.Datetime("Promised", readonly=True, help="What the customer was told last.")
    score = fields.Float(readonly=True, digits=(5, 1), help="0 to 100; see the settings for what counts how much.")
    score_text = fields.Char("Because of", readonly=True)
    wanted = fields.Float(readonly=True, digits="Product Unit")
    reserved = fields.Float("Reserved now", readonly=True, digits="Product Unit")
    is_picked = fields.Boolean("Picked", readonly=True, help="On its way out of the shelf: it keeps what it has.")
    proposed = fields.Float("Would get", readonly=True, digits="Product Unit")
    keeps_before = fields.Boolean(readonly=True)
    keeps_after = fields.Boolean(readonly=True)
    effect_before = fields.Char("Promise now", readonly=True)
    effect_after = fields.Char("Promise then", readonly=True)
    gain = fields.Float(compute="_compute_gain", digits="Product Unit")

    @api.model
    def _selection_tier(self):
        return self.env["res.partner"]._fields["visibility_tier"].selection

    @api.depends("proposed", "reserved")
    def _compute_gain(self):
        for line in self:
            line.gain = line.proposed - line.reserved

    @api.model
    def _prepare_lines(self, allocation, moves, awards):
        """Values of the lines of a proposal, best rank first.

        :param moves: the deliveries that want the product
        :param awards: what each gets, best first (see :mod:`lib.respond.allocation`)
        """
        by_id = {move.id: move for move in moves}
        reserved = {move.id: allocation._to_unit(move, move.quantity) for move in moves}
        given = {award.key: award.quantity for award in awards}
        in_turn = sorted(moves, key=lambda move: (move.priority != "1", move.date, move.id))
        before = self._get_dates(allocation, in_turn, reserved)
        after = self._get_dates(allocation, [by_id[award.key] for award in awards], given)
        return [
            {
                "allocation_id": allocation.id,
                "rank": rank,
                "score": award.score,
                "score_text": self._explain(award.parts),
                "proposed": award.quantity,
                "reserved": reserved[award.key],
                **self._prepare_claim(by_id[award.key]),
                **self._prepare_effect("before", by_id[award.key], before[award.key]),
                **self._prepare_effect("after", by_id[award.key], after[award.key]),
            }
            for rank, award in enumerate(awards, start=1)
        ]

    @api.model
    def _prepare_claim(self, move):
        order = move.sale_line_id.order_id
        return {
            "move_id": move.id,
            "picking_id": move.picking_id.id,
            "sale_order_id": order.id,
            "partner_id": order.partner_id.id,
            "tier": order.partner_id.commercial_partner_id.visibility_tier,
            "value": move._get_visibility_value(),
            "promised_at": move.sale_line_id.visibility_promise_at,
            "wanted": move.product_qty,
            "is_picked": move.picked,
        }

    @api.model
    def _explain(self, parts):
        names = {
            "promise": self.env._("promise"),
            "tier": self.env._("tier"),
            "value": self.env._("value"),
            "age": self.env._("age"),
        }
        return " + ".join(f"{names[name]} {points:g}" for name, points in parts.items() if points)

    # ------------------------------------------------------------------ what becomes of the promises
    @api.model
    def _get_dates(self, allocation, moves, given):
        """When each delivery can go: what it has now, the rest from what comes, in this order."""
        now = fields.Datetime.now()
        rest = [
            Demand(move.id, now + timedelta(seconds=place), move.product_qty - given[move.id])
            for place, move in enumerate(moves)
        ]
        free = max(allocation.available - sum(given[move.id] for move in moves if not move.picked), 0)
        dates = project(free, self._get_supplies(allocation), rest)
        return {
            move.id: dates[move.id] and max(dates[move.id], now) if given[move.id] < move.product_qty else now
            for move in moves
        }

    @api.model
    def _get_supplies(self, allocation):
        incoming = self.env["stock.move"].search(
            [
                ("product_id", "=", allocation.product_id.id),
                ("state", "in", ("waiting", "confirmed", "partially_available", "assigned")),
                ("location_id.usage", "in", ("supplier", "production", "transit")),
                ("location_dest_id", "child_of", allocation.warehouse_id.view_location_id.ids),
            ]
        )
        return self.env["purchase.order.line"]._get_supplies(incoming, {})

    @api.model
    def _prepare_effect(self, when, move, date):
        line = move.sale_line_id
        promised = line.visibility_promise_at
        days = days_between(promised, date, line._get_visibility_zone()) if date and promised else 0
        keeps = bool(date) and days <= 0
        return {f"keeps_{when}": keeps, f"effect_{when}": self._tell(date, days)}

    @api.model
    def _tell(self, date, days):
        if not date:
            return self.env._("Missed, without a date")
        if days <= 0:
            return self.env._("Kept")
        return self.env._("Missed by 1 day") if days == 1 else self.env._("Missed by %s days", days)
