from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..supply.supply_case import SupplyCase


@tagged("post_install", "-at_install")
class TestAllocation(SupplyCase):
    """Goods that cannot serve all who wait: who gets them, by whose decision, and back again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.env["res.partner"].create({"name": "Corner Shop", "visibility_tier": "standard"})
        cls.chief = cls._create_user("visibility-chief", "stock.group_stock_manager")

    def _contest(self):
        """The shop ordered first, the hospital is promised sooner and matters more; 6 of 10 come."""
        shop = self._sell(9, quantity=5, customer=self.shop)
        hospital = self._sell(2, quantity=5)
        shop.picking_ids.move_ids.write({"date": self._day(-1)})
        purchase = self._buy(0, quantity=6)
        receipt = purchase.picking_ids
        receipt.move_ids.quantity = 6
        receipt.button_validate()
        allocation = self.env["visibility.allocation"].search([("product_id", "=", self.pump.id)])
        return allocation, shop.picking_ids.move_ids, hospital.picking_ids.move_ids, receipt

    def test_goods_that_cannot_serve_all_are_proposed_in_the_order_of_who_needs_them_most(self):
        allocation, shop, hospital, receipt = self._contest()
        self.assertEqual((shop.quantity, hospital.quantity), (5, 1), "Odoo gives by its own dates")
        self.assertEqual((allocation.state, allocation.available, allocation.wanted), ("proposed", 6, 10))
        self.assertEqual(allocation.picking_id, receipt)
        first, second = allocation.line_ids
        self.assertEqual((first.move_id, first.reserved, first.proposed), (hospital, 1, 5))
        self.assertEqual((second.move_id, second.reserved, second.proposed), (shop, 5, 1))
        self.assertGreater(first.score, second.score)
        self.assertIn("promise", first.score_text)
        self.assertEqual((first.effect_before, first.effect_after), ("Missed, without a date", "Kept"))
        self.assertEqual(second.effect_after, "Missed, without a date")

    def test_what_comes_later_tells_by_how_much_a_promise_is_missed(self):
        self._buy(12, quantity=4)
        allocation, _shop, _hospital, _receipt = self._contest()
        hospital, shop = allocation.line_ids
        self.assertEqual((hospital.effect_before, hospital.effect_after), ("Missed by 10 days", "Kept"))
        self.assertEqual((shop.effect_before, shop.effect_after), ("Kept", "Missed by 3 days"))
        self.assertEqual(allocation.summary, "1 of 2 promises kept, 1 as it is reserved now")

    def test_one_click_reserves_as_proposed_and_says_who_did_it(self):
        allocation, shop, hospital, _receipt = self._contest()
        allocation.with_user(self.chief).action_apply()
        self.assertEqual((hospital.quantity, hospital.state), (5, "assigned"))
        self.assertEqual((shop.quantity, shop.state), (1, "partially_available"))
        self.assertEqual((allocation.state, allocation.applied_by_id), ("applied", self.chief))
        run = self.env["visibility.action.run"].search([("res_model", "=", "visibility.allocation")])
        self.assertEqual((run.user_id, run.res_id, run.origin), (self.chief, allocation.id, "button"))
        self.assertIn(f"{hospital.picking_id.name}: 1 → 5", run.detail)

    def test_nobody_has_to_decide_any_more_when_one_of_those_who_wait_is_cancelled(self):
        allocation, shop, _hospital, _receipt = self._contest()
        shop.sale_line_id.order_id._action_cancel()
        self.env.cr.flush()
        self.assertEqual(allocation.state, "proposed", "one pump lies reserved, four are free")
        self.assertEqual(len(allocation.line_ids), 1)

    def test_nobody_has_to_decide_any_more_when_those_who_wait_are_gone(self):
        allocation, shop, hospital, _receipt = self._contest()
        (shop | hospital).sale_line_id.order_id._action_cancel()
        self.env.cr.flush()
        self.assertEqual(allocation.state, "dropped")

    def test_one_click_takes_it_back(self):
        allocation, shop, hospital, _receipt = self._contest()
        allocation.action_apply()
        allocation.with_user(self.chief).action_revert()
        self.assertEqual((shop.quantity, hospital.quantity), (5, 1))
        self.assertEqual((shop.state, hospital.state), ("assigned", "partially_available"))
        self.assertEqual(allocation.state, "reverted")

    def test_it_is_not_taken_back_once_something_is_picked(self):
        allocation, _shop, hospital, _receipt = self._contest()
        allocation.action_apply()
        hospital.picked = True
        with self.assertRaisesRegex(UserError, "is being picked or has left"):
            allocation.action_revert()
        self.assertEqual(hospital.quantity, 5)

    def test_it_is_refused_when_stock_changed_meanwhile_and_worked_out_again(self):
        allocation, _shop, hospital, _receipt = self._contest()
        self._put_on_stock(1)
        with self.assertRaisesRegex(UserError, "Work out again"):
            allocation.action_apply()
        self.assertEqual(hospital.quantity, 1)
        allocation.action_work_out()
        self.assertEqual(allocation.available, 7)
        allocation.action_apply()
        self.assertEqual(hospital.quantity, 5)

    def test_it_is_refused_when_another_delivery_came_up_meanwhile(self):
        allocation, _shop, _hospital, _receipt = self._contest()
        self._sell(1, quantity=1)
        with self.assertRaisesRegex(UserError, "Work out again"):
            allocation.action_apply()

    def test_nothing_is_given_twice(self):
        allocation, _shop, _hospital, _receipt = self._contest()
        allocation.action_apply()
        with self.assertRaisesRegex(UserError, "decided already"):
            allocation.action_apply()

    def test_what_is_picked_already_stays_where_it_is(self):
        allocation, shop, hospital, _receipt = self._contest()
        shop.picked = True
        allocation.action_work_out()
        self.assertEqual(allocation.state, "dropped", "nothing is left to decide")
        self.assertEqual((shop.quantity, hospital.quantity), (5, 1))

    def test_enough_for_all_proposes_nothing(self):
        self._sell(2, quantity=5)
        receipt = self._buy(0, quantity=6).picking_ids
        receipt.move_ids.quantity = 6
        receipt.button_validate()
        self.assertFalse(self.env["visibility.allocation"].search([("product_id", "=", self.pump.id)]))
        action = receipt.with_user(self.chief).action_open_visibility_allocations()
        self.assertIn("Nothing to decide", action["params"]["message"])

    def test_a_further_receipt_renews_the_open_proposal(self):
        allocation, _shop, _hospital, _receipt = self._contest()
        self._sell(3, quantity=20)
        receipt = self._buy(0, quantity=2).picking_ids
        receipt.move_ids.quantity = 2
        receipt.button_validate()
        self.assertEqual((allocation.available, len(allocation.line_ids)), (8, 3))
        self.assertEqual(self.env["visibility.allocation"].search_count([("product_id", "=", self.pump.id)]), 1)

    def test_it_is_worked_out_by_hand_from_the_product(self):
        self._put_on_stock(3)
        shop, hospital = self._sell(9, quantity=3, customer=self.shop), self._sell(2, quantity=3)
        self.assertEqual(shop.picking_ids.move_ids.quantity, 3)
        action = self.pump.product_tmpl_id.with_user(self.chief).action_open_visibility_allocations()
        allocation = self.env["visibility.allocation"].browse(action["res_id"])
        self.assertEqual(allocation.line_ids[0].sale_order_id, hospital)

    def test_weights_are_the_companys_own(self):
        self.company.write({"visibility_allocation_promise": 0, "visibility_allocation_tier": 0,
                            "visibility_allocation_value": 100, "visibility_allocation_age": 0})  # fmt: skip
        self._put_on_stock(5)
        self._sell(2, quantity=5), self._sell(9, quantity=5, customer=self.shop, price=900)
        action = self.pump.with_user(self.chief).action_open_visibility_allocations()
        allocation = self.env["visibility.allocation"].browse(action["res_id"])
        self.assertEqual(allocation.line_ids[0].partner_id, self.shop)
        self.assertEqual(allocation.line_ids[0].score, 100)

    def test_lots_that_were_reserved_are_reserved_again(self):
        serum = self.env["product.product"].create({"name": "Serum", "is_storable": True, "tracking": "lot"})
        lots = self.env["stock.lot"].create([{"name": name, "product_id": serum.id} for name in ("L1", "L2")])
        for lot, quantity in zip(lots, (2, 4), strict=True):
            self.env["stock.quant"]._update_available_quantity(serum, self.warehouse.lot_stock_id, quantity, lot_id=lot)
        shop = self._sell(9, quantity=5, customer=self.shop, product=serum).picking_ids.move_ids
        hospital = self._sell(2, quantity=5, product=serum).picking_ids.move_ids
        before = {row.lot_id: row.quantity for row in shop.move_line_ids}
        action = serum.action_open_visibility_allocations()
        allocation = self.env["visibility.allocation"].browse(action["res_id"])
        allocation.action_apply()
        self.assertEqual((hospital.quantity, shop.quantity), (5, 1))
        allocation.action_revert()
        self.assertEqual({row.lot_id: row.quantity for row in shop.move_line_ids}, before)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_who_only_picks_does_not_decide_who_gets_it(self):
        allocation, _shop, hospital, _receipt = self._contest()
        worker = self._create_user("visibility-worker", "stock.group_stock_user")
        for button in ("action_apply", "action_work_out", "action_revert"):
            with self.assertRaises(AccessError):
                getattr(allocation.with_user(worker), button)()
        auditor = self._create_user("visibility-auditor", "distribution_visibility.group_auditor")
        with self.assertRaisesRegex(AccessError, "coordinator or a stock manager"):
            allocation.with_user(auditor).action_apply()
        self.assertEqual(hospital.quantity, 1)

    def test_a_coordinator_without_rights_in_stock_may_decide(self):
        allocation, _shop, hospital, _receipt = self._contest()
        allocation.with_user(self.owner).action_apply()
        self.assertEqual(hospital.quantity, 5)

    def test_a_worker_who_validates_a_receipt_needs_no_further_rights(self):
        worker = self._create_user("visibility-worker", "stock.group_stock_user")
        self._sell(9, quantity=5, customer=self.shop), self._sell(2, quantity=5)
        receipt = self._buy(0, quantity=6).picking_ids
        receipt.move_ids.quantity = 6
        receipt.with_user(worker).button_validate()
        self.assertEqual(receipt.state, "done")

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_another_company_sees_and_gives_nothing(self):
        allocation, _shop, _hospital, _receipt = self._contest()
        other = self.env["res.company"].create({"name": "Another company"})
        stranger = self._create_user("visibility-stranger", "stock.group_stock_manager")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.env["visibility.allocation"].with_user(stranger).search([("id", "=", allocation.id)]))
        with self.assertRaises(AccessError):
            allocation.with_user(stranger).action_apply()
