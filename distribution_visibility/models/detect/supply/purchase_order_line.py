from datetime import datetime
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain

from ....lib.base.days import is_later_day
from ....lib.detect.condition.stock_projection import Demand, Supply, project

OPEN_MOVES = ("waiting", "confirmed", "partially_available", "assigned")


class Served(NamedTuple):
    """One customer's delivery that is served later, or not at all, when lines arrive as ``then`` and not as ``now``."""

    move: models.Model
    line: models.Model
    #: ``order``: made to order; ``stock``: from what is there and what comes, the first promised first.
    supply: str
    #: When it can go: ``datetime.min`` when the goods are there already, None when nothing that we know of covers it.
    now: datetime | None
    then: datetime | None

    @property
    def promised_at(self):
        """What the customer was told last (naive UTC)."""
        return self.move.sale_line_id.visibility_promise_at or self.move.date

    def is_missed(self, moment):
        """Whether the promise falls when it goes at this moment, on the day of the place where it is delivered."""
        zone = self.move.sale_line_id._get_visibility_zone()
        return moment is None or is_later_day(moment, self.promised_at, zone)


class PurchaseOrderLine(models.Model):
    """Who waits for lines of purchase orders: those made to order, and those who are served from stock.

    The one way in which everything finds them: what a supplier proposes, what a late receipt puts at risk, and which
    orders are late because of it. Two plans of what comes when are compared, see :meth:`_compare_arrivals`.
    """

    _inherit = "purchase.order.line"

    # ------------------------------------------------------------------ what comes when
    def _get_open_quantity(self):
        """What Odoo still waits for by this line, in the product's unit: nothing of what was closed short."""
        return sum(self._get_open_moves().mapped("product_qty"))

    def _get_open_moves(self):
        return self.move_ids.filtered(
            lambda move: move.state in OPEN_MOVES and move.location_id.usage not in ("internal", "customer")
        )

    def _get_arrivals(self):
        """By line what still comes, by the supplier's latest date."""
        return {line: [Supply(line.date_planned, line._get_open_quantity())] for line in self if line._is_still_open()}

    def _get_first_promised_arrivals(self):
        """By line what still comes, as if it came when it was promised first."""
        return {
            line: [Supply(line.visibility_first_promise_at or line.date_planned, line._get_open_quantity())]
            for line in self
            if line._is_still_open()
        }

    def _is_still_open(self):
        """Whether Odoo waits for more of this line: a receipt, or a drop-shipment, is still open."""
        return bool(self.date_planned and self._get_open_moves())

    # ------------------------------------------------------------------ who is served when
    def _compare_arrivals(self, now, then):
        """Who is served later with one plan than with another: of each order as if only it were different.

        :param now, then: what comes of these lines, a list of ``Supply`` in the product's unit by line
        :return: list of :class:`Served`
        """
        lines = self.filtered("product_id")
        return [*lines._compare_to_order(now, then), *lines._compare_from_stock(now, then)]

    def _find_waiting(self):
        """Who would be served later, or not at all, without these lines: list of :class:`Served`."""
        return self._compare_arrivals(self._get_arrivals(), {})

    def _find_misled(self):
        """Who could have been served in time by the first promises of these lines, and waits for them."""
        waiting = self._compare_arrivals(self._get_first_promised_arrivals(), {})
        return [one for one in waiting if not one.is_missed(one.now)]

    # ------------------------------------------------------------------ made to order
    def _compare_to_order(self, now, then):
        waiting = self._get_waiting_deliveries()
        found = []
        for line in self:
            moves = waiting[line].filtered(lambda move: move.location_dest_id.usage == "customer")
            demands = [self._get_demand(move) for move in moves]
            one, other = (project(0, plan.get(line, ()), demands) for plan in (now, then))
            found += [
                Served(move, line, "order", line._go_after(move, one[move.id]), line._go_after(move, other[move.id]))
                for move in moves
                if other[move.id] != one[move.id]
            ]
        return found

    def _go_after(self, move, arrival):
        return arrival and self._get_expected_delivery(move, arrival)

    @api.model
    def _get_demand(self, move):
        promised = move.sale_line_id.visibility_promise_at or move.date
        return Demand(move.id, promised, move.product_qty - self._get_reserved(move))

    @api.model
    def _get_reserved(self, move):
        return move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id, round=False)

    # ------------------------------------------------------------------ from stock
    def _compare_from_stock(self, now, then):
        """By order, product and warehouse: who is covered when by one plan and by the other."""
        lines = self.filtered(lambda line: line.product_id.is_storable and line._get_receiving_warehouse())
        if not lines:
            return []
        stock, incoming = lines._read_stock(), lines._find_incoming()
        pegged = self.env["stock.move"].browse(incoming._rollup_move_dests()) - incoming
        waiting = lines._find_served_from_stock(pegged)
        found = []
        groups = lines.grouped(lambda line: (line.order_id, line.product_id, line._get_receiving_warehouse()))
        for (_order, *key), group in groups.items():
            key = tuple(key)
            if moves := waiting.get(key):
                mine = incoming.filtered(lambda move, k=key: (move.product_id, move.location_dest_id.warehouse_id) == k)
                found += group._compare_queue(moves, mine, stock.get(key, 0), now, then)
        return found

    def _compare_queue(self, moves, incoming, on_hand, now, then):
        demands = [self._get_demand(move) for move in moves]
        on_hand -= sum(self._get_reserved(move) for move in moves)
        one, other = (project(on_hand, self._get_supplies(incoming, plan), demands) for plan in (now, then))
        return [
            Served(move, self[0], "stock", self._go_at(move, one[move.id]), self._go_at(move, other[move.id]))
            for move in moves
            if one[move.id] is not None and (other[move.id] is None or other[move.id] > one[move.id])
        ]

    @api.model
    def _go_at(self, move, arrival):
        """When it can go: as planned, or when the goods are there; None when they never are."""
        if arrival in (None, datetime.min):
            return arrival
        return max(arrival, move.date)

    def _get_supplies(self, incoming, plan):
        """What arrives for everybody, without what is meant for certain deliveries; of these lines by the plan."""
        supplies = []
        for line, moves in incoming.grouped("purchase_line_id").items():
            pegged = sum(move.product_qty for move in moves.move_dest_ids if move.state in OPEN_MOVES)
            if line in self:
                supplies += self._leave_out(plan.get(line, ()), pegged)
            elif line:
                arrivals = [Supply(line.date_planned, sum(moves.mapped("product_qty")))]
                supplies += self._leave_out(arrivals, pegged)
            else:
                supplies += [Supply(move.date, move.product_qty) for move in moves]
        return supplies

    @api.model
    def _leave_out(self, supplies, taken):
        """Less the earliest so much of it."""
        left = []
        for one in supplies:
            left.append(Supply(one.at, max(one.quantity - taken, 0)))
            taken = max(taken - one.quantity, 0)
        return left

    def _get_receiving_warehouse(self):
        """Where it arrives; nowhere for goods that go to the customer straight from the supplier."""
        kind = self.order_id.picking_type_id
        return kind.warehouse_id if kind.code == "incoming" else kind.warehouse_id.browse()

    def _get_receiving_warehouses(self):
        return self.env["stock.warehouse"].union(*(line._get_receiving_warehouse() for line in self))

    def _read_stock(self):
        """What is in the warehouses now, by (product, warehouse)."""
        groups = self.env["stock.quant"]._read_group(
            [
                ("product_id", "in", self.product_id.ids),
                ("location_id", "child_of", self._get_receiving_warehouses().view_location_id.ids),
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
        places &= Domain("location_dest_id", "child_of", self._get_receiving_warehouses().view_location_id.ids)
        return self.env["stock.move"].search(domain & places)

    def _find_served_from_stock(self, pegged):
        """Customers' deliveries that are served from stock, by (product, warehouse).

        Deliveries that wait for another purchase or production of their own are not.
        """
        moves = self.env["stock.move"].search(
            Domain("state", "in", OPEN_MOVES)
            & Domain("product_id", "in", self.product_id.ids)
            & Domain("sale_line_id", "!=", False)
            & Domain("location_dest_id.usage", "=", "customer")
            & Domain("location_id", "child_of", self._get_receiving_warehouses().view_location_id.ids)
        )
        roots = moves.browse(moves._rollup_move_origs()).filtered(
            lambda move: move.procure_method == "make_to_order" and not move.move_orig_ids
        )
        moves -= pegged | moves.browse(roots._rollup_move_dests())
        return moves.grouped(lambda move: (move.product_id, move.location_id.warehouse_id))
