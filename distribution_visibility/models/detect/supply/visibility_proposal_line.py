from datetime import datetime

from odoo import models
from odoo.fields import Domain

from ....lib.base.days import days_between, is_later_day
from ....lib.detect.condition.stock_projection import Demand, Supply, project

OPEN_MOVES = ("waiting", "confirmed", "partially_available", "assigned")


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
        return [*worse._prepare_effects_to_order(), *worse._prepare_effects_from_stock()]

    def _to_product_unit(self, quantity):
        line = self.purchase_line_id
        return line.product_uom_id._compute_quantity(quantity, line.product_id.uom_id, round=False)

    def _get_open_quantity(self):
        """What still comes by this line as it was ordered, in the product's unit."""
        line = self.purchase_line_id
        return self._to_product_unit(max(line.product_qty - line.qty_received, 0))

    def _get_proposed_supplies(self, taken=0):
        """What would still come by this line and when, in the product's unit.

        :param taken: what of it is meant for certain deliveries: the earliest of it
        """
        taken += self._to_product_unit(self.purchase_line_id.qty_received)
        supplies = []
        for part in self._get_parts():
            quantity = self._to_product_unit(part._get_new_quantity())
            if part._get_new_date():
                supplies.append(Supply(part._get_new_date(), max(quantity - taken, 0)))
            taken = max(taken - quantity, 0)
        return supplies

    # ------------------------------------------------------------------ made to order
    def _prepare_effects_to_order(self):
        waiting = self.purchase_line_id._get_waiting_deliveries()
        rows = []
        for line in self:
            moves = waiting[line.purchase_line_id].filtered(lambda move: move.location_dest_id.usage == "customer")
            rows += line._compare_to_order(moves)
        return rows

    def _compare_to_order(self, moves):
        order = self.purchase_line_id
        demands = [self._get_demand(move) for move in moves]
        now = project(0, [Supply(order.date_planned, self._get_open_quantity())], demands)
        new = project(0, self._get_proposed_supplies(), demands)
        return [
            self._prepare_effect(
                move,
                now[move.id] and order._get_expected_delivery(move, now[move.id]),
                new[move.id] and order._get_expected_delivery(move, new[move.id]),
                "order",
            )
            for move in moves
            if new[move.id] != now[move.id]
        ]

    def _get_demand(self, move):
        promised = move.sale_line_id.visibility_promise_at or move.date
        return Demand(move.id, promised, move.product_qty - self._get_reserved(move))

    def _get_reserved(self, move):
        return move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id, round=False)

    # ------------------------------------------------------------------ from stock
    def _prepare_effects_from_stock(self):
        """By product and warehouse: who is covered when, as things are and as proposed."""
        lines = self.filtered(lambda line: line.product_id.is_storable and line._get_warehouse())
        if not lines:
            return []
        stock = lines._read_stock()
        incoming = lines._find_incoming()
        pegged = self.env["stock.move"].browse(incoming._rollup_move_dests()) - incoming
        waiting = lines._find_waiting(pegged)
        rows = []
        for (_proposal, product, warehouse), group in lines.grouped(
            lambda line: (line.proposal_id, line.product_id, line._get_warehouse())
        ).items():
            key = (product, warehouse)
            moves = waiting.get(key, self.env["stock.move"])
            if moves:
                mine = incoming.filtered(lambda move, k=key: (move.product_id, move.location_dest_id.warehouse_id) == k)
                rows += group._compare_from_stock(moves, mine, stock.get(key, 0))
        return rows

    def _get_warehouse(self):
        """Where it arrives; nowhere for goods that go to the customer straight from the supplier."""
        kind = self.purchase_line_id.order_id.picking_type_id
        return kind.warehouse_id if kind.code == "incoming" else kind.warehouse_id.browse()

    def _get_warehouses(self):
        return self.env["stock.warehouse"].union(*(line._get_warehouse() for line in self))

    def _read_stock(self):
        """What is in the warehouses now, by (product, warehouse)."""
        groups = self.env["stock.quant"]._read_group(
            [
                ("product_id", "in", self.product_id.ids),
                ("location_id", "child_of", self._get_warehouses().view_location_id.ids),
                ("location_id.usage", "=", "internal"),
            ],
            ["product_id", "location_id"],
            ["quantity:sum"],
        )
        found = {}
        for product, location, quantity in groups:
            key = (product, location.warehouse_id)
            found[key] = found.get(key, 0) + quantity
        return found

    def _find_incoming(self):
        """Open receipts of these products into these warehouses."""
        domain = Domain("state", "in", OPEN_MOVES) & Domain("product_id", "in", self.product_id.ids)
        places = Domain("location_id.usage", "in", ("supplier", "production", "transit"))
        places &= Domain("location_dest_id", "child_of", self._get_warehouses().view_location_id.ids)
        return self.env["stock.move"].search(domain & places)

    def _find_waiting(self, pegged):
        """Customers' deliveries that are served from stock, by (product, warehouse).

        Deliveries that wait for another purchase or production of their own are not.
        """
        moves = self.env["stock.move"].search(
            Domain("state", "in", OPEN_MOVES)
            & Domain("product_id", "in", self.product_id.ids)
            & Domain("sale_line_id", "!=", False)
            & Domain("location_dest_id.usage", "=", "customer")
            & Domain("location_id", "child_of", self._get_warehouses().view_location_id.ids)
        )
        roots = moves.browse(moves._rollup_move_origs()).filtered(
            lambda move: move.procure_method == "make_to_order" and not move.move_orig_ids
        )
        moves -= pegged | moves.browse(roots._rollup_move_dests())
        return moves.grouped(lambda move: (move.product_id, move.location_id.warehouse_id))

    def _compare_from_stock(self, moves, incoming, on_hand):
        demands = [self._get_demand(move) for move in moves]
        on_hand -= sum(self._get_reserved(move) for move in moves)
        now = project(on_hand, self._get_supplies(incoming), demands)
        new = project(on_hand, self._get_supplies(incoming, self), demands)
        return [
            self[0]._prepare_effect(move, self._ship_at(move, now[move.id]), self._ship_at(move, new[move.id]), "stock")
            for move in moves
            if self._is_later(now[move.id], new[move.id])
        ]

    def _is_later(self, now, new):
        return now is not None and (new is None or new > now)

    def _ship_at(self, move, arrival):
        """When it can go: as planned, or when the goods are there; None when they never are."""
        return arrival and max(arrival, move.date)

    def _get_supplies(self, incoming, proposed=None):
        """What arrives for everybody, without what is meant for certain deliveries.

        :param proposed: proposal lines that take the place of the order's own dates and quantities
        """
        instead = {line.purchase_line_id: line for line in proposed or ()}
        supplies = []
        for line, moves in incoming.grouped("purchase_line_id").items():
            pegged = sum(move.product_qty for move in moves.move_dest_ids if move.state in OPEN_MOVES)
            if line in instead:
                supplies += instead[line]._get_proposed_supplies(pegged)
            elif line:
                supplies.append(Supply(line.date_planned, max(sum(moves.mapped("product_qty")) - pegged, 0)))
            else:
                supplies += [Supply(move.date, move.product_qty) for move in moves]
        return supplies

    # ------------------------------------------------------------------ the row
    def _prepare_effect(self, move, now, new, supply):
        sale_line = move.sale_line_id
        promised = sale_line.visibility_promise_at or move.date
        tier = sale_line.order_id.partner_id.commercial_partner_id.visibility_tier
        days = days_between(promised, new, sale_line._get_visibility_zone()) if new else 0
        return {
            "proposal_id": self.proposal_id.id,
            "proposal_line_id": self.id,
            "sale_line_id": sale_line.id,
            "product_id": move.product_id.id,
            "supply": supply,
            "tier": tier,
            "tier_rank": self._get_tier_rank(tier),
            "quantity": move.product_qty,
            "value": self._get_value(move),
            "promised_at": promised,
            "current_at": now if now != datetime.min else move.date,
            "possible_at": new,
            "days_late": max(days, 0),
            "misses": not new or days > 0,
        }

    def _get_tier_rank(self, tier):
        tiers = [name for name, _label in self.env["res.partner"]._fields["visibility_tier"].selection]
        return len(tiers) - tiers.index(tier) if tier else 0

    def _get_value(self, move):
        """What waits, untaxed, in company currency."""
        line = move.sale_line_id
        return line.price_subtotal * move._get_share_of_line() / (line.order_id.currency_rate or 1)
