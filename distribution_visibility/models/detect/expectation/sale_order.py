from odoo import api, fields, models

from ....lib.detect.expectation.expectation_plan import Reached


class SaleOrder(models.Model):
    """What is expected of a confirmed order: reserved, shipped, delivered, invoiced."""

    _inherit = "sale.order"

    # ------------------------------------------------------------------ what is true of it
    def _get_expected_triggers(self):
        return {"order_confirmed": self.date_order} if self.state == "sale" else {}

    def _get_expected_dates(self):
        """The promises of what has still to go: a line with a later day is not expected with the first one."""
        names = {"first_promise": "visibility_first_promise_at", "latest_promise": "visibility_promise_at"}
        lines = self._get_lines_to_go()
        return {date: self._choose_date(lines.mapped(name)) or self[name] for date, name in names.items()}

    def _get_expected_anew(self):
        return self.visibility_anew_at

    def _get_dependent_documents(self):
        return [self.picking_ids | self.order_line.move_ids.picking_id]

    def _get_expected_end(self):
        return self.env._("The order was cancelled.") if self.state == "cancel" else ""

    def _get_expected_warehouse(self):
        return self.warehouse_id

    def _get_reached_fact(self, fact):
        found = {
            "reserved": self._get_reserved_fact,
            "shipped": self._get_shipped_fact,
            "invoiced": self._get_invoiced_fact,
        }.get(fact)
        return found() if found else super()._get_reached_fact(fact)

    def _get_lines_to_go(self):
        """The lines of which goods have still to go, on the way out or not begun with."""
        return self.order_line.filtered(lambda line: line._is_to_go())

    def _get_ways_out(self):
        """Its transfers to the customer, the steps before a delivery among them; not what was cancelled."""
        pickings = self.order_line.move_ids.picking_id | self.picking_ids
        return pickings.filtered(lambda one: one.state != "cancel" and one._leads_to_customer())

    def _get_reserved_fact(self):
        ways = self._get_ways_out()
        if ways and all(one.state in ("assigned", "done") for one in ways):
            return Reached(fields.Datetime.now(), sentence=self.env._("Reserved"))
        return None

    def _get_shipped_fact(self):
        """Shipped when something went and nothing has still to go; what was only cancelled was not shipped."""
        moves = self.order_line._get_moves_out()
        went = moves.filtered(lambda move: move.state == "done" and move.location_dest_id._is_outgoing())
        if not went or self._get_lines_to_go():
            return None
        done = went.picking_id.filtered("date_done").sorted("date_done")[-1:]
        shipped = self.env._("%(delivery)s shipped", delivery=done.name or self.name)
        return Reached(done.date_done or fields.Datetime.now(), sentence=shipped)

    def _get_progress_words(self, fact):
        is_part = fact == "shipped" and self.delivery_status == "partial"
        return self.env._("part of it is shipped") if is_part else ""

    def _get_invoiced_fact(self):
        if self._has_to_be_invoiced():
            return None
        invoices = self.invoice_ids
        if any(invoice.state == "draft" for invoice in invoices):
            return None
        return Reached(fields.Datetime.now(), sentence=self._say_invoiced())

    def _say_invoiced(self):
        latest = self.invoice_ids.filtered(lambda one: one.state == "posted").sorted("id")[-1:]
        return self.env._("%(invoice)s issued", invoice=latest.name) if latest else self.env._("Nothing to invoice")

    def _has_to_be_invoiced(self):
        """Whether what is still to be invoiced is worth anything: of free samples nobody makes an invoice."""
        if self.invoice_status != "to invoice":
            return False
        lines = self.order_line.filtered(lambda line: line.invoice_status == "to invoice")
        worth = sum(line.qty_to_invoice * line.price_unit * (1 - line.discount / 100) for line in lines)
        return not self.currency_id.is_zero(worth)

    def _get_reached_milestone(self, plan):
        """Reached when the last of the deliveries reached it, and no step before a delivery is open."""
        reached = [one._get_reached_milestone(plan) for one in self._get_telling_ways()]
        return max(reached, key=lambda one: one.at) if reached and all(reached) else None

    def _get_telling_ways(self):
        return self._get_ways_out().filtered(lambda one: one.picking_type_code != "internal" or one.state != "done")

    def _is_still_reached(self, plan):
        if plan.fact:
            return super()._is_still_reached(plan)
        ways = self._get_telling_ways()
        return bool(ways) and all(one._is_still_reached(plan) for one in ways)

    # ------------------------------------------------------------------ what changes it
    @api.model
    def _get_noted_fields(self):
        """Fields whose change may move, end or fulfil an expectation."""
        return {"state", "commitment_date", "visibility_first_promise_at", "visibility_promise_at"}

    def _note_expected_changes(self, vals):
        """Values were written: follow those that may move, end or fulfil an expectation."""
        if vals.keys() & self._get_noted_fields():
            orders = self if "state" in vals else self.filtered(lambda order: order.state in ("sale", "cancel"))
            orders._note_expectations()
