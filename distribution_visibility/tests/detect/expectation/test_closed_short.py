from odoo import Command
from odoo.tests import Form

from .expectation_case import ExpectationCase


class TestClosedShort(ExpectationCase):
    """What is awaited goes by what is open, not by quantities; what is over is neither late nor at risk."""

    def _receive_without_backorder(self, order, quantity):
        receipt = order.picking_ids.filtered(lambda one: one.state not in ("done", "cancel"))
        receipt.move_ids.quantity = quantity
        receipt.move_ids.picked = True
        action = receipt.button_validate()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        wizard.process_cancel_backorder()
        self._follow()

    def _cancel_backorder(self, order):
        order.picking_ids.filtered(lambda one: one.state not in ("done", "cancel")).action_cancel()
        self._follow()

    def assertNotAwaited(self, order, name="line_received", category="receipt_overdue"):
        self.assertEqual(set(self._get(name, order).mapped("state")), {"met"})
        self._scan("2026-03-20 10:00:00")
        self.assertFalse(self._get_told(category, order))

    # ------------------------------------------------------------------ purchases
    def test_a_receipt_without_backorder_is_not_overdue(self):
        order = self._buy("2026-02-10 11:00:00")
        self._receive_without_backorder(order, 6)
        self.assertEqual(self._get("line_received", order).met_by, "6 of 10 received, and nothing more is to come")
        self.assertNotAwaited(order)

    def test_a_backorder_that_is_cancelled_ends_the_overdue_receipt(self):
        order = self._buy("2026-02-10 11:00:00")
        self._receive_goods(order, 6)
        self._scan("2026-02-12 10:00:00")
        exception = self._get_exceptions("receipt_overdue", order)
        self.assertEqual(exception.state, "new")
        self._cancel_backorder(order)
        self.assertEqual(exception.state, "resolved")
        self.assertFalse(order.visibility_is_at_risk)
        self.assertNotAwaited(order)

    def test_a_line_of_which_nothing_comes_any_more_ends_with_the_rest_of_its_order(self):
        order = self._buy("2026-02-10 11:00:00")
        valve = self.env["product.product"].create({"name": "Valve", "type": "consu", "is_storable": True})
        order.write(
            {
                "order_line": [
                    Command.create({"product_id": valve.id, "product_qty": 3, "date_planned": "2026-02-10 11:00:00"})
                ]
            }
        )
        receipt = order.picking_ids
        receipt.move_ids.filtered(lambda move: move.product_id == valve).quantity = 0
        receipt.move_ids.filtered(lambda move: move.product_id == self.pump).picked = True
        action = receipt.button_validate()
        self.env[action["res_model"]].with_context(**action["context"]).create({}).process_cancel_backorder()
        self._follow()
        self.assertNotAwaited(order)

    def test_an_order_whose_receipt_was_cancelled_before_anything_came_is_still_awaited(self):
        order = self._buy("2026-02-10 11:00:00")
        self._cancel_backorder(order)
        self._scan("2026-02-12 10:00:00")
        self.assertTrue(self._get_exceptions("receipt_overdue", order).is_open, "nobody cancelled the order")

    def test_more_than_was_ordered_is_all_of_it(self):
        order = self._buy("2026-02-10 11:00:00")
        self._receive_goods(order, 12)
        self.assertNotAwaited(order)

    def test_sections_and_notes_are_awaited_by_nobody(self):
        order = self._buy("2026-02-10 11:00:00")
        for kind in ("line_section", "line_note"):
            text = {"display_type": kind, "name": "With oil", "product_qty": 0}
            order.write({"order_line": [Command.create(text)]})
        self._follow()
        texts = order.order_line.filtered("display_type")
        self.assertEqual([line._is_awaited() for line in texts], [False, False])
        self.assertFalse(any(texts.mapped("visibility_promise_at")))
        self.assertFalse(self._get("line_received", order).purchase_line_id & texts)

    # ------------------------------------------------------------------ sales
    def test_a_delivery_without_backorder_is_shipped(self):
        order = self._sell(self._utc("2026-02-16 12:00:00"))
        delivery = order.picking_ids
        delivery.move_ids.write({"quantity": 1, "picked": True})
        action = delivery.button_validate()
        self.env[action["res_model"]].with_context(**action["context"]).create({}).process_cancel_backorder()
        self.assertNotAwaited(order, "order_shipped", "late_risk")

    def test_half_of_a_delivery_is_not_shipped_until_the_backorder_goes_or_is_cancelled(self):
        order = self._sell(self._utc("2026-02-16 12:00:00"))
        delivery = order.picking_ids
        delivery.move_ids.write({"quantity": 1, "picked": True})
        action = delivery.button_validate()
        self.env[action["res_model"]].with_context(**action["context"]).create({}).process()
        self.assertEqual(self._get("order_shipped", order).state, "open")
        self._scan("2026-02-16 10:00:00")
        self.assertTrue(self._get_told("late_risk", order))
        self._cancel_backorder(order)
        self.assertNotAwaited(order, "order_shipped", "late_risk")

    # ------------------------------------------------------------------ dates that suppliers moved
    def _get_late(self, order):
        return self._get_told("late_risk", order)

    def test_a_moved_date_is_no_risk_any_more_once_the_goods_are_in(self):
        order = self._buy("2026-02-09 11:00:00")
        order.order_line.date_planned = "2026-02-10 11:00:00"
        self.assertTrue(self._get_late(order))
        self._travel("2026-02-10 09:00:00")
        self._receive_goods(order)
        self.assertFalse(self._get_late(order))
        self.assertFalse(order.visibility_is_at_risk or order.picking_ids.visibility_is_at_risk)

    def test_a_moved_date_is_no_risk_any_more_when_the_order_is_closed_short(self):
        order = self._buy("2026-02-09 11:00:00")
        order.order_line.date_planned = "2026-02-10 11:00:00"
        self._receive_without_backorder(order, 4)
        self.assertFalse(self._get_late(order))

    def test_a_moved_date_is_at_risk_while_half_of_the_goods_are_missing(self):
        order = self._buy("2026-02-09 11:00:00")
        order.order_line.date_planned = "2026-02-10 11:00:00"
        self._receive_goods(order, 4)
        self.assertTrue(self._get_late(order))

    def test_the_reason_names_what_is_still_to_come(self):
        order = self._buy("2026-02-09 11:00:00")
        valve = self.env["product.product"].create({"name": "Valve", "type": "consu", "is_storable": True})
        order.write(
            {
                "order_line": [
                    Command.create({"product_id": valve.id, "product_qty": 3, "date_planned": "2026-02-09 11:00:00"})
                ]
            }
        )
        pumps, valves = order.order_line
        pumps.date_planned, valves.date_planned = "2026-02-19 11:00:00", "2026-02-11 11:00:00"
        exception = self._get_late(order)
        self.assertIn("Pump:", exception.reason)
        receipt = order.picking_ids
        receipt.move_ids.filtered(lambda move: move.product_id == valve).quantity = 0
        receipt.move_ids.filtered(lambda move: move.product_id == self.pump).picked = True
        action = receipt.button_validate()
        self.env[action["res_model"]].with_context(**action["context"]).create({}).process()
        self._follow()
        self.assertTrue(exception.is_open)
        self.assertIn("Valve:", exception.reason)

    def test_the_date_in_the_header_is_no_promise_of_what_is_on_the_shelf(self):
        order = self._buy("2026-02-09 11:00:00")
        self._receive_goods(order)
        with Form(order) as form:
            form.date_planned = "2026-02-25 11:00:00"
        self._follow()
        self.assertEqual(str(order.order_line.date_planned), "2026-02-25 11:00:00", "Odoo rewrites the line")
        self.assertEqual(str(order.order_line.visibility_promise_at), "2026-02-09 11:00:00")
        self.assertFalse(self._get_late(order) or order.visibility_is_at_risk)

    def test_the_date_in_the_header_moves_what_is_still_to_come(self):
        order = self._buy("2026-02-09 11:00:00")
        self._receive_goods(order, 4)
        with Form(order) as form:
            form.date_planned = "2026-02-25 11:00:00"
        self.assertEqual(str(order.order_line.visibility_promise_at), "2026-02-25 11:00:00")
        self.assertTrue(self._get_late(order))

    # ------------------------------------------------------------------ what waits for it
    def test_an_order_that_waited_for_late_goods_is_not_at_risk_once_it_has_left(self):
        order, purchase = self._sell_to_order()
        purchase.order_line.date_planned = "2026-02-25 11:00:00"
        exception = self._get_late(order)
        self.assertIn(purchase.name, exception.reason)
        self._travel("2026-02-10 09:00:00")
        self._receive_goods(purchase)
        self._ship(order)
        self.assertFalse(self._get_late(order) or self._get_late(purchase))
        self.assertFalse(order.visibility_is_at_risk or purchase.visibility_is_at_risk)

    def test_a_customer_who_agrees_to_a_later_day_waits_for_nothing_late(self):
        order, purchase = self._sell_to_order()
        purchase.order_line.date_planned = "2026-02-25 11:00:00"
        self.assertTrue(self._get_late(order))
        order.commitment_date = "2026-03-05 11:00:00"
        self._follow()
        self.assertFalse(self._get_late(order))
        self.assertTrue(self._get_late(purchase))

    def _sell_to_order(self):
        self.warehouse.mto_pull_id.route_id.active = True
        self.pump.write(
            {
                "route_ids": [
                    Command.link(self.env.ref("purchase_stock.route_warehouse0_buy").id),
                    Command.link(self.warehouse.mto_pull_id.route_id.id),
                ],
                "seller_ids": [Command.create({"partner_id": self.supplier.id, "price": 40, "delay": 3})],
            }
        )
        order = self._sell("2026-02-16 11:00:00")
        purchase = order.stock_reference_ids.purchase_ids
        purchase.order_line.date_planned = "2026-02-12 11:00:00"
        purchase.button_confirm()
        self._follow()
        return order, purchase
