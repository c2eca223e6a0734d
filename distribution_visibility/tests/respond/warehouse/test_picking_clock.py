from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .picking_case import PickingCase


@tagged("post_install", "-at_install")
class TestPickingClock(PickingCase):
    """When a transfer should be done, and whether it was."""

    def test_it_is_due_an_hour_before_the_carrier_collects_on_the_working_day_before_the_promise(self):
        picking = self._deliver("2026-02-05 11:00:00")
        self.assertEqual(picking.visibility_due_at, self._utc("2026-02-04 16:00:00"))
        self.assertEqual(str(picking.visibility_promised_at), "2026-02-05 11:00:00")

    def test_nobody_works_on_a_weekend(self):
        picking = self._deliver("2026-02-09 11:00:00")
        self.assertEqual(picking.visibility_due_at, self._utc("2026-02-06 16:00:00"))

    def test_the_cut_off_is_on_the_wall_clock_of_the_warehouse_before_and_after_the_change_to_summer_time(self):
        before, after = self._deliver("2026-03-27 11:00:00"), self._deliver("2026-03-31 11:00:00")
        self.assertEqual(str(before.visibility_due_at), "2026-03-26 15:00:00")
        self.assertEqual(str(after.visibility_due_at), "2026-03-30 14:00:00")

    def test_the_noon_break_is_no_time_to_pick(self):
        self.carrier.visibility_cut_off = 13.5
        picking = self._deliver("2026-02-05 11:00:00")
        self.assertEqual(picking.visibility_due_at, self._utc("2026-02-04 11:30:00"))

    def test_who_fetches_the_goods_gets_them_at_the_promise(self):
        picking = self._deliver("2026-02-05 11:00:00", carrier_id=False)
        self.assertEqual(picking.visibility_due_at, self._utc("2026-02-05 11:00:00"))

    def test_a_promise_in_the_future_at_which_the_carrier_comes_the_same_day_is_not_due_after_it(self):
        self.carrier.visibility_transit_days = 0
        picking = self._deliver("2026-02-05 09:00:00")
        self.assertEqual(picking.visibility_due_at, self._utc("2026-02-05 09:00:00"))

    def test_pick_is_due_before_pack_and_pack_before_the_delivery(self):
        self.warehouse.delivery_steps = "pick_pack_ship"
        order = self._deliver().sale_id
        pick = order.picking_ids
        self.assertEqual(pick.picking_type_id, self.warehouse.pick_type_id)
        self.assertEqual(pick.visibility_due_at, self._utc("2026-02-04 13:00:00"))
        self._validate(pick)
        pack = order.picking_ids - pick
        self.assertEqual(pack.visibility_due_at, self._utc("2026-02-04 15:00:00"))
        self.assertEqual(pick.visibility_customer_id, self.customer)
        self._validate(pack)
        ship = order.picking_ids - pick - pack
        self.assertEqual(ship.visibility_due_at, self._utc("2026-02-04 16:00:00"))

    def test_a_promise_that_moves_moves_the_clock(self):
        picking = self._deliver()
        picking.sale_id.commitment_date = "2026-02-10 11:00:00"
        self._follow()
        self.assertEqual(picking.visibility_due_at, self._utc("2026-02-09 16:00:00"))

    def test_a_changed_operation_type_and_a_slower_carrier_move_the_clocks_of_what_is_open(self):
        picking = self._deliver()
        picking.picking_type_id.visibility_clock_hours = 3
        self.assertEqual(picking.visibility_due_at, self._utc("2026-02-04 14:00:00"))
        self.carrier.visibility_transit_days = 2
        self.assertEqual(picking.visibility_due_at, self._utc("2026-02-03 14:00:00"))

    def test_holidays_are_followed_over_night(self):
        picking = self._deliver()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Inventory",
                "calendar_id": self.calendar.id,
                "date_from": self._utc("2026-02-04 00:00:00"),
                "date_to": self._utc("2026-02-05 00:00:00"),
            }
        )
        self._run_cron()
        self.assertEqual(picking.visibility_due_at, self._utc("2026-02-03 16:00:00"))

    # ------------------------------------------------------------------ met or missed
    def test_what_is_validated_in_time_says_by_how_much_and_leaves_the_list(self):
        picking = self._deliver()
        self._travel("2026-02-04 13:00:00")
        self._validate(picking)
        self.assertEqual((picking.visibility_clock_result, picking.visibility_spare_hours), ("met", 2))
        self.assertFalse(picking.visibility_is_listed)

    def test_what_is_validated_late_is_missed_and_a_promise_that_moves_afterwards_changes_nothing(self):
        picking = self._deliver()
        self._travel("2026-02-05 10:00:00")
        self._validate(picking)
        self.assertEqual((picking.visibility_clock_result, picking.visibility_spare_hours), ("missed", -19))
        picking.sale_id.commitment_date = "2026-02-20 11:00:00"
        self._follow()
        self.assertEqual(picking.visibility_clock_result, "missed")
        self.assertEqual(picking.visibility_due_at, self._utc("2026-02-04 16:00:00"))

    def test_a_backorder_has_the_same_promise_and_is_judged_by_itself(self):
        picking = self._deliver()
        self._move(picking, "due", moment="2026-02-04 10:00:00")
        self._move(picking, "ahead")
        self._travel("2026-02-04 09:00:00")
        self._validate(picking, quantity=1)
        rest = picking.backorder_ids
        self.assertEqual(picking.visibility_clock_result, "met")
        self.assertEqual((rest.state, rest.visibility_due_at), ("assigned", picking.visibility_due_at))
        self.assertEqual(rest.visibility_place, picking.visibility_place)
        self._travel("2026-02-04 12:00:00")
        self._validate(rest)
        self.assertEqual(rest.visibility_clock_result, "missed")

    def test_a_date_of_transfer_that_is_corrected_is_judged_anew(self):
        picking = self._deliver()
        self._travel("2026-02-05 10:00:00")
        self._validate(picking)
        picking.date_done = "2026-02-04 14:00:00"
        self._follow()
        self.assertEqual(picking.visibility_clock_result, "met")

    def test_a_cancelled_transfer_has_no_clock_and_is_on_no_list(self):
        picking = self._deliver()
        picking.action_cancel()
        self._follow()
        self.assertFalse(picking.visibility_is_listed or picking.visibility_due_at or picking.visibility_clock_result)

    def test_returns_and_receipts_and_what_a_supplier_sends_straight_have_no_clock(self):
        picking = self._deliver()
        self._validate(picking)
        wizard = self.env["stock.return.picking"].with_context(active_id=picking.id, active_model="stock.picking")
        wizard = wizard.create({})
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        receipt = self._buy("2026-02-10 11:00:00").picking_ids
        straight = self._deliver()
        straight.location_id = self.env.ref("stock.stock_location_suppliers")
        straight._refresh_queue()
        self._follow()
        self.assertFalse((back | receipt | straight).filtered("visibility_due_at"))

    def test_what_was_open_before_the_installation_is_brought_in_line_and_what_was_done_is_left_alone(self):
        old, done = self._deliver(), self._deliver()
        self._validate(done)
        columns = "visibility_due_at = NULL, visibility_is_listed = NULL, visibility_clock_result = NULL"
        self.env.flush_all()
        self.env.cr.execute(f"UPDATE stock_picking SET {columns} WHERE id IN %s", ((old | done)._ids,))
        self.env.invalidate_all()
        self._travel("2026-02-20 08:00:00")
        self._run_cron()
        done.carrier_tracking_ref = "1Z999"
        self._follow()
        self.assertTrue(old.visibility_is_listed and old.visibility_due_at)
        self.assertFalse(done.visibility_due_at or done.visibility_clock_result)

    def test_a_hundred_more_transfers_need_no_more_queries(self):
        def count(number):
            orders = self.env["sale.order"].create([self._prepare_order() for _number in range(number)])
            orders.action_confirm()
            self._follow()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders.picking_ids._refresh_queue()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = count(3)
        self.assertLessEqual(count(103), few + 3)

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("distribution_visibility.ir_cron_picking_list").method_direct_trigger()
        self.env.invalidate_all()

    def _prepare_order(self):
        return {
            "partner_id": self.customer.id,
            "carrier_id": self.carrier.id,
            "commitment_date": fields.Datetime.now() + timedelta(days=3),
            "order_line": [(0, 0, {"product_id": self.pump.id, "product_uom_qty": 1, "price_unit": 100})],
        }
