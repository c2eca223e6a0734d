from datetime import timedelta

from odoo import Command

from ..expectation.expectation_case import ExpectationCase


class TestStockShort(ExpectationCase):
    """Short is what neither lies here nor comes in time, as Odoo itself sees it: kits, steps and ways to reserve."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("distribution_visibility.rule_stock_short")
        cls.rule.active = True
        cls.valve = cls._product("Valve", standard_price=30)

    @classmethod
    def _product(cls, name, **values):
        return cls.env["product.product"].create({"name": name, "type": "consu", "is_storable": True, **values})

    def _stock(self, product, quantity):
        self.env["stock.quant"]._update_available_quantity(product, self.warehouse.lot_stock_id, quantity)

    def _order(self, product, quantity=5, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "carrier_id": self.carrier.id,
                "commitment_date": "2026-02-16 11:00:00",
                "order_line": [Command.create({"product_id": product.id, "product_uom_qty": quantity, **values})],
            }
        )
        order.action_confirm()
        self._follow()
        return order

    def _sell_kit(self, **parts_of_one):
        """An order of a kit, as Odoo's manufacturing leaves it: moves of the parts, of a line that sells the kit."""
        kit = self._product("Kit", is_storable=False)
        order = self._order(kit, price_unit=100, tax_ids=False)
        move = order.order_line.move_ids
        for name, of_one in parts_of_one.items():
            part = move.copy({"product_id": getattr(self, name).id, "product_uom_qty": move.product_uom_qty * of_one})
            part._action_confirm(merge=False)
            part._action_assign()
        move._action_cancel()
        move.unlink()
        order.write({"commitment_date": order.commitment_date + timedelta(minutes=1)})
        self._follow()
        return order

    def _exception(self, order):
        return self._get_exceptions("stock_short", order)

    # ------------------------------------------------------------------ kits
    def test_a_kit_of_which_one_part_is_short_is_heard_of_at_once_and_stays_until_the_part_is_there(self):
        order = self._sell_kit(pump=1, valve=2)
        self.assertEqual(order.visibility_stock_short_text, "Valve: 10 Units")
        exception = self._exception(order)
        self.assertTrue(exception.is_open)
        self.assertIn("Valve: 10 Units", exception.reason)
        order.write({"commitment_date": "2026-02-17 11:00:00"})
        self._follow()
        self.rule._run("by_hand")
        self.assertEqual((exception.is_open, exception.reopen_count), (True, 0))
        self._stock(self.valve, 10)
        self.rule._run("by_hand")
        self.assertFalse(exception.is_open)

    def test_a_kit_is_worth_its_price_once_however_many_parts_it_has(self):
        self._stock(self.valve, 100)
        self.pump.standard_price = 40
        order = self._sell_kit(pump=1, valve=2)
        moves = order.picking_ids.move_ids
        self.assertEqual(sum(move._get_goods_value() for move in moves), 500)
        valves = moves.filtered(lambda move: move.product_id == self.valve)
        self.assertEqual(valves._get_visibility_value(), 300, "two at 30 beside one at 40")

    # ------------------------------------------------------------------ goods on their way into the shelves
    def _receive(self, product, quantity, steps, done):
        self.warehouse.reception_steps = steps
        order = self._buy_of(product, quantity)
        picking = order.picking_ids
        for _step in range(done):
            picking.move_ids.picked = True
            picking.button_validate()
            picking = picking.move_ids.move_dest_ids.picking_id or picking
        self._follow()
        return order

    def _buy_of(self, product, quantity, **values):
        line = {"product_id": product.id, "product_qty": quantity, "date_planned": "2026-02-03 11:00:00"}
        order = self.env["purchase.order"].create(
            {"partner_id": self.supplier.id, "order_line": [Command.create(line)], **values}
        )
        order.button_confirm()
        return order

    def test_goods_that_have_come_in_are_here_in_whatever_step_they_lie(self):
        ways = (("one_step", 1), ("two_steps", 1), ("two_steps", 2), ("three_steps", 1), ("three_steps", 3))
        for steps, done in ways:
            product = self._product(f"{steps} {done}")
            self._receive(product, 5, steps, done)
            order = self._order(product)
            availability = order.picking_ids.products_availability_state
            self.assertEqual((steps, done, availability), (steps, done, "available"))
            self.assertFalse(order.visibility_is_stock_short, f"{steps}, {done} done")

    def test_what_comes_for_another_order_is_not_for_this_one(self):
        made = self._product("Made to order")
        route = self.env.ref("stock.route_warehouse0_mto")
        route.active = True
        routes = route | self.warehouse.buy_pull_id.route_id
        seller = Command.create({"partner_id": self.supplier.id, "price": 4})
        made.write({"route_ids": [Command.set(routes.ids)], "seller_ids": [seller]})
        first = self._order(made)
        purchase = self.env["purchase.order.line"].search([("product_id", "=", made.id)]).order_id
        purchase.button_confirm()
        made.route_ids = False
        second = self._order(made)
        self.assertFalse(first.visibility_is_stock_short)
        self.assertTrue(second.visibility_is_stock_short, "the goods are meant for the first order")

    def test_goods_on_their_way_from_another_warehouse_count_when_they_arrive(self):
        other = self.env["stock.warehouse"].create({"name": "Far away", "code": "FAR"})
        self.env["stock.quant"]._update_available_quantity(self.valve, other.lot_stock_id, 5)
        for day, is_short in (("2026-02-10 11:00:00", False), ("2026-02-20 11:00:00", True)):
            move = self.env["stock.move"].create(
                {
                    "product_id": self.valve.id,
                    "product_uom_qty": 5,
                    "location_id": other.lot_stock_id.id,
                    "location_dest_id": self.warehouse.lot_stock_id.id,
                    "picking_type_id": other.int_type_id.id,
                    "date": day,
                }
            )
            move._action_confirm()
            move._action_assign()
            self.assertEqual(self._order(self.valve).visibility_is_stock_short, is_short)
            move._action_cancel()

    # ------------------------------------------------------------------ reserved by hand, or not before its day
    def _set_reservation(self, method):
        types = self.warehouse.out_type_id | self.warehouse.pick_type_id
        types.write({"reservation_method": method, "reservation_days_before": 0})

    def test_goods_that_lie_here_are_not_short_whenever_and_by_whomever_they_are_reserved(self):
        for method in ("manual", "by_date"):
            for steps in ("ship_only", "pick_ship"):
                self._travel("2026-02-02 08:00:00")
                self.warehouse.delivery_steps = steps
                self._set_reservation(method)
                order = self._order(self.pump)
                self.assertEqual(order.picking_ids.state, "confirmed")
                self.assertFalse(order.visibility_is_stock_short)
                self._scan("2026-02-13 12:00:00")
                row = self._get("delivery_reserved", order.picking_ids)
                self.assertEqual((row.state, row.met_by), ("met", "Available"), f"{method}, {steps}")
                self.assertFalse(self._get_exceptions("stock_short", order.picking_ids))

    def test_goods_that_are_not_here_are_short_until_they_are_also_where_people_reserve_by_hand(self):
        self._set_reservation("manual")
        order = self._order(self.valve)
        self._scan("2026-02-13 12:00:00")
        exception = self._get_told("stock_short", order.picking_ids)
        self.assertTrue(exception)
        self._stock(self.valve, 5)
        self.env.flush_all()
        self.env.invalidate_all()
        self.expectations._look_again()
        self.assertFalse(self._get_told("stock_short", order.picking_ids))
        self.assertEqual(self._get("delivery_reserved", order.picking_ids).met_by, "Available")

    def test_what_others_need_first_is_not_available(self):
        self._set_reservation("manual")
        self._order(self.pump, 80)
        second = self._order(self.pump, 80)
        self.assertTrue(second.visibility_is_stock_short)
