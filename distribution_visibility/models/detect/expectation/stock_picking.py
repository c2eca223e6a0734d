from odoo import api, fields, models

from ....lib.detect.expectation.expectation_plan import Reached


class StockPicking(models.Model):
    """What is expected of a transfer: reserved, started, validated; and then of the carrier."""

    _inherit = "stock.picking"

    # ------------------------------------------------------------------ what is true of it
    def _get_expected_triggers(self):
        triggers = {}
        if self.state in ("waiting", "confirmed", "assigned", "done"):
            triggers["picking_confirmed"] = None
        if self.state in ("assigned", "done"):
            triggers["picking_ready"] = None
        if self.state == "done":
            triggers["picking_done"] = self.date_done or None
        return triggers

    def _get_expected_dates(self):
        return {
            "first_promise": self._get_promised("visibility_first_promise_at"),
            "latest_promise": self._get_promised("visibility_promise_at"),
            "scheduled": self._if_still_meant(self.visibility_planned_at),
            "deadline": self._if_still_meant(self.date_deadline),
        }

    def _get_expected_end(self):
        if self.state != "done" and self._is_of_cancelled_orders():
            return self.env._("The order was cancelled.")
        return self.env._("The transfer was cancelled.") if self.state == "cancel" else ""

    def _is_of_cancelled_orders(self):
        states = [*self.sale_id.mapped("state"), *self.purchase_id.mapped("state")]
        return bool(states) and set(states) == {"cancel"}

    def _get_expected_warehouse(self):
        return self.picking_type_id.warehouse_id

    def _get_reached_fact(self, fact):
        if fact == "invoiced":
            return self._get_invoiced_fact()
        if fact == "picking_done":
            is_true, at, said = self.state == "done", self.date_done, self.env._("Validated")
        elif fact == "picking_started":
            is_true, at, said = self._is_started(), False, self.env._("Picking started")
        elif fact == "reserved":
            is_true, at, said = self.state in ("assigned", "done"), False, self.env._("Reserved")
        else:
            return super()._get_reached_fact(fact)
        return Reached(at or fields.Datetime.now(), sentence=said) if is_true else None

    @api.model
    def _get_excused(self, parts, fact):
        """Where goods are reserved by hand, or not before their day, it is enough that they are there."""
        if fact != "reserved":
            return super()._get_excused(parts, fact)
        pickings = self.union(*parts).with_prefetch()
        there = pickings.filtered(lambda one: one.products_availability_state == "available")
        return {one: Reached(fields.Datetime.now(), sentence=self.env._("Available")) for one in there}

    def _is_started(self):
        """Whether anybody works on it: its papers are printed, or something of it is picked."""
        return self.state == "done" or self.printed or any(move.picked for move in self.move_ids)

    def _get_reached_milestone(self, plan):
        """Reached when the last of the parcels reached it."""
        shipments = self.visibility_shipment_ids.filtered(lambda shipment: not shipment.is_test)
        reached = [shipment._get_reached_milestone(plan) for shipment in shipments]
        return max(reached, key=lambda one: one.at) if reached and all(reached) else None

    def _is_still_reached(self, plan):
        if plan.fact:
            return super()._is_still_reached(plan)
        shipments = self.visibility_shipment_ids.filtered(lambda shipment: not shipment.is_test)
        return bool(shipments) and all(shipment._is_still_reached(plan) for shipment in shipments)

    def _get_invoiced_fact(self):
        """All orders that it serves are invoiced, or as much of them as was delivered up to this delivery."""
        orders = self._get_sale_orders()
        reached = [order._get_invoiced_fact() for order in orders]
        if reached and all(reached):
            return reached[-1]
        is_own = bool(orders) and self.state == "done" and self._is_invoiced_until_then()
        return Reached(fields.Datetime.now(), sentence=orders[-1]._say_invoiced()) if is_own else None

    def _is_invoiced_until_then(self):
        """Whether what was delivered up to this is invoiced: what is to invoice now came with a later delivery."""
        lines = self.move_ids.sale_line_id.filtered(lambda line: line.price_unit and line.discount != 100)
        return bool(lines) and all(
            line.product_uom_id.compare(line.qty_invoiced_posted, self._get_delivered_until_then(line)) >= 0
            for line in lines
        )

    def _get_delivered_until_then(self, line):
        """How much of a line these deliveries and earlier ones brought, in its unit; all of it where it is a kit."""
        moves = line.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_id.usage == "customer"
        )
        if moves.product_id != line.product_id:
            return line.qty_delivered
        until = moves.filtered(lambda move: move.picking_id._get_done_order() <= self._get_done_order())
        return sum(move.product_uom._compute_quantity(move.quantity, line.product_uom_id) for move in until)

    def _get_done_order(self):
        return self.date_done, self.id

    def _get_dependent_documents(self):
        return [self._get_sale_orders(), self._get_purchase_orders(), self.visibility_shipment_ids]

    # ------------------------------------------------------------------ what changes it
    def _compute_state(self):
        # All ways of confirming, reserving, validating and cancelling end here, in batches
        result = super()._compute_state()
        self._note_expectations()
        return result

    def _compute_scheduled_date(self):
        result = super()._compute_scheduled_date()
        self._note_expectations()
        return result

    def _note_promises(self):
        """What was promised of their goods has moved: follow those that are not done."""
        self.filtered(lambda picking: picking.state not in ("done", "cancel"))._note_expectations()

    def _note_expected_changes(self, vals):
        """Values were written: follow those that may move, end or fulfil an expectation."""
        if vals.keys() & {"printed", "scheduled_date", "date_deadline", "carrier_tracking_ref", "return_id"}:
            self._note_expectations()
