from odoo import fields

from .expectation_case import ExpectationCase


class TestFactsThatGoBack(ExpectationCase):
    """What had happened is compared again: facts of Odoo are undone, and what is wanted grows."""

    def assertOverdueAgain(self, name, document, moment, category):
        """It was met, is open again, and the scan tells of it."""
        row = self._get(name, document)
        self.assertEqual((row.state, bool(row.reopened_at), row.met_at, row.met_by), ("open", True, False, False))
        self._scan(moment)
        self.assertEqual(row.state, "overdue")
        exception = self._get_exceptions(category, document)
        self.assertTrue(exception.is_open)
        return row, exception

    def _get_bill(self):
        self.pump.invoice_policy = "order"
        invoice = self._sell("2026-02-14 12:00:00")._create_invoices()
        invoice.invoice_date = fields.Date.today()
        invoice.invoice_payment_term_id = False
        invoice.invoice_date_due = "2026-02-13"
        invoice.action_post()
        self._follow()
        return invoice

    def _pay(self, invoice):
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        payment = wizard.create({"payment_date": fields.Date.today()})._create_payments()
        self._follow()
        return payment

    # ------------------------------------------------------------------ money
    def test_a_payment_that_bounces_makes_the_invoice_overdue_again(self):
        invoice = self._get_bill()
        self._travel("2026-02-12 09:00:00")
        self._pay(invoice)
        self.assertEqual(self._get("paid", invoice).state, "met")
        self._travel("2026-02-20 09:00:00")
        invoice.line_ids.remove_move_reconcile()
        row, exception = self.assertOverdueAgain("paid", invoice, "2026-02-20 09:06:00", "payment_overdue")
        self._pay(invoice)
        self.assertEqual((row.state, exception.state), ("met", "resolved"))

    def test_a_late_payment_that_bounces_brings_the_same_exception_back(self):
        invoice = self._get_bill()
        self._scan("2026-02-16 09:00:00")
        exception = self._get_exceptions("payment_overdue", invoice)
        self._travel("2026-02-17 09:00:00")
        payment = self._pay(invoice)
        self.assertEqual(exception.state, "resolved")
        self._travel("2026-02-19 09:00:00")
        payment.action_cancel()
        _row, again = self.assertOverdueAgain("paid", invoice, "2026-02-19 09:06:00", "payment_overdue")
        self.assertEqual((again, again.reopen_count), (exception, 1))

    def test_a_payment_that_bounces_before_the_invoice_is_due_waits_for_its_day(self):
        invoice = self._get_bill()
        self._pay(invoice)
        self._travel("2026-02-10 09:00:00")
        invoice.line_ids.remove_move_reconcile()
        row = self._get("paid", invoice)
        self.assertEqual((row.state, row.due_at), ("open", self._utc("2026-02-14 00:00:00")))

    def test_an_invoice_that_goes_back_to_draft_leaves_the_delivery_without_one(self):
        self.pump.invoice_policy = "delivery"
        order = self._sell("2026-02-14 12:00:00")
        delivery = self._ship(order)
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(self._get("invoiced", delivery).state, "met")
        invoice.button_draft()
        self.assertOverdueAgain("invoiced", delivery, "2026-02-20 09:00:00", "billing_late")

    def test_a_second_delivery_to_be_invoiced_says_nothing_about_the_first_one(self):
        self.pump.invoice_policy = "delivery"
        order = self._sell("2026-02-14 12:00:00")
        delivery = self._ship(order)
        order._create_invoices().action_post()
        order.order_line.product_uom_qty = 5
        rest = order.picking_ids - delivery
        rest.move_ids.picked = True
        rest.button_validate()
        self.assertEqual(self._get("invoiced", delivery).state, "met")
        self.assertEqual(self._get("invoiced", rest).state, "open")

    # ------------------------------------------------------------------ the warehouse
    def test_reserved_late_then_lost_is_told_again(self):
        self.env["stock.quant"]._update_available_quantity(self.pump, self.warehouse.lot_stock_id, -100)
        delivery = self._sell("2026-02-16 11:00:00").picking_ids
        delivery.scheduled_date = self._utc("2026-02-16 12:00:00")
        self._scan("2026-02-13 12:00:00")
        self.env["stock.quant"]._update_available_quantity(self.pump, self.warehouse.lot_stock_id, 100)
        delivery.action_assign()
        self._follow()
        self.assertEqual(self._get("delivery_reserved", delivery).state, "met")
        delivery.do_unreserve()
        self._follow()
        self.env["stock.quant"]._update_available_quantity(self.pump, self.warehouse.lot_stock_id, -100)
        self.env.flush_all()
        self.env.invalidate_all()  # the scan comes in a transaction of its own
        self.assertOverdueAgain("delivery_reserved", delivery, "2026-02-13 12:06:00", "stock_short")

    def test_papers_that_were_printed_by_mistake_are_no_start(self):
        delivery = self._sell("2026-02-16 11:00:00").picking_ids
        delivery.scheduled_date = self._utc("2026-02-12 10:00:00")
        delivery.printed = True
        self.assertEqual(self._get("picking_started", delivery).state, "met")
        delivery.printed = False
        self.assertOverdueAgain("picking_started", delivery, "2026-02-12 10:00:00", "warehouse_late")

    # ------------------------------------------------------------------ more is wanted
    def test_a_purchase_line_that_is_raised_after_all_was_received_is_awaited_again(self):
        order = self._buy("2026-02-10 11:00:00")
        self._receive_goods(order)
        self.assertEqual(self._get("line_received", order).state, "met")
        order.order_line.product_qty = 15
        row, exception = self.assertOverdueAgain("line_received", order, "2026-02-12 10:00:00", "receipt_overdue")
        self.assertIn("10 of 15", exception.reason)
        self._receive_goods(order)
        self.assertEqual((row.state, exception.state), ("met", "resolved"))

    def test_what_is_added_after_its_time_is_not_late_at_that_moment(self):
        order = self._buy("2026-02-10 11:00:00")
        self._receive_goods(order)
        self._travel("2026-02-20 09:00:00")
        order.order_line.product_qty = 15
        self._scan("2026-02-20 09:06:00")
        row = self._get("line_received", order)
        self.assertEqual((row.state, row.due_at), ("open", self._utc("2026-02-21 00:00:00")))
        self._scan("2026-02-21 09:00:00")
        self.assertEqual(row.state, "overdue")

    def test_a_line_added_to_a_shipped_order_is_to_be_shipped(self):
        order = self._sell(self._utc("2026-02-16 12:00:00"))
        self._ship(order)
        self.assertEqual(self._get("order_shipped", order).state, "met")
        order.order_line.copy({"order_id": order.id})
        self.assertEqual(len(order.picking_ids), 2)
        row, exception = self.assertOverdueAgain("order_shipped", order, "2026-02-14 10:00:00", "late_risk")
        (order.picking_ids.filtered(lambda one: one.state != "done")).move_ids.picked = True
        order.picking_ids.filtered(lambda one: one.state != "done").button_validate()
        self._follow()
        self.assertEqual((row.state, exception.state), ("met", "resolved"))

    def test_a_return_takes_back_no_shipment_and_no_receipt(self):
        order, purchase = self._sell(self._utc("2026-02-16 12:00:00")), self._buy("2026-02-10 11:00:00")
        for done, name, document in (
            (self._ship(order), "order_shipped", order),
            (self._receive_goods(purchase), "line_received", purchase),
        ):
            wizard = self.env["stock.return.picking"].with_context(active_id=done.id, active_model="stock.picking")
            returning = wizard.create({})
            returning.product_return_moves.quantity = 2
            back = self.env["stock.picking"].browse(returning.action_create_returns()["res_id"])
            self.assertEqual(self._get(name, document).state, "met", "when it is made")
            back.move_ids.picked = True
            back.button_validate()
            self.assertEqual(self._get(name, document).state, "met", "when it is here")

    # ------------------------------------------------------------------ what stays
    def test_following_what_is_met_changes_nothing(self):
        order = self._sell(self._utc("2026-02-16 12:00:00"))
        self._ship(order)
        rows = self.expectations.search([("res_model", "in", ("sale.order", "stock.picking"))])
        before = rows.read(["state", "met_at", "due_at", "reopened_at"])
        for _time in range(3):
            self.expectations._follow_noted({"sale.order": order.ids, "stock.picking": order.picking_ids.ids})
        self.assertEqual(rows.read(["state", "met_at", "due_at", "reopened_at"]), before)

    def test_what_somebody_waived_is_not_expected_again(self):
        order = self._buy("2026-02-10 11:00:00")
        self._get("line_received", order).with_user(self.owner).action_waive()
        self._receive_goods(order)
        order.order_line.product_qty = 15
        self.assertEqual(self._get("line_received", order).mapped("state"), ["cancelled"])
