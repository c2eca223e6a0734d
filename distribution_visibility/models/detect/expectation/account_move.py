from odoo import fields, models

from ....lib.base.due_time import WorkingTime
from ....lib.detect.expectation.expectation_plan import Reached


class AccountMove(models.Model):
    """What is expected of a posted invoice: that it is paid when it is due."""

    _inherit = "account.move"

    # ------------------------------------------------------------------ what is true of it
    def _get_expected_triggers(self):
        return {"invoice_posted": None} if self.state == "posted" and self.is_invoice() else {}

    def _get_expected_dates(self):
        return {"invoice_due": self._get_due_moment()}

    def _get_due_moment(self):
        """The beginning of the day on which something of it is due next, by the company's wall clock."""
        due = self._get_next_due_date()
        if not due:
            return False
        zone = self.env["visibility.expectation.template"]._get_zone(self)
        return WorkingTime(zone).at(due, 0).replace(tzinfo=None)

    def _get_expected_end(self):
        return self.env._("The invoice was cancelled.") if self.state == "cancel" else ""

    def _get_reached_fact(self, fact):
        if fact != "paid":
            return super()._get_reached_fact(fact)
        if not self._is_paid_in_full():
            return None
        return Reached(fields.Datetime.now(), sentence=self._get_paid_sentence())

    def _get_paid_sentence(self):
        return self.env._("Reversed") if self.payment_state == "reversed" else self.env._("Paid")

    def _get_dependent_documents(self):
        orders = self.invoice_line_ids.sale_line_ids.order_id
        return [orders, orders._get_transfers()]

    # ------------------------------------------------------------------ what changes it
    def _compute_payment_state(self):
        result = super()._compute_payment_state()
        self.filtered(lambda move: move.state == "posted")._note_expectations()
        return result

    def _note_expected_changes(self, vals):
        """Values were written: follow those that may move, end or fulfil an expectation."""
        if vals.keys() & {"state", "invoice_date_due", "line_ids"}:
            self.filtered(lambda move: move.is_invoice())._note_expectations()
