from odoo import api, fields, models

from ....lib.detect.expectation.expectation_plan import Reached


class SaleOrder(models.Model):
    """What is expected of a confirmed order: reserved, shipped, delivered, invoiced."""

    _inherit = "sale.order"

    # ------------------------------------------------------------------ what is true of it
    def _get_expected_triggers(self):
        return {"order_confirmed": self.date_order} if self.state == "sale" else {}

    def _get_expected_dates(self):
        return {"first_promise": self.visibility_first_promise_at, "latest_promise": self.visibility_promise_at}

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

    def _get_deliveries(self):
        return self.picking_ids.filtered(lambda one: one.picking_type_code == "outgoing" and one.state != "cancel")

    def _get_reserved_fact(self):
        deliveries = self._get_deliveries()
        if deliveries and all(one.state in ("assigned", "done") for one in deliveries):
            return Reached(fields.Datetime.now(), sentence=self.env._("Reserved"))
        return None

    def _get_shipped_fact(self):
        if self.delivery_status != "full":
            return None
        done = self.picking_ids.filtered("date_done").sorted("date_done")[-1:]
        shipped = self.env._("%(delivery)s shipped", delivery=done.name or self.name)
        return Reached(done.date_done or fields.Datetime.now(), sentence=shipped)

    def _get_invoiced_fact(self):
        if self.invoice_status == "to invoice":
            return None
        invoices = self.invoice_ids
        if any(invoice.state == "draft" for invoice in invoices):
            return None
        latest = invoices.filtered(lambda one: one.state == "posted").sorted("id")[-1:]
        said = self.env._("%(invoice)s issued", invoice=latest.name) if latest else self.env._("Nothing to invoice")
        return Reached(fields.Datetime.now(), sentence=said)

    def _get_reached_milestone(self, plan):
        """Reached when the last of the deliveries reached it."""
        reached = [one._get_reached_milestone(plan) for one in self._get_deliveries()]
        return max(reached, key=lambda one: one.at) if reached and all(reached) else None

    # ------------------------------------------------------------------ what changes it
    @api.model
    def _get_noted_fields(self):
        """Fields whose change may move, end or fulfil an expectation."""
        return {"state", "commitment_date", "visibility_first_promise_at", "visibility_promise_at"}

    def _note_expected_changes(self, vals):
        """Values were written: follow those that may move, end or fulfil an expectation."""
        if vals.keys() & self._get_noted_fields():
            self.filtered(lambda order: order.state in ("sale", "cancel"))._note_expectations()
