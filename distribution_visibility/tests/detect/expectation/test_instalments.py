from odoo import Command, fields
from odoo.tests import tagged

from .expectation_case import ExpectationCase


@tagged("post_install", "-at_install")
class TestInstalments(ExpectationCase):
    """An invoice that is due in parts: each of them is expected on its own day."""

    def _invoice(self, *parts):
        """A posted invoice of 6 February, due by these (percent, days) parts."""
        self._travel(self._utc("2026-02-06 09:00:00"))
        lines = [
            {"value": "percent", "value_amount": percent, "nb_days": days, "delay_type": "days_after"}
            for percent, days in parts
        ]
        term = self.env["account.payment.term"].create(
            {"name": "In parts", "line_ids": [Command.clear(), *(Command.create(line) for line in lines)]}
        )
        self.pump.invoice_policy = "order"
        invoice = self._sell("2026-02-14 12:00:00")._create_invoices()
        invoice.write({"invoice_date": fields.Date.today(), "invoice_payment_term_id": term.id})
        invoice.action_post()
        return invoice

    def _pay(self, invoice, amount, day):
        """So much of it, whichever way the database books payments."""
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        values = {"payment_date": day, "amount": amount, "payment_difference_handling": "open"}
        register.create(values).action_create_payments()
        self._follow()

    def _day(self, text):
        """The end of a day in Berlin, when what is due on it is overdue; a day of grace later somebody is told."""
        return self._utc(f"{text} 00:00:00")

    def test_half_at_once_and_half_in_thirty_days_are_expected_one_after_the_other(self):
        invoice = self._invoice((50, 0), (50, 30))
        self.assertEqual(invoice.invoice_date_due, fields.Date.to_date("2026-03-08"), "Odoo's is the last one")
        row = self._get("paid", invoice)
        self.assertEqual((row.state, row.due_at), ("open", self._day("2026-02-07")))
        self._scan(self._utc("2026-02-10 09:00:00"))
        exception = self._get_exceptions("payment_overdue", invoice)
        self.assertEqual((len(exception), exception.is_open), (1, True))
        self._pay(invoice, invoice.amount_total / 2, "2026-02-10")
        self.assertEqual((row.state, row.due_at), ("open", self._day("2026-03-10")), "8 March is a Sunday")
        self.assertFalse(exception.is_open)
        self._scan(self._utc("2026-03-12 09:00:00"))
        self.assertTrue(exception.is_open)
        self._pay(invoice, invoice.amount_residual or invoice.amount_total / 2, "2026-03-12")
        self.assertEqual((row.state, exception.is_open), ("met", False))

    def test_a_part_of_an_instalment_is_not_the_instalment(self):
        invoice = self._invoice((50, 0), (50, 30))
        row = self._get("paid", invoice)
        self._pay(invoice, invoice.amount_total / 4, "2026-02-06")
        self.assertEqual((row.state, row.due_at), ("open", self._day("2026-02-07")))

    def test_what_was_paid_ahead_is_not_missed(self):
        invoice = self._invoice((50, 0), (30, 30), (20, 60))
        row = self._get("paid", invoice)
        self._pay(invoice, invoice.amount_total * 0.8, "2026-02-06")
        self.assertEqual((row.state, row.due_at), ("open", self._day("2026-04-08")))
        self._pay(invoice, invoice.amount_residual or invoice.amount_total * 0.2, "2026-02-06")
        self.assertEqual(row.state, "met")

    def test_one_payment_of_all_meets_all(self):
        invoice = self._invoice((50, 0), (50, 30))
        row = self._get("paid", invoice)
        self._pay(invoice, invoice.amount_total, "2026-02-06")
        self.assertEqual(row.state, "met")

    def test_an_instalment_whose_day_is_moved_moves_what_is_expected(self):
        invoice = self._invoice((50, 0), (50, 30))
        first = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term").sorted("date_maturity")[0]
        first.date_maturity = "2026-02-12"
        self.assertEqual(self._get("paid", invoice).due_at, self._day("2026-02-13"))

    def test_an_invoice_with_one_day_is_due_on_it_as_before(self):
        invoice = self._invoice((100, 7))
        self.assertEqual(self._get("paid", invoice).due_at, self._day("2026-02-14"))

    def test_an_overdue_instalment_counts_where_overdue_invoices_are_asked_for(self):
        invoice = self._invoice((50, 0), (50, 30))
        order = invoice.invoice_line_ids.sale_line_ids.order_id
        self._travel(self._utc("2026-02-20 09:00:00"))
        order.invalidate_recordset()
        self.assertEqual(order.visibility_overdue_days, 14)
        self.assertIn(order, order.search([("visibility_overdue_days", ">", 10)]))

    def test_the_exception_of_an_invoice_is_as_urgent_as_its_first_open_instalment(self):
        invoice = self._invoice((50, 0), (50, 30))
        self._scan(self._utc("2026-02-10 09:00:00"))
        exception = self._get_exceptions("payment_overdue", invoice)
        promises = list(exception._get_promises(None))
        self.assertIn(fields.Date.to_date("2026-02-06"), promises)


@tagged("post_install", "-at_install")
class TestFreeSamples(ExpectationCase):
    """Nobody makes an invoice of nothing."""

    def _sell_lines(self, *prices, discount=0):
        self.pump.invoice_policy = "delivery"
        lines = [
            Command.create(
                {
                    "product_id": self.pump.id,
                    "product_uom_qty": 2,
                    "price_unit": price,
                    "discount": discount,
                    "tax_ids": False,
                }
            )
            for price in prices
        ]
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "commitment_date": "2026-02-14 12:00:00", "order_line": lines}
        )
        order.action_confirm()
        return order

    def test_samples_that_went_out_are_not_missed_as_an_invoice(self):
        self.assertFalse(self._get("invoiced", self._ship(self._sell_lines(0))))
        self.assertFalse(self._get("invoiced", self._ship(self._sell_lines(10, discount=100))))

    def test_samples_beside_goods_wait_for_the_goods_only(self):
        order = self._sell_lines(100, 0)
        delivery = self._ship(order)
        row = self._get("invoiced", delivery)
        self.assertEqual(row.state, "open")
        invoice = order._create_invoices()
        invoice.invoice_line_ids.filtered(lambda line: not line.price_unit).unlink()
        invoice.action_post()
        self._follow()
        self.assertEqual(order.invoice_status, "to invoice", "Odoo still waits for the samples")
        self.assertEqual(row.state, "met")

    def test_many_of_a_cheap_thing_are_worth_an_invoice(self):
        order = self._sell_lines(0.004)
        self.env["decimal.precision"].search([("name", "=", "Product Price")]).digits = 4
        order.order_line.write({"price_unit": 0.004, "product_uom_qty": 50})
        self.assertEqual(self._get("invoiced", self._ship(order)).state, "open")
