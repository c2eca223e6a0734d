from datetime import timedelta

from freezegun import freeze_time
from odoo import Command, fields
from odoo.exceptions import RedirectWarning
from odoo.tests import tagged

from ....lib.base.grant import AMONG
from ...common import VisibilityCase


@tagged("post_install", "-at_install")
class TestRuleBilling(VisibilityCase):
    """Credit and invoices: what the shipped rules find, and when they let go."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_use_credit_limit = True
        cls.customer.credit_limit = 500
        stock = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1).lot_stock_id
        cls.env["stock.quant"]._update_available_quantity(cls.pump, stock, 1000)
        cls.boss = cls._create_user("boss", "stock.group_stock_user", "sales_team.group_sale_manager")

    def _look(self, rule, record):
        """One look of a shipped rule; gives the open exceptions of its category about a record."""
        rule = self.env.ref(f"distribution_visibility.{rule}")
        self.env.flush_all()
        rule._evaluate(self.company)
        exceptions = self.env["visibility.exception"]
        return exceptions._find_open(rule.category_id, record)

    def _create_invoice(self, customer, price, due, **values):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": due - timedelta(days=30),
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"name": "Pump", "price_unit": price, "tax_ids": False})],
                **values,
            }
        )
        invoice.action_post()
        return invoice

    # ------------------------------------------------------------------ credit limit
    def test_an_order_of_a_customer_over_the_limit_is_found_while_its_goods_are_still_here(self):
        order = self._create_delivery("1Z1").sale_id
        self.assertFalse(self._look("rule_credit_limit", order), "200 of 500")
        self._create_invoice(self.customer, 400, fields.Date.today())
        exception = self._look("rule_credit_limit", order)
        self.assertEqual(len(exception), 1)
        for words in ("General Hospital", "600", "500"):
            self.assertIn(words, exception.reason)
        self.assertTrue(order.visibility_is_at_risk)
        self.assertEqual(order.search([("visibility_is_over_credit", "=", True), ("id", "=", order.id)]), order)

    def test_what_a_search_is_confined_to_is_not_for_callers_to_say(self):
        order = self._create_delivery("1Z1").sale_id
        self._create_invoice(self.customer, 400, fields.Date.today())
        domain = [("visibility_is_over_credit", "=", True), ("id", "=", order.id)]
        for forged in ([], [0], False, {"value": []}, "nothing"):
            self.assertEqual(order.with_context(visibility_among=forged).search(domain), order)
        self.assertFalse(order.with_context(**AMONG.carry([])).search(domain), "only our own code may")

    def test_when_the_customer_pays_the_hold_is_over_by_itself(self):
        order = self._create_delivery("1Z1").sale_id
        invoice = self._create_invoice(self.customer, 400, fields.Date.today())
        exception = self._look("rule_credit_limit", order)
        invoice.button_draft()
        invoice.button_cancel()
        self.assertFalse(self._look("rule_credit_limit", order))
        self.assertEqual(exception.state, "resolved")

    def test_what_has_left_already_is_not_held(self):
        delivery = self._create_delivery("1Z1")
        self._create_invoice(self.customer, 400, fields.Date.today())
        delivery.button_validate()
        self.assertFalse(self._look("rule_credit_limit", delivery.sale_id))

    def test_without_credit_limits_in_the_settings_nobody_is_over(self):
        order = self._create_delivery("1Z1").sale_id
        self._create_invoice(self.customer, 4000, fields.Date.today())
        self.company.account_use_credit_limit = False
        self.assertFalse(self._look("rule_credit_limit", order))

    def test_a_contact_is_measured_by_its_company(self):
        contact = self.env["res.partner"].create({"name": "Ward", "parent_id": self.customer.id})
        order = self._create_delivery("1Z1", contact).sale_id
        self._create_invoice(self.customer, 400, fields.Date.today())
        self.assertTrue(self._look("rule_credit_limit", order))

    def test_a_rule_that_blocks_holds_the_goods_back(self):
        delivery = self._create_delivery("1Z1")
        self._create_invoice(self.customer, 400, fields.Date.today())
        self.env.ref("distribution_visibility.rule_credit_limit").severity = "blocking"
        self._look("rule_credit_limit", delivery.sale_id)
        with self.assertRaises(RedirectWarning):
            delivery.with_user(self.boss).button_validate()

    def test_a_rule_may_stop_what_its_category_does_not(self):
        delivery = self._create_delivery("1Z1")
        rule = self.env.ref("distribution_visibility.rule_credit_limit")
        category = self.env.ref("distribution_visibility.category_backorder")
        rule.write({"severity": "blocking", "category_id": category.id})
        self._create_invoice(self.customer, 400, fields.Date.today())
        exception = self._look("rule_credit_limit", delivery.sale_id)
        delivery._check_validation()
        gate = self.env["visibility.gate"]._get("delivery_validate")
        rule.gate_ids = gate
        self.assertEqual(exception.gate_ids, gate)
        with self.assertRaises(RedirectWarning):
            delivery.with_user(self.boss).button_validate()

    # ------------------------------------------------------------------ overdue invoices
    def test_orders_of_a_customer_who_pays_two_weeks_late_are_found(self):
        order = self._create_delivery("1Z1").sale_id
        today = fields.Date.today()
        self._create_invoice(self.customer, 10, today - timedelta(days=14))
        self.assertFalse(self._look("rule_credit_overdue", order))
        self.assertEqual(order.visibility_overdue_days, 14)
        with freeze_time(fields.Datetime.now() + timedelta(days=1)):
            order.invalidate_recordset()
            exception = self._look("rule_credit_overdue", order)
            self.assertIn("15 days overdue", exception.reason)

    def test_days_overdue_can_be_compared_in_any_way(self):
        late = self._create_delivery("1Z1").sale_id
        good = self._create_delivery("1Z2", self.supplier).sale_id
        self._create_invoice(self.customer, 10, fields.Date.today() - timedelta(days=20))
        both = late | good
        for operator, value, expected in (
            (">", 14, late), (">=", 20, late), (">", 20, late.browse()), ("=", 20, late),
            ("=", 0, good), ("<", 20, good), ("<=", 20, both), ("!=", 20, good),
        ):  # fmt: skip
            found = late.search([("visibility_overdue_days", operator, value), ("id", "in", both.ids)])
            self.assertEqual(found, expected.sorted(), (operator, value))

    def test_another_companys_invoices_do_not_count(self):
        order = self._create_delivery("1Z1").sale_id
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self._create_invoice(self.customer, 10, fields.Date.today() - timedelta(days=20))
        self.assertFalse(order.with_company(elsewhere)._get_overdue_domain(elsewhere, ">", 0).is_false())
        rows = self.env.execute_query(order._get_overdue_sql(elsewhere))
        self.assertFalse(rows)

    # ------------------------------------------------------------------ invoices
    def test_an_invoice_that_is_left_as_a_draft_after_the_delivery_is_found(self):
        delivery = self._create_delivery("1Z1")
        delivery.button_validate()
        invoice = delivery.sale_id._create_invoices()
        self.assertFalse(self._look("rule_invoice_left", invoice))
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            exception = self._look("rule_invoice_left", invoice)
            self.assertIn(delivery.sale_id.name, exception.reason)
            self.assertEqual(exception.sale_order_ids, delivery.sale_id)
            invoice.action_post()
            self.assertFalse(self._look("rule_invoice_left", invoice))

    def test_an_invoice_of_goods_that_are_still_here_may_wait(self):
        delivery = self._create_delivery("1Z1")
        delivery.sale_id.order_line.product_id.invoice_policy = "order"
        invoice = delivery.sale_id._create_invoices()
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self.assertFalse(self._look("rule_invoice_left", invoice))

    def test_an_invoice_that_needs_a_tax_number_and_has_none_is_found(self):
        position = self.env["account.fiscal.position"].create({"name": "Abroad", "vat_required": True})
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "fiscal_position_id": position.id,
                "invoice_line_ids": [Command.create({"name": "Pump", "price_unit": 10, "tax_ids": False})],
            }
        )
        self.assertIn("Abroad", self._look("rule_invoice_tax_number", invoice).reason)
        self.customer.vat = "BE0477472701"
        self.assertFalse(self._look("rule_invoice_tax_number", invoice))

    # ------------------------------------------------------------------ vendor bills
    def _create_bill(self, receive=10):
        order = self._create_purchase()
        order.order_line.product_id.purchase_method = "receive"
        order.picking_ids.move_ids.quantity = receive
        order.picking_ids.with_context(skip_backorder=True).button_validate()
        order.action_create_invoice()
        return order.invoice_ids

    def test_a_bill_with_another_price_than_ordered_is_found_until_it_is_right(self):
        bill = self._create_bill()
        self.assertFalse(self._look("rule_bill_price", bill))
        bill.invoice_line_ids.price_unit = 44
        exception = self._look("rule_bill_price", bill)
        self.assertIn("10", exception.reason)
        self.assertEqual(exception.purchase_order_ids, bill.line_ids.purchase_line_id.order_id)
        bill.invoice_line_ids.discount = 10
        self.assertFalse(self._look("rule_bill_price", bill), "39.60 instead of 40 is within the limit of 1 %")
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            bill.invoice_line_ids.discount = 12
            self.assertTrue(self._look("rule_bill_price", bill))
            bill.invoice_line_ids.write({"price_unit": 40, "discount": 0})
            self.assertFalse(self._look("rule_bill_price", bill))

    def test_a_bill_for_more_than_was_received_is_found(self):
        bill = self._create_bill(receive=6)
        self.assertFalse(self._look("rule_bill_quantity", bill))
        bill.invoice_line_ids.quantity = 8
        self.assertTrue(self._look("rule_bill_quantity", bill))
