from datetime import timedelta

from odoo import models

#: What Odoo does by itself with goods that have arrived somewhere.
PUSHES = ("push", "pull_push")


class StockMove(models.Model):
    """Moves: where their goods go in the end, when they are planned, and how much of an order's line they are.

    Where goods leave in two or three steps, Odoo makes the delivery only when the step before it is done. Until then
    that step stands for it: it says where the goods go in the end.
    """

    _inherit = "stock.move"

    # ------------------------------------------------------------------ where its goods go
    def _goes_to_customer(self):
        """Whether its goods are for a customer, with this move or with those that Odoo makes when it is done."""
        goal = self.location_final_id or self.location_dest_id
        return goal._is_outgoing() and not self.location_id._is_outgoing()

    def _is_last_to_customer(self):
        """Whether nothing comes after it yet on the way to the customer."""
        return self._goes_to_customer() and all(move.state == "cancel" for move in self.move_dest_ids)

    # ------------------------------------------------------------------ when it is planned
    def _get_promised_line(self):
        """The order line whose promise it keeps: the customer's, else the supplier's."""
        return self.sale_line_id or self.purchase_line_id

    def _get_planned_date(self):
        """When it should be done (naive UTC): as somebody planned it, else by what is promised now.

        Odoo plans once, by the promise of that moment, and does not follow when it moves. What it makes when the step
        before is done has no plan at all: it is dated on that very moment.
        """
        line = self._get_promised_line()
        if line.visibility_promise_at and (self._is_planned_by(line) or self._is_pushed_unplanned()):
            return line.visibility_promise_at - self._get_planned_lead()
        return self.date

    def _is_planned_by(self, line):
        """Whether its date is still the one that Odoo worked out of the first promise."""
        first = line.visibility_first_promise_at
        return bool(first) and self.date == first - self._get_planned_lead()

    def _is_pushed_unplanned(self):
        """Whether its date is only the moment when the step before was done."""
        if self.rule_id.action not in PUSHES:
            return False
        return self.date in {one.date + timedelta(days=self.rule_id.delay) for one in self.move_orig_ids}

    def _get_planned_lead(self):
        """How long before the promise Odoo plans it: the company's security, and the days of the rule."""
        if not self.sale_line_id:
            return timedelta()
        is_pulled = self.rule_id.action not in PUSHES
        return timedelta(days=self.company_id.security_lead + (self.rule_id.delay if is_pulled else 0))

    # ------------------------------------------------------------------ how much of its line it is
    def _get_share_of_line(self):
        """Which part of the customer's order line this is worth, from 0 to 1: of a kit each component is a part."""
        line, unit = self.sale_line_id, self.product_id.uom_id
        if self.product_id == line.product_id:
            ordered = line.product_uom_id._compute_quantity(line.product_uom_qty, unit, round=False)
            return min(self.product_qty / ordered, 1) if ordered else 0
        parts = line._get_component_weights()
        needed, weight = parts.get(self.product_id, (0, 0))
        return min(self.product_qty / needed, 1) * weight if needed else 0

    # ------------------------------------------------------------------ what comes back
    def _with_returned(self):
        """These moves, and those whose goods they bring back, to the first ones."""
        found, level = self, self.origin_returned_move_id
        while level - found:
            found, level = found | level, level.origin_returned_move_id
        return found

    # ------------------------------------------------------------------ sent again
    def _get_sent_again_at(self):
        """When what one move sends a second time had come back (naive UTC); None for what goes the first time.

        Odoo makes the delivery of an exchange as any other of the order, with the order's dates. It is known by what
        was there before it: goods of its line that came back, and deliveries of all that was ordered.
        """
        others = self._get_moves_before()
        returned = (others | others.returned_move_ids).filtered(lambda move: move.location_id.usage == "customer")
        returned = returned.filtered(lambda move: move.state != "cancel" and move.id < self.id)
        if not returned or not self._is_covered_by(others - returned):
            return None
        return max(filter(None, [self.create_date, *returned.mapped("date")]))

    def _get_moves_before(self):
        """The other moves of its order line that were there before this one."""
        is_back = self.location_id.usage == "customer"
        moves = self.browse() if is_back else self.sale_line_id.move_ids
        return moves.filtered(lambda move: move.state != "cancel" and move.id < self.id)

    def _is_covered_by(self, others):
        """Whether other moves on the same step bring all of its order line."""
        line, unit = self.sale_line_id, self.product_id.uom_id
        alike = others.filtered(
            lambda move: (move.location_id, move.location_dest_id) == (self.location_id, self.location_dest_id)
        )
        if line.product_id != self.product_id:  # a part of a kit: the line does not count it
            return any(move.state == "done" for move in alike)
        ordered = line.product_uom_id._compute_quantity(line.product_uom_qty, unit)
        return unit.compare(sum(alike.mapped("product_qty")), ordered) >= 0
