from odoo import api, models

from ....lib.base.grant import JOINS_PARTS, KEEPS_MOVES

#: What Odoo takes from the price list and the lead time again when a quantity is written, all of it or nothing: one of
#: these in the same write keeps the others. The arrival is not among them, because its being written moves deadlines.
AGREED = ("price_unit", "discount", "name")


class PurchaseOrderLine(models.Model):
    """What was agreed with a supplier and nothing else: less of it, more of it, or on several dates.

    When the quantity of a line goes down to nothing, or the line was made to order, Odoo leaves the receipt as it is
    and plans a return of goods that never came (pinned by a test of supplier proposals). So the receipt itself is
    lowered.
    """

    _inherit = "purchase.order.line"

    def _prepare_stock_moves(self, picking):
        return [] if KEEPS_MOVES.says(self.env.context) else super()._prepare_stock_moves(picking)

    # ------------------------------------------------------------------ as agreed
    def _write_agreed(self, values, reason):
        """The only way in which answers change a line: what is not in the values stays, whatever its price list says.

        :param reason: why a date moves, for the history of the promise
        """
        self.ensure_one()
        if not values:
            return
        line = self.with_context(visibility_promise_reason=reason)
        if "product_qty" in values:
            values = {**{name: self[name] for name in AGREED}, **values}
        if values.get("product_qty", self.product_qty) < self.product_qty:
            line.with_context(**KEEPS_MOVES.context).write(values)
            line._lower_receipts()
        else:
            line.write(values)

    # ------------------------------------------------------------------ on several dates
    def _split_off(self, values, reason):
        """A line of its own for what comes on another date, with everything else as agreed, and its share of receipts.

        The line itself keeps its quantity: whoever splits it writes what is left.
        """
        line = self.with_context(visibility_promise_reason=reason, **KEEPS_MOVES.context)
        part = line.copy({**self._prepare_part(), **values}).with_env(self.env)
        part.technical_price_unit = self.technical_price_unit
        self._hand_over(part)
        return part

    def _prepare_part(self):
        values = {
            "visibility_split_from_id": (self.visibility_split_from_id or self).id,
            "visibility_first_promise_at": self.visibility_first_promise_at,
            "visibility_promise_at": self.visibility_promise_at,
            # Who waits for it is known by the moves that bring it, by as much as each brings
            "move_dest_ids": False,
        }
        return {**values, "sale_line_id": self.sale_line_id.id} if "sale_line_id" in self._fields else values

    def _hand_over(self, part):
        """Give a part its share of the open receipts, the latest first."""
        left = part.product_qty
        for move in self._get_open_receipts().sudo():
            here = move.product_uom._compute_quantity(move.product_uom_qty, self.product_uom_id, round=False)
            given = min(left, here)
            if self.product_uom_id.compare(given, 0) > 0:
                is_whole = self.product_uom_id.compare(given, here) == 0
                part._take_move(move if is_whole else self._divide_move(move, given))
            left -= given

    def _divide_move(self, move, quantity):
        """A receipt of its own for so much of another, in the line's unit; the same deliveries wait for both."""
        quantity = self.product_uom_id._compute_quantity(quantity, move.product_uom, round=False)
        values = move.copy_data({**move._prepare_move_split_vals(quantity), "picking_id": move.picking_id.id})
        move.product_uom_qty -= quantity
        return move.create(values)

    def _take_move(self, move):
        """This line's goods come with that move, on this line's date; nobody else's deadline moves with it."""
        linked = set((move.move_dest_ids | move.move_orig_ids).ids)
        move.with_context(date_deadline_propagate_ids=linked).write(
            {"purchase_line_id": self.id, "date": self.date_planned, "date_deadline": self.date_planned}
        )
        move.filtered(lambda one: one.state == "draft")._action_confirm(merge=False)._action_assign()

    def _join_part(self, part):
        """Put back what was split off: its receipts come by this line again, and it is gone."""
        for move in part._get_open_receipts().sudo():
            mine = self._get_open_receipts().sudo().filtered(lambda one, m=move: one.picking_id == m.picking_id)[:1]
            if mine and mine.product_uom == move.product_uom:
                mine.product_uom_qty += move.product_uom_qty
                move.propagate_cancel = False
                move._action_cancel()
                move.unlink()
            else:
                self._take_move(move)
        part.sudo().move_ids.purchase_line_id = self
        part.with_context(**JOINS_PARTS.context).unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_purchase(self):
        return None if JOINS_PARTS.says(self.env.context) else super()._unlink_except_purchase()

    def _get_move_dests_initial_demand(self, move_dests):
        """What waits for this line; the other parts of it bring their share."""
        demand = super()._get_move_dests_initial_demand(move_dests)
        whole = self.visibility_split_from_id or self
        others = (whole | whole.visibility_part_ids) - self
        share = sum(
            other.product_uom_id._compute_quantity(other.product_qty, self.product_uom_id, round=False)
            for other in others
        )
        return max(demand - share, 0)

    # ------------------------------------------------------------------ receipts
    def _lower_receipts(self):
        """Take off the open receipts what the line does not order any more; nobody's delivery is cancelled by it."""
        cancelled = self.env["stock.move"]
        for line in self:
            surplus = line._get_surplus()
            for move in line._get_open_receipts():
                quantity = move.product_uom._compute_quantity(move.product_uom_qty, line.product_uom_id, round=False)
                less = min(surplus, quantity)
                if line.product_uom_id.compare(less, quantity) == 0:
                    cancelled |= move
                elif less > 0:
                    move.product_uom_qty -= line.product_uom_id._compute_quantity(less, move.product_uom, round=False)
                surplus -= less
        cancelled.propagate_cancel = False
        cancelled._action_cancel()

    def _get_open_receipts(self):
        """Open moves that bring the goods, the latest first."""
        return self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel") and move.location_dest_id.usage != "supplier"
        ).sorted("id", reverse=True)

    def _get_surplus(self):
        """How much more the open receipts bring than the line still orders, in the line's unit."""
        coming = sum(
            move.product_uom._compute_quantity(move.product_uom_qty, self.product_uom_id, round=False)
            for move in self._get_open_receipts()
        )
        return max(coming - max(self.product_qty - self.qty_received, 0), 0)
