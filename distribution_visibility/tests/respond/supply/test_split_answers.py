from odoo.exceptions import UserError
from odoo.tests import tagged

from .supply_case import SupplyCase


@tagged("post_install", "-at_install")
class TestSplitAnswers(SupplyCase):
    """A supplier sends some now and the rest later: no part of the answer is lost."""

    def _part(self, quantity, days=None, status="accepted", **more):
        promised = {"promised_at": self._iso(days)} if days is not None else {}
        return {"line": "1", "status": status, "quantity": quantity, **promised, **more}

    def _answer_in_parts(self, order, *parts):
        return self._answer(order, *parts).with_user(self.buyer)

    def _read(self, order):
        """What is ordered: quantity, day, price and discount of each line, by day."""
        self.env.flush_all()
        lines = order.order_line.filtered("product_qty").sorted(lambda line: (line.date_planned, -line.product_qty))
        return [(line.product_qty, line.date_planned, line.price_unit, line.discount) for line in lines]

    def _get_coming(self, order):
        """What is on the way by each line, and nothing that is planned to go back."""
        moves = order.order_line.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        self.assertFalse(moves.filtered(lambda move: move.location_dest_id.usage == "supplier"))
        return sorted(moves.mapped(lambda move: (move.product_uom_qty, move.purchase_line_id.product_qty)))

    # ------------------------------------------------------------------ the pairs
    def test_sixty_on_the_day_and_forty_backordered_are_two_lines_and_the_order_stays_a_hundred(self):
        order = self._buy(10, 100)
        order.order_line.discount = 5
        proposal = self._answer_in_parts(order, self._part(60, 10), self._part(40, 30, "backordered"))
        self.assertEqual(
            proposal.line_ids.mapped("difference"), ["60.00 of 100.00", "Backordered; 20 days later; 40.00 of 100.00"]
        )
        proposal.action_accept_all()
        self.assertEqual(self._read(order), [(60, self._day(10), 40, 5), (40, self._day(30), 40, 5)])
        self.assertEqual(self._get_coming(order), [(40, 40), (60, 60)])
        self.assertEqual(proposal.state, "accepted")

    def test_on_hold_beside_accepted_is_kept_too(self):
        order = self._buy(10, 100)
        self._answer_in_parts(order, self._part(60, 12), self._part(40, 30, "on_hold")).action_accept_all()
        self.assertEqual([row[:2] for row in self._read(order)], [(60, self._day(12)), (40, self._day(30))])

    def test_a_rest_without_a_day_stays_ordered(self):
        order = self._buy(10, 100)
        self._answer_in_parts(order, self._part(60, 12), self._part(40, None, "backordered")).action_accept_all()
        self.assertEqual([row[:2] for row in self._read(order)], [(40, self._day(10)), (60, self._day(12))])

    def test_a_rest_without_a_quantity_is_what_is_left(self):
        order = self._buy(10, 100)
        rest = {"line": "1", "status": "backordered", "promised_at": self._iso(30)}
        self._answer_in_parts(order, self._part(60, 10), rest).action_accept_all()
        self.assertEqual([row[:2] for row in self._read(order)], [(60, self._day(10)), (40, self._day(30))])

    def test_partly_shipped_balance_backordered_is_no_cancellation_of_the_balance(self):
        """X12 855 BP in one segment."""
        order = self._buy(10, 100)
        self._answer_in_parts(order, self._part(60, 8, "partly_shipped")).action_accept_all()
        self.assertEqual([row[:2] for row in self._read(order)], [(60, self._day(8)), (40, self._day(10))])

    def test_forty_backordered_alone_leave_the_other_sixty_as_ordered(self):
        order = self._buy(10, 100)
        self._answer_in_parts(order, self._part(40, 30, "backordered")).action_accept_all()
        self.assertEqual([row[:2] for row in self._read(order)], [(60, self._day(10)), (40, self._day(30))])

    def test_three_parts_of_which_one_is_rejected(self):
        order = self._buy(10, 100)
        proposal = self._answer_in_parts(
            order, self._part(50, 10), self._part(30, 30, "backordered"), self._part(20, None, "rejected")
        )
        proposal.action_accept_all()
        self.assertEqual([row[:2] for row in self._read(order)], [(50, self._day(10)), (30, self._day(30))])
        self.assertEqual(self._get_coming(order), [(30, 30), (50, 50)])

    def test_each_part_may_have_its_own_price(self):
        order = self._buy(10, 100)
        self._answer_in_parts(
            order, self._part(60, 10), self._part(40, 30, "backordered", unit_price=44)
        ).action_accept_all()
        self.assertEqual([row[2] for row in self._read(order)], [40, 44])

    # ------------------------------------------------------------------ deciding
    def test_the_parts_of_one_line_are_decided_together(self):
        order = self._buy(10, 100)
        proposal = self._answer_in_parts(order, self._part(60, 10), self._part(40, 30, "backordered"))
        proposal.line_ids[0].action_accept()
        self.assertEqual(proposal.state, "accepted")
        self.assertEqual(len(proposal.change_ids), 2)

    def test_taken_back_it_is_one_line_again_as_it_was(self):
        order = self._buy(10, 100)
        line, before = order.order_line, self._read(order)
        proposal = self._answer_in_parts(order, self._part(60, 8), self._part(40, 30, "backordered"))
        proposal.action_accept_all()
        proposal.line_ids[0].action_revert()
        self.assertEqual((order.order_line, self._read(order)), (line, before))
        self.assertEqual(self._get_coming(order), [(100, 100)])
        self.assertEqual((proposal.state, len(order.picking_ids)), ("open", 1))
        proposal.action_accept_all()
        self.assertEqual([row[0] for row in self._read(order)], [60, 40])

    def test_a_part_that_was_received_is_not_taken_back(self):
        order = self._buy(10, 100)
        proposal = self._answer_in_parts(order, self._part(60, 10), self._part(40, 30, "backordered"))
        proposal.action_accept_all()
        order.picking_ids.button_validate()
        with self.assertRaisesRegex(UserError, "received already"):
            proposal.line_ids[0].action_revert()

    def test_the_rest_is_late_against_the_day_that_was_promised_first(self):
        order = self._buy(10, 100)
        self._answer_in_parts(order, self._part(60, 10), self._part(40, 30, "backordered")).action_accept_all()
        rest = order.order_line.filtered(lambda line: line.product_qty == 40)
        self.assertEqual(rest.visibility_first_promise_at, self._day(10))
        [promise] = rest.visibility_promise_ids
        self.assertEqual((promise.promised_at, promise.days_moved, promise.is_first), (self._day(30), 20, False))
        self.assertEqual(promise.reason, "Accepted the supplier's proposal")

    def test_what_the_supplier_says_again_is_no_news(self):
        order = self._buy(10, 100)
        parts = self._part(60, 10), self._part(40, 30, "backordered")
        self._answer_in_parts(order, *parts).action_accept_all()
        self.assertFalse(self._answer(order, *parts))
        later = self._answer(order, self._part(60, 10), self._part(40, 35, "backordered"))
        self.assertEqual((later.line_ids.purchase_line_id.product_qty, later.line_ids.days_later), (40, 5))

    def test_numbers_of_other_lines_are_counted_as_before(self):
        order = self._buy(10, 100)
        order.write({"order_line": [(0, 0, {"product_id": self.pump.id, "product_qty": 3, "price_unit": 5})]})
        second = order.order_line[1]
        order.order_line[0].sequence, second.sequence = 1, 2
        self._answer_in_parts(order, self._part(60, 10), self._part(40, 30, "backordered")).action_accept_all()
        proposal = self._answer(order, {"line": "2", "quantity": 2})
        self.assertEqual(proposal.line_ids.purchase_line_id, second)

    # ------------------------------------------------------------------ receipts and customers
    def test_part_of_it_received_already(self):
        order = self._buy(10, 100)
        order.picking_ids.move_ids.quantity = 30
        order.picking_ids.with_context(skip_backorder=True).button_validate()
        proposal = self._answer_in_parts(order, self._part(60, 10), self._part(40, 30, "backordered"))
        proposal.action_accept_all()
        self.assertEqual(self._get_coming(order), [(30, 60), (40, 40)])
        proposal.line_ids.action_revert()
        self.assertEqual(self._get_coming(order), [(70, 100)])

    def test_more_received_than_the_first_part_is_said_and_nothing_is_changed(self):
        order = self._buy(10, 100)
        order.picking_ids.move_ids.quantity = 70
        order.picking_ids.with_context(skip_backorder=True).button_validate()
        proposal = self._answer_in_parts(order, self._part(60, 10), self._part(40, 30, "backordered"))
        with self.assertRaisesRegex(UserError, "have been received already"):
            proposal.action_accept_all()
        self.assertEqual(len(order.order_line), 1)

    def test_three_steps_and_dozens(self):
        self.warehouse.reception_steps = "three_steps"
        order = self._buy(10, 10)
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        order.button_cancel()
        order.button_draft()
        order.order_line.date_planned = self._day(10)
        order.order_line.price_unit = 40
        order.button_confirm()
        before = self._get_coming(order)
        proposal = self._answer_in_parts(order, self._part(6, 10), self._part(4, 30, "backordered"))
        proposal.action_accept_all()
        self.assertEqual([row[:2] for row in self._read(order)], [(6, self._day(10)), (4, self._day(30))])
        moves = order.order_line.move_ids.filtered(lambda move: move.state != "cancel")
        self.assertEqual(sorted(moves.mapped("product_qty")), [48, 72])
        proposal.line_ids.action_revert()
        self.assertEqual(self._get_coming(order), before)

    def test_made_to_order_the_customers_delivery_waits_for_both_parts(self):
        self._make_to_order()
        sale, purchase = self._sell_to_order(10, quantity=100)
        line = purchase.order_line
        self._answer_in_parts(purchase, self._part(60, 9), self._part(40, 29, "backordered")).action_accept_all()
        rest = purchase.order_line - line
        self.assertEqual(self._get_coming(purchase), [(40, 40), (60, 60)])
        delivery = sale.picking_ids.move_ids
        for one in (line, rest):
            self.assertEqual(one._get_waiting_deliveries()[one], delivery)
        self.assertEqual(delivery.move_orig_ids, purchase.order_line.move_ids)
        self.assertEqual((delivery.product_uom_qty, delivery.state), (100, "waiting"))
        purchase.visibility_proposal_ids.line_ids[0].with_user(self.buyer).action_revert()
        self.assertEqual((purchase.order_line, self._get_coming(purchase)), (line, [(100, 100)]))
        self.assertEqual((delivery.move_orig_ids, delivery.state), (line.move_ids, "waiting"))

    def test_a_customer_who_is_served_by_the_first_part_keeps_the_promise(self):
        first, second = self._sell(12, quantity=60), self._sell(12, quantity=40)
        order = self._buy(10, 100)
        proposal = self._answer(order, self._part(60, 10), self._part(40, 30, "backordered"))
        self.assertEqual(proposal.effect_ids.filtered("misses").sale_order_id, second)
        self.assertNotIn(first, proposal.effect_ids.sale_order_id)

    def test_no_policy_splits_an_order_by_itself(self):
        policy = self.env["visibility.proposal.policy"].create(
            {"name": "All", "is_test": False, "max_days_later": 99, "min_quantity_percent": 1, "user_id": self.buyer.id}
        )
        order = self._buy(10, 100)
        proposal = self._answer(order, self._part(60, 10), self._part(40, 30))
        self.assertTrue(proposal.is_open)
        self.assertIn("several dates", proposal.policy_note)
        self.assertFalse(policy.change_count)
