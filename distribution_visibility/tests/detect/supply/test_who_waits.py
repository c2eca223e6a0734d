from odoo.tests import tagged

from ...respond.supply.supply_case import SupplyCase


@tagged("post_install", "-at_install")
class TestWhoWaits(SupplyCase):
    """What a late receipt puts at risk: everybody who waits for the goods, made to order or from stock."""

    def _late(self, purchase, days):
        purchase.order_line.date_planned = self._day(days)
        self.env.flush_all()
        exception = purchase.visibility_exception_ids.filtered("is_open")
        self.assertEqual(exception.category_id.code, "late_risk")
        exception._refresh_stakes()
        return exception

    # ------------------------------------------------------------------ value at risk
    def test_who_waits_from_stock_counts_with_money_tier_and_promise(self):
        purchase = self._buy(3)
        order = self._sell(5, quantity=2, price=300)
        exception = self._late(purchase, 9)
        self.assertEqual(exception.value_at_risk, 600)
        self.assertEqual(exception.promised_at, order.visibility_promise_at)
        self.assertIn("strategic customer", exception.priority_reason.lower())
        self.assertIn("600", exception.priority_reason)

    def test_the_supplier_is_asked_and_the_goods_are_late_the_value_is_the_same(self):
        purchase = self._buy(3)
        self._sell(5, quantity=2, price=300)
        self._sell(6, quantity=1, price=50)
        proposal = self._answer(purchase, {"line": "1", "status": "date_changed", "promised_at": self._iso(9)})
        asked = purchase.visibility_exception_ids.filtered("is_open")
        self.assertEqual((proposal.value_at_risk, asked.value_at_risk), (650, 650))
        proposal.line_ids.action_accept()
        late = purchase.visibility_exception_ids.filtered("is_open")
        late._refresh_stakes()
        self.assertEqual((late.category_id.code, late.value_at_risk), ("late_risk", 650))

    def test_who_is_served_from_what_is_there_does_not_wait_for_it(self):
        self._put_on_stock(2)
        first = self._sell(4, quantity=2, price=300)
        self._sell(5, quantity=2, price=10)
        purchase = self._buy(3)
        exception = self._late(purchase, 9)
        self.assertEqual(exception.value_at_risk, 20)
        self.assertNotIn(first, exception._get_waiting_moves()[exception].sale_line_id.order_id)

    def test_made_to_order_counts_as_before_and_stock_beside_it(self):
        self._make_to_order()
        order, purchase = self._sell_to_order(5, price=300)
        exception = self._late(purchase, 9)
        self.assertEqual((exception.value_at_risk, exception.is_open), (600, True))
        self.assertEqual(exception._get_waiting_moves()[exception].sale_line_id.order_id, order)

    def test_a_line_that_is_in_is_waited_for_by_nobody(self):
        purchase = self._buy(3)
        self._sell(5, quantity=2, price=300)
        exception = self._late(purchase, 9)
        receipt = purchase.picking_ids
        receipt.move_ids.picked = True
        receipt.button_validate()
        exception._refresh_stakes()
        self.assertEqual(exception.value_at_risk, 400, "nobody waits: the purchase itself")

    # ------------------------------------------------------------------ slack is no lead time
    def test_goods_that_come_before_the_promise_with_slack_left_make_nobody_late(self):
        self._make_to_order()
        order = self._sell(12)
        purchase = order.stock_reference_ids.purchase_ids
        purchase.order_line.date_planned = self._day(9)
        purchase.button_confirm()
        purchase.picking_ids.move_ids.date = self._day(9)
        purchase.order_line.date_planned = self._day(10)
        self.env.flush_all()
        line, move = purchase.order_line, order.picking_ids.move_ids
        self.assertEqual(line._get_expected_delivery(move), move.date)
        self.assertFalse(order.visibility_exception_ids.filtered("is_open"))
        purchase.order_line.date_planned = self._day(12)
        self.assertFalse(order.visibility_exception_ids.filtered("is_open"), "still on the promised day")

    def test_goods_that_come_after_the_promise_make_it_late_by_that(self):
        self._make_to_order()
        order, purchase = self._sell_to_order(12)
        purchase.order_line.date_planned = self._day(14)
        self.env.flush_all()
        self.assertEqual(purchase.order_line._get_expected_delivery(order.picking_ids.move_ids), self._day(14))
        reason = purchase.visibility_exception_ids.filtered("is_open").consequence_ids.reason
        self.assertIn("can go on", reason)

    def test_our_own_steps_between_receipt_and_delivery_take_their_time(self):
        self._make_to_order()
        order, purchase = self._sell_to_order(12)
        delivery = order.picking_ids.move_ids
        rule = delivery.rule_id.copy({"delay": 2})
        step = delivery.copy({"rule_id": rule.id, "sale_line_id": False, "move_orig_ids": [], "move_dest_ids": []})
        receipt = purchase.order_line.move_ids
        delivery.move_orig_ids = step
        step.move_orig_ids = receipt
        self.assertEqual(purchase.order_line._get_expected_delivery(delivery, self._day(13)), self._day(15))
