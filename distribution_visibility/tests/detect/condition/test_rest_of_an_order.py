from odoo.tests import tagged

from ..expectation.expectation_case import ExpectationCase


@tagged("post_install", "-at_install")
class TestRestOfAnOrder(ExpectationCase):
    """The rest of an order is left lying three working days after it was due, and not while it is not due."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("distribution_visibility.rule_receipt_incomplete").sudo()
        cls.rule.active = True

    def _look(self, moment):
        self._follow()
        self._travel(moment)
        self.env.invalidate_all()
        self.rule._evaluate(self.company)

    def _left(self, order):
        return self._get_exceptions("receipt_incomplete", order).filtered("is_open")

    def _buy_two_lines(self, first, second):
        order = self._buy(first)
        order.write(
            {
                "order_line": [
                    (0, 0, {"product_id": self.pump.id, "product_qty": 5, "price_unit": 40, "date_planned": second})
                ]
            }
        )
        self._follow()
        return order

    def _receive_line(self, line):
        receipt = line.order_id.picking_ids.filtered(lambda one: one.state == "assigned")
        for move in receipt.move_ids:
            move.quantity = move.product_uom_qty if move.purchase_line_id == line else 0
            move.picked = move.purchase_line_id == line
        result = receipt.button_validate()
        if result is not True:
            self.env[result["res_model"]].with_context(**result["context"]).create({}).process()
        self._follow()

    def test_a_line_that_is_due_later_is_not_left_lying(self):
        order = self._buy_two_lines(self._utc("2026-02-03 12:00:00"), self._utc("2026-02-16 12:00:00"))
        self._travel("2026-02-03 09:00:00")
        self._receive_line(order.order_line[0])
        self.assertEqual(order.receipt_status, "partial")
        for moment in ("2026-02-07 09:00:00", "2026-02-13 09:00:00", "2026-02-16 09:00:00", "2026-02-19 09:00:00"):
            self._look(moment)
            self.assertFalse(self._left(order), moment)
        self._look("2026-02-20 00:30:00")
        self.assertTrue(self._left(order), "due on Monday; Tuesday, Wednesday and Thursday have passed")
        self.assertIn("3 working days", self._left(order).reason)

    def test_a_weekend_is_not_counted(self):
        order = self._buy_two_lines(self._utc("2026-02-05 12:00:00"), self._utc("2026-02-05 12:00:00"))
        self._travel("2026-02-05 09:00:00")
        self._receive_line(order.order_line[0])
        self._look("2026-02-09 12:00:00")
        self.assertFalse(self._left(order), "due on Thursday: only Friday has passed")
        self._look("2026-02-11 00:30:00")
        self.assertTrue(self._left(order))

    def test_goods_that_came_late_give_the_rest_its_three_days(self):
        order = self._buy_two_lines(self._utc("2026-02-03 12:00:00"), self._utc("2026-02-03 12:00:00"))
        self._travel("2026-02-10 09:00:00")
        self._receive_line(order.order_line[0])
        self._look("2026-02-12 12:00:00")
        self.assertFalse(self._left(order))
        self._look("2026-02-13 12:00:00")
        self.assertTrue(self._left(order))

    def test_a_date_that_moves_and_a_receipt_that_is_closed_short_end_it(self):
        order = self._buy_two_lines(self._utc("2026-02-03 12:00:00"), self._utc("2026-02-03 12:00:00"))
        self._travel("2026-02-03 09:00:00")
        self._receive_line(order.order_line[0])
        self._look("2026-02-09 12:00:00")
        self.assertTrue(self._left(order))
        order.order_line[1].date_planned = self._utc("2026-02-20 12:00:00")
        self._look("2026-02-09 13:00:00")
        self.assertFalse(self._left(order))
        order.picking_ids.filtered(lambda one: one.state != "done").action_cancel()
        self._look("2026-03-09 13:00:00")
        self.assertFalse(self._left(order))

    def test_it_is_found_and_counted_by_the_same_days(self):
        order = self._buy_two_lines(self._utc("2026-02-03 12:00:00"), self._utc("2026-02-03 12:00:00"))
        self._travel("2026-02-03 09:00:00")
        self._receive_line(order.order_line[0])
        self._look("2026-02-09 12:00:00")
        self.assertEqual(order.visibility_rest_waits_days, 3)
        orders = self.env["purchase.order"]
        for operator, value, found in ((">=", 3, True), (">", 3, False), ("<", 3, False), ("<=", 5, True)):
            domain = [("visibility_rest_waits_days", operator, value)]
            self.assertEqual(order in orders.search(domain), found, (operator, value))
