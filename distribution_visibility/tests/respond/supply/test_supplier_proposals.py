from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .supply_case import SupplyCase


@tagged("post_install", "-at_install")
class TestSupplierProposals(SupplyCase):
    """What a supplier wants otherwise stands beside the order until a person decides."""

    # ------------------------------------------------------------------ side by side
    def test_a_changed_date_quantity_and_price_stand_beside_what_the_order_says(self):
        order = self._buy(5)
        proposal = self._answer(
            order, {"line": "1", "status": "date_changed", "promised_at": self._iso(9), "quantity": 8, "unit_price": 42}
        )
        line = proposal.line_ids
        self.assertEqual(line.purchase_line_id, order.order_line)
        self.assertEqual((line.order_date, line.order_quantity, line.order_price), (self._day(5), 10, 40))
        self.assertEqual((line.proposed_date, line.new_quantity, line.new_price), (self._day(9), "8.00", "42.00"))
        self.assertTrue(line.is_later and line.is_quantity_changed and line.is_price_changed)
        self.assertEqual(line.difference, "4 days later; 8.00 instead of 10.00; price 42.00 instead of 40.00")
        self.assertEqual((order.order_line.product_qty, order.order_line.date_planned), (10, self._day(5)))

    def test_an_answer_that_accepts_the_order_as_it_is_makes_no_proposal_and_acknowledges_it(self):
        order = self._buy(5)
        self.assertFalse(order.acknowledged)
        proposal = self._answer(
            order, {"line": "1", "status": "accepted", "quantity": 10, "promised_at": self._iso(5)}, status="accepted"
        )
        self.assertFalse(proposal or order.visibility_proposal_ids)
        self.assertTrue(order.acknowledged)
        self.assertFalse(order.visibility_is_at_risk)

    def test_a_supplier_who_says_accepted_and_names_another_date_proposes_it_all_the_same(self):
        order = self._buy(5)
        proposal = self._answer(
            order, {"line": "1", "status": "accepted", "promised_at": self._iso(7)}, status="accepted"
        )
        self.assertEqual(proposal.line_ids.days_later, 2)
        self.assertEqual(order.visibility_exception_ids.category_id.code, "supplier_change_proposed")

    def test_a_date_without_time_keeps_the_orders_time_of_day(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(9, hour=0)})
        self.assertEqual(proposal.line_ids.proposed_date, self._day(9))

    def test_lines_are_found_by_our_code_the_suppliers_code_and_the_barcode(self):
        valve = self.env["product.product"].create(
            {
                "name": "Valve",
                "is_storable": True,
                "seller_ids": [(0, 0, {"partner_id": self.supplier.id, "product_code": "PW/77"})],
            }
        )
        order = self._buy(5)
        order.write({"order_line": [(0, 0, {"product_id": valve.id, "product_qty": 3, "price_unit": 5})]})
        pump_line, valve_line = order.order_line
        proposal = self._answer(
            order,
            {"product": "pw77", "quantity": 2},
            {"product": "4006381333931", "quantity": 9},
        )
        self.assertEqual(
            {line.purchase_line_id: line.proposed_quantity for line in proposal.line_ids}, {valve_line: 2, pump_line: 9}
        )

    def test_a_line_that_nobody_can_tell_is_matched_by_a_person_before_it_is_decided(self):
        order = self._buy(5)
        proposal = self._answer(order, {"product": "UNKNOWN", "quantity": 8})
        self.assertTrue(proposal.has_unmatched)
        line = proposal.line_ids.with_user(self.buyer)
        with self.assertRaisesRegex(UserError, "Say first which line"):
            line.action_accept()
        line.purchase_line_id = order.order_line
        line.action_accept()
        self.assertEqual(order.order_line.product_qty, 8)
        self.assertFalse(proposal.has_unmatched)

    def test_a_rejected_line_proposes_that_nothing_comes(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "status": "rejected", "reason": "Gone"}, status="rejected")
        self.assertEqual(proposal.line_ids.proposed_quantity, 0)
        self.assertEqual(order.visibility_exception_ids.category_id.code, "supplier_reject_or_backorder")

    def _get_coming(self, order):
        """What is still planned to come in, and whether anything is planned to go back."""
        moves = order.order_line.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        back = moves.filtered(lambda move: move.location_dest_id.usage == "supplier")
        return sum((moves - back).mapped("product_uom_qty")), bool(back)

    def test_a_rejection_that_is_accepted_takes_the_goods_off_the_receipt_and_sends_nothing_back(self):
        order = self._buy(5)
        self._answer(order, status="rejected").with_user(self.buyer).action_accept_all()
        self.assertEqual((order.order_line.product_qty, self._get_coming(order)), (0, (0, False)))

    def test_odoo_itself_would_send_back_goods_that_never_came(self):
        """Why we lower the receipt ourselves: the characterization of what core does."""
        order = self._buy(5)
        order.order_line.product_qty = 0
        self.assertEqual(self._get_coming(order), (10, True))
        self._make_to_order()
        _sale, purchase = self._sell_to_order(10)
        purchase.order_line.product_qty = 1
        self.assertEqual(self._get_coming(purchase), (2, True))

    def test_less_of_what_was_made_to_order_leaves_the_customers_delivery_wanted(self):
        self._make_to_order()
        sale, purchase = self._sell_to_order(10)
        proposal = self._answer(purchase, {"line": "1", "quantity": 1}).with_user(self.buyer)
        proposal.action_accept_all()
        self.assertEqual(self._get_coming(purchase), (1, False))
        proposal.line_ids.action_revert()
        self.assertEqual(self._get_coming(purchase), (2, False))
        proposal = self._answer(purchase, status="rejected").with_user(self.buyer)
        proposal.action_accept_all()
        self.assertEqual(self._get_coming(purchase), (0, False))
        self.assertNotIn(sale.picking_ids.state, ("cancel", "done"))
        proposal.line_ids.action_revert()
        self.assertEqual(self._get_coming(purchase), (2, False))
        self.assertEqual(purchase.order_line._get_waiting_deliveries()[purchase.order_line], sale.picking_ids.move_ids)

    def test_an_order_rejected_as_a_whole_is_rejected_line_by_line(self):
        order = self._buy(5)
        proposal = self._answer(order, status="rejected", note="Out of production")
        self.assertEqual(proposal.line_ids.mapped("answer_status"), ["rejected"])
        self.assertEqual(proposal.line_ids.proposed_quantity, 0)

    # ------------------------------------------------------------------ answer after answer
    def test_a_newer_answer_takes_the_place_of_the_open_proposal(self):
        order = self._buy(5)
        first = self._answer(order, {"line": "1", "promised_at": self._iso(9)}, responded_at=self._iso(-2))
        second = self._answer(order, {"line": "1", "promised_at": self._iso(7)}, responded_at=self._iso(-1))
        self.assertEqual((first.state, first.line_ids.status), ("superseded", "superseded"))
        self.assertEqual(second.line_ids.days_later, 2)
        exception = order.visibility_exception_ids
        self.assertEqual((len(exception), exception.seen_count), (1, 2))

    def test_an_older_answer_that_arrives_late_changes_nothing(self):
        order = self._buy(5)
        first = self._answer(order, {"line": "1", "promised_at": self._iso(9)}, responded_at=self._iso(-1))
        still = self._answer(order, {"line": "1", "promised_at": self._iso(7)}, responded_at=self._iso(-2))
        self.assertEqual(still, first)

    def test_the_same_answer_delivered_twice_is_one_proposal(self):
        order = self._buy(5)
        first = self._answer(order, {"line": "1", "promised_at": self._iso(9)}, event_id="a1")
        again = self._answer(order, {"line": "1", "promised_at": self._iso(9)}, event_id="a1")
        self.assertEqual(again, first)
        self.assertEqual(order.visibility_exception_ids.seen_count, 1)

    def test_a_supplier_who_accepts_after_all_leaves_nothing_to_decide(self):
        order = self._buy(5)
        first = self._answer(order, {"line": "1", "promised_at": self._iso(9)}, responded_at=self._iso(-2))
        self._answer(order, {"line": "1", "status": "accepted"}, status="accepted", responded_at=self._iso(-1))
        self.assertEqual(first.state, "superseded")
        self.assertEqual(order.visibility_exception_ids.state, "resolved")

    def test_an_answer_that_is_taken_back_gives_way_to_the_one_before(self):
        order = self._buy(5)
        first = self._answer(order, {"line": "1", "promised_at": self._iso(9)}, responded_at=self._iso(-2))
        second = self._answer(
            order, {"line": "1", "status": "rejected"}, status="rejected", event_id="r2", responded_at=self._iso(-1)
        )
        self._tell(self.canonical, self._canonical("shipment.retraction", {"event_id": "r2"}))
        self.assertEqual((first.state, second.state), ("open", "superseded"))
        self.assertEqual(
            order.visibility_exception_ids.filtered("is_open").category_id.code, "supplier_change_proposed"
        )

    def test_of_goods_that_are_in_no_date_is_to_be_decided(self):
        for quantity in (10, 6):
            with self.subTest(received=quantity):
                order = self._buy(5)
                proposal = self._answer(order, {"line": "1", "status": "date_changed", "promised_at": self._iso(9)})
                exception = order.visibility_exception_ids
                order.picking_ids.move_ids.write({"quantity": quantity, "picked": True})
                closed = {"skip_backorder": True, "picking_ids_not_to_backorder": order.picking_ids.ids}
                order.picking_ids.with_context(**closed).button_validate()
                self.env.cr.flush()
                self.assertEqual((proposal.state, exception.state), ("superseded", "resolved"))
                self.assertFalse(order.visibility_is_at_risk)

    def test_the_price_of_goods_that_are_in_is_still_to_be_decided(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "unit_price": 42})
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        self.env.cr.flush()
        self.assertTrue(proposal.is_open)

    def test_of_a_cancelled_order_nothing_is_to_be_decided(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(9)})
        order.button_cancel()
        self.assertEqual(proposal.state, "superseded")
        self.assertFalse(order.visibility_exception_ids.filtered("is_open"))

    # ------------------------------------------------------------------ decisions
    def test_a_buyer_accepts_and_the_order_keeps_its_first_promise_and_the_reason(self):
        order = self._buy(5)
        proposal = self._answer(
            order, {"line": "1", "promised_at": self._iso(9), "quantity": 8, "unit_price": 42}
        ).with_user(self.buyer)
        proposal.action_accept_all()
        line = order.order_line
        self.assertEqual((line.date_planned, line.product_qty, line.price_unit), (self._day(9), 8, 42))
        self.assertEqual(line.visibility_first_promise_at, self._day(5))
        promise = line.visibility_promise_ids.sorted("id")[-1]
        self.assertEqual((promise.user_id, promise.reason), (self.buyer, "Accepted the supplier's proposal"))
        self.assertEqual(proposal.state, "accepted")
        change = proposal.change_ids
        self.assertEqual((change.before["product_qty"], change.after["product_qty"]), (10, 8))
        self.assertEqual((change.user_id, change.kind), (self.buyer, "accepted"))
        exceptions = order.visibility_exception_ids.filtered(lambda one: one.category_id.code != "late_risk")
        self.assertEqual((exceptions.state, exceptions.resolution), ("resolved", "Accepted by visibility-buyer"))
        self.assertEqual(sum(line.move_ids.filtered(lambda m: m.state != "cancel").mapped("product_uom_qty")), 8)

    def test_after_accepting_the_form_still_shows_what_was_before(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(9)})
        proposal.action_accept_all()
        proposal.invalidate_recordset()
        self.assertEqual((proposal.line_ids.order_date, proposal.line_ids.is_later), (self._day(5), True))

    def test_a_buyer_refuses_with_a_reason_and_the_order_stays(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(9)}).with_user(self.buyer)
        action = proposal.action_refuse_all()
        wizard = self.env["visibility.proposal.refuse.wizard"].with_user(self.buyer).with_context(**action["context"])
        wizard.create({"reason": "We need it then"}).action_confirm()
        self.assertEqual((proposal.state, proposal.line_ids.refusal), ("refused", "We need it then"))
        self.assertEqual(order.order_line.date_planned, self._day(5))
        self.assertEqual(order.visibility_exception_ids.resolution, "Refused by visibility-buyer")

    def test_one_line_may_be_accepted_and_another_refused(self):
        order = self._buy(5)
        order.write({"order_line": [(0, 0, {"product_id": self.pump.id, "product_qty": 3, "price_unit": 40})]})
        proposal = self._answer(order, {"line": "1", "quantity": 8}, {"line": "2", "quantity": 1})
        first, second = proposal.line_ids.sorted("answer_line")
        first.action_accept()
        self.assertTrue(proposal.is_open)
        self.assertTrue(order.visibility_exception_ids.is_open)
        second._refuse("Too few")
        self.assertEqual(proposal.state, "partly")
        self.assertFalse(order.visibility_exception_ids.is_open)
        self.assertEqual(order.order_line.mapped("product_qty"), [8, 3])

    def test_all_or_nothing_when_one_line_cannot_be_accepted(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "quantity": 8}, {"product": "WHAT", "quantity": 1})
        with self.assertRaises(UserError):
            proposal.action_accept_all()
        self.assertEqual(order.order_line.product_qty, 10)

    def test_nothing_is_decided_twice(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "quantity": 8})
        proposal.action_accept_all()
        with self.assertRaisesRegex(UserError, "decided already"):
            proposal.line_ids.action_accept()

    def test_a_substitute_is_ordered_as_a_line_of_its_own(self):
        better = self.env["product.product"].create({"name": "Better pump", "is_storable": True, "default_code": "P2"})
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "status": "substituted", "substitute": "P2", "unit_price": 45})
        self.assertEqual(proposal.line_ids.substitute_product_id, better)
        proposal.action_accept_all()
        old, new = order.order_line
        self.assertEqual((old.product_qty, new.product_id, new.product_qty, new.price_unit), (0, better, 10, 45))
        proposal.line_ids.action_revert()
        self.assertEqual((old.product_qty, new.product_qty), (10, 0))

    def test_a_line_on_two_dates_that_do_not_add_up_is_split_by_hand(self):
        order = self._buy(5)
        proposal = self._answer(
            order,
            {"line": "1", "quantity": 6, "promised_at": self._iso(5)},
            {"line": "1", "quantity": 5, "promised_at": self._iso(12)},
        )
        with self.assertRaisesRegex(UserError, "several dates"):
            proposal.action_accept_all()
        proposal.line_ids.action_accept_by_hand()
        self.assertEqual((proposal.state, order.order_line.product_qty), ("accepted", 10))

    # ------------------------------------------------------------------ what is in the way
    def test_locked_received_and_billed_orders_say_why_nothing_is_changed(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "quantity": 8, "unit_price": 42})
        order.locked = True
        with self.assertRaisesRegex(UserError, "locked"):
            proposal.action_accept_all()
        order.locked = False
        receipt = order.picking_ids
        receipt.move_ids.quantity = 9
        receipt.with_context(skip_backorder=True).button_validate()
        with self.assertRaisesRegex(UserError, "9 of .*Pump have been received already"):
            proposal.action_accept_all()
        receipt.backorder_ids.move_ids.quantity = 1
        receipt.backorder_ids.button_validate()
        with self.assertRaisesRegex(UserError, "received in full"):
            proposal.action_accept_all()

    def test_a_price_that_was_billed_stays(self):
        order = self._buy(5)
        order.order_line.product_id.purchase_method = "purchase"
        proposal = self._answer(order, {"line": "1", "unit_price": 42})
        order.action_create_invoice()
        with self.assertRaisesRegex(UserError, "billed at the old price"):
            proposal.action_accept_all()

    # ------------------------------------------------------------------ the way back
    def test_one_click_takes_a_decision_back(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(9), "quantity": 8}).with_user(self.buyer)
        proposal.action_accept_all()
        proposal.line_ids.action_revert()
        line = order.order_line
        self.assertEqual((line.date_planned, line.product_qty), (self._day(5), 10))
        self.assertEqual(proposal.change_ids.mapped("kind"), ["reverted", "accepted"])
        self.assertTrue(proposal.is_open)
        self.assertTrue(order.visibility_exception_ids.filtered(lambda e: e.category_id.code != "late_risk").is_open)
        with self.assertRaisesRegex(UserError, "nothing any more"):
            proposal.line_ids.action_revert()

    def test_nobody_takes_back_what_somebody_else_has_changed_since(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(9)})
        proposal.action_accept_all()
        order.order_line.with_user(self.buyer).date_planned = self._day(11)
        with self.assertRaisesRegex(UserError, "visibility-buyer changed it"):
            proposal.line_ids.action_revert()
        self.assertEqual(order.order_line.date_planned, self._day(11))

    def test_what_was_decided_cannot_be_rewritten(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "quantity": 8})
        proposal.action_accept_all()
        with self.assertRaises(UserError):
            proposal.change_ids.sudo().reason = "Something else"
        with self.assertRaises(UserError):
            proposal.change_ids.sudo().unlink()

    def test_the_exception_leads_to_what_is_to_be_decided(self):
        order = self._buy(5)
        proposal = self._answer(order, {"line": "1", "quantity": 8})
        exception = order.visibility_exception_ids
        self.assertEqual(exception.with_user(self.buyer).action_open_proposals()["res_id"], proposal.id)
        proposal.action_accept_all()
        exception.invalidate_recordset()
        self.assertFalse(exception.proposal_ids)

    # ------------------------------------------------------------------ rights
    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_only_who_may_change_the_order_decides(self):
        proposal = self._answer(self._buy(5), {"line": "1", "quantity": 8})
        self.assertEqual(proposal.with_user(self.owner).line_ids.difference, "8.00 instead of 10.00")
        for user in (self.owner, self._create_user("visibility-nobody")):
            with self.assertRaises(AccessError):
                proposal.with_user(user).line_ids.action_accept()
        with self.assertRaises(UserError):
            proposal.line_ids.with_user(self.buyer).proposed_quantity = 1
        with self.assertRaises(AccessError):
            proposal.with_user(self.buyer).is_unproven = False

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_another_company_sees_and_decides_nothing(self):
        proposal = self._answer(self._buy(5), {"line": "1", "quantity": 8})
        other = self.env["res.company"].create({"name": "Another company"})
        stranger = self._create_user("visibility-stranger", "purchase.group_purchase_manager")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.env["visibility.proposal"].with_user(stranger).search([("id", "=", proposal.id)]))
        with self.assertRaises(AccessError):
            proposal.with_user(stranger).read(["summary"])
