from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.tests import tagged

from ...common import VisibilityCase

NOW = "2026-03-02 10:00:00"


@tagged("post_install", "-at_install")
class TestShippedRules(VisibilityCase):
    """The conditions that come with the suite, each with its story."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["visibility.rule"].with_context(active_test=False).search([]).active = True
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.person = cls._create_user("visibility-picker", "stock.group_stock_user")

    def _rule(self, name):
        return self.env.ref(f"distribution_visibility.rule_{name}")

    def _look(self, name):
        self.env.flush_all()
        self._rule(name)._run("by_hand")
        self.assertFalse(self._rule(name).error)

    def _found(self, name, record):
        """The exception of a shipped rule about a record, open or closed."""
        return self.env["visibility.exception"].search(
            [
                ("category_id", "=", self._rule(name).category_id.id),
                ("res_model", "=", record._name),
                ("res_id", "=", record.id),
            ]
        )

    def _stock(self, quantity, product=None):
        self.env["stock.quant"]._update_available_quantity(
            product or self.pump, self.warehouse.lot_stock_id, quantity
        )

    def _order(self, quantity=2, confirm=True, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "carrier_id": self.carrier.id,
                "order_line": [(0, 0, {"product_id": self.pump.id, "product_uom_qty": quantity, "price_unit": 100})],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
        return order

    # ------------------------------------------------------------------ stock for the promise
    def test_an_order_that_stock_cannot_serve_is_short_as_soon_as_it_is_released(self):
        order = self._order(commitment_date=fields.Datetime.now() + timedelta(days=3))
        self.env.cr.flush()
        exception = self._found("stock_short", order)
        self.assertTrue(exception.is_open)
        self.assertIn("Pump: 2 Units", exception.reason)
        self.assertTrue(order.visibility_is_at_risk)

    def test_an_order_that_is_on_stock_is_not_short(self):
        self._stock(2)
        order = self._order()
        self.env.cr.flush()
        self.assertFalse(order.visibility_is_stock_short or self._found("stock_short", order))

    def test_a_receipt_in_time_is_good_enough_and_one_that_moves_later_is_not(self):
        purchase = self._create_purchase()
        purchase.order_line.date_planned = fields.Datetime.now() + timedelta(days=2)
        order = self._order(commitment_date=fields.Datetime.now() + timedelta(days=5))
        self._look("stock_short")
        self.assertFalse(self._found("stock_short", order))
        purchase.order_line.date_planned = fields.Datetime.now() + timedelta(days=9)
        self._look("stock_short")
        short = self._found("stock_short", order)
        self.assertTrue(short._is_standing(), "Odoo itself keeps the old date on the move")
        self.assertEqual(short.merged_into_id.purchase_order_ids, purchase, "it follows from the supplier's new date")

    def test_of_two_orders_the_one_with_the_earlier_promise_gets_what_comes(self):
        purchase = self._create_purchase()
        purchase.order_line.write({"product_qty": 2, "date_planned": fields.Datetime.now() + timedelta(days=1)})
        later = self._order(commitment_date=fields.Datetime.now() + timedelta(days=8))
        sooner = self._order(commitment_date=fields.Datetime.now() + timedelta(days=4))
        self._look("stock_short")
        self.assertFalse(sooner.visibility_is_stock_short)
        self.assertTrue(later.visibility_is_stock_short)
        self.assertEqual(later.visibility_stock_short_text, "Pump: 2 Units")

    def test_it_clears_when_the_goods_are_there(self):
        order = self._order()
        self._look("stock_short")
        self._stock(2)
        self._look("stock_short")
        self.assertEqual(self._found("stock_short", order).state, "resolved")

    def test_stock_in_another_warehouse_does_not_help(self):
        other = self.env["stock.warehouse"].create({"name": "Far away", "code": "FAR"})
        self.env["stock.quant"]._update_available_quantity(self.pump, other.lot_stock_id, 10)
        self.assertTrue(self._order().visibility_is_stock_short)

    # ------------------------------------------------------------------ orders and quotations
    def test_an_order_without_carrier_or_date_is_asked_about_four_hours_after_its_confirmation(self):
        with freeze_time(NOW):
            bare = self._order(carrier_id=False)
            complete = self._order(commitment_date="2026-03-05 10:00:00")
            self._look("order_incomplete")
            self.assertFalse(self._found("order_incomplete", bare))
        with freeze_time("2026-03-02 14:00:01"):
            self._look("order_incomplete")
            exception = self._found("order_incomplete", bare)
            self.assertEqual((exception.reason, exception.severity), ("Carrier: -, delivery date: -", "information"))
            self.assertFalse(self._found("order_incomplete", complete))
            bare.write({"carrier_id": self.carrier.id, "commitment_date": "2026-03-05 10:00:00"})
            self._look("order_incomplete")
            self.assertFalse(exception.is_open)

    def test_a_quotation_that_nobody_answered_for_two_weeks_is_stale(self):
        with freeze_time(NOW):
            old = self._order(confirm=False, date_order="2026-02-16 09:00:00")
            fresh = self._order(confirm=False, date_order="2026-02-16 11:00:00")
            self._look("stale_quotation")
            self.assertTrue(self._found("stale_quotation", old).is_open)
            self.assertFalse(self._found("stale_quotation", fresh))
            old._action_cancel()
            self._look("stale_quotation")
            self.assertFalse(self._found("stale_quotation", old).is_open)

    def test_its_own_exception_does_not_make_a_stale_quotation_look_fresh(self):
        with freeze_time(NOW):
            old = self._order(confirm=False, date_order="2026-02-16 09:00:00")
            self._look("stale_quotation")
            self._look("stale_quotation")
            self.assertTrue(self._found("stale_quotation", old).is_open)

    def test_an_order_a_week_past_its_promise_with_nothing_delivered_is_stale(self):
        with freeze_time("2026-02-01 10:00:00"):
            order = self._order(commitment_date="2026-02-20 10:00:00")
            patient = self._order(commitment_date="2026-02-28 10:00:00")
        with freeze_time(NOW):
            self._look("stale_order")
            self.assertTrue(self._found("stale_order", order)._is_standing())
            self.assertFalse(self._found("stale_order", patient))

    # ------------------------------------------------------------------ the warehouse
    def test_what_was_left_behind_is_a_backorder_until_it_goes(self):
        self._stock(1)
        delivery = self._order().picking_ids
        delivery.action_assign()
        delivery.move_ids.write({"quantity": 1, "picked": True})
        delivery.with_context(skip_backorder=True).button_validate()
        rest = self.env["stock.picking"].search([("backorder_id", "=", delivery.id)])
        self._look("backorder")
        exception = self._found("backorder", rest)
        self.assertTrue(exception._is_standing())
        self.assertEqual(exception.merged_into_id.category_id.code, "stock_short", "it follows from missing stock")
        self.assertEqual(exception.sale_order_ids, delivery.sale_id)
        self.assertIn(delivery.name, exception.reason)
        rest.action_cancel()
        self._look("backorder")
        self.assertFalse(exception._is_standing())

    def test_a_delivery_that_loses_its_reserved_stock_is_told_at_once(self):
        self._stock(2)
        delivery = self._order().picking_ids
        delivery.action_assign()
        self.env.cr.flush()
        self.assertEqual(delivery.state, "assigned")
        self.assertFalse(self._found("allocation_lost", delivery))
        delivery.do_unreserve()
        self.env.cr.flush()
        exception = self._found("allocation_lost", delivery)
        self.assertTrue(exception.is_open)
        delivery.action_assign()
        self.env.cr.flush()
        self.assertEqual(exception.state, "resolved")

    def test_a_delivery_that_never_had_its_stock_has_lost_nothing(self):
        delivery = self._order().picking_ids
        self.env.cr.flush()
        self.assertFalse(delivery.visibility_allocation_lost or self._found("allocation_lost", delivery))

    def test_of_a_delivery_with_two_products_one_may_be_lost(self):
        valve = self.env["product.product"].create({"name": "Valve", "type": "consu", "is_storable": True})
        self._stock(2)
        self._stock(2, valve)
        line = {"product_id": valve.id, "product_uom_qty": 2, "tax_ids": False}
        order = self._order(confirm=False)
        order.write({"order_line": [(0, 0, line)]})
        order.action_confirm()
        delivery = order.picking_ids
        delivery.action_assign()
        self.env.cr.flush()
        delivery.move_ids.filtered(lambda move: move.product_id == valve)._do_unreserve()
        self.env.cr.flush()
        self.assertEqual(delivery.state, "assigned", "Odoo still calls it ready")
        self.assertTrue(self._found("allocation_lost", delivery).is_open)

    def test_a_delivery_moved_ahead_by_hand_asks_for_a_reason(self):
        delivery = self._order().picking_ids
        delivery.with_user(self.person).priority = "1"
        self.assertEqual(delivery.visibility_moved_by_id, self.person)
        self.assertEqual(delivery.visibility_moved_text, "Priority: Normal → Urgent")
        self._look("priority_changed")
        exception = self._found("priority_changed", delivery)
        self.assertEqual(exception.severity, "information")
        self.assertIn("visibility-picker", exception.reason)
        delivery.with_user(self.person).visibility_moved_reason = "The surgery is tomorrow"
        self._look("priority_changed")
        self.assertEqual(exception.state, "resolved")

    def test_a_date_moved_with_its_reason_is_written_down_and_raises_nothing(self):
        delivery = self._order().picking_ids
        delivery.with_user(self.person).write(
            {"scheduled_date": "2026-04-01 10:00:00", "visibility_moved_reason": "The customer asked for it"}
        )
        self.assertTrue(delivery.visibility_moved_at)
        self._look("priority_changed")
        self.assertFalse(self._found("priority_changed", delivery))

    def test_what_odoo_itself_moves_is_nobodys_doing(self):
        delivery = self._order().picking_ids
        delivery.sudo().priority = "1"
        self.assertFalse(delivery.visibility_moved_at)

    # ------------------------------------------------------------------ purchasing and data
    def test_a_receipt_whose_rest_is_open_for_three_days_is_incomplete(self):
        purchase = self._create_purchase()
        purchase.order_line.date_planned = NOW
        receipt = purchase.picking_ids
        with freeze_time(NOW):
            receipt.move_ids.write({"quantity": 4, "picked": True})
            receipt.with_context(skip_backorder=True).button_validate()
        with freeze_time("2026-03-05 09:00:00"):
            self._look("receipt_incomplete")
            self.assertFalse(self._found("receipt_incomplete", purchase))
        with freeze_time("2026-03-06 10:00:01"):
            self._look("receipt_incomplete")
            exception = self._found("receipt_incomplete", purchase)
            self.assertTrue(exception.is_open)
            rest = purchase.picking_ids - receipt
            rest.move_ids.write({"quantity": 6, "picked": True})
            rest.button_validate()
            self._look("receipt_incomplete")
            self.assertFalse(exception.is_open)

    def test_a_shipment_that_belongs_to_no_order_for_a_day_is_asked_about(self):
        scan = ("in_transit", "received_at_origin_facility", "2026-03-02T08:00:00Z", "Picked up")
        self._tell(self.easypost, self._tracker("1ZUNKNOWN", scan))
        shipment = self.env["visibility.shipment"].search([("number", "=", "1ZUNKNOWN")])
        self._look("unmatched_shipment")
        self.assertFalse(self._found("unmatched_shipment", shipment))
        with freeze_time(fields.Datetime.now() + timedelta(hours=25)):
            self._look("unmatched_shipment")
            exception = self._found("unmatched_shipment", shipment)
            self.assertTrue(exception.is_open)
            self.assertEqual(exception.reason, "UPS 1ZUNKNOWN belongs to no order")
            shipment._link_picking(self._order().picking_ids)
            self._look("unmatched_shipment")
            self.assertFalse(exception.is_open)

    # ------------------------------------------------------------------ all of them
    def test_every_shipped_rule_has_somebody_accountable_a_purpose_and_works(self):
        for rule in self.env["visibility.rule"].search([("kind", "=", "condition")]):
            with self.subTest(rule=rule.name):
                self.assertTrue(rule.accountable_id and rule.purpose)
                rule.is_previewed = True
                self.assertIn("match now", rule.preview)
