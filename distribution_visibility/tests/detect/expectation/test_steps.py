from unittest.mock import patch

from odoo import Command
from odoo.tests import Form

from .expectation_case import ExpectationCase

STEPS = ("ship_only", "pick_ship", "pick_pack_ship")
MONDAY_NOON = "2026-02-16 12:00:00"


class TestSteps(ExpectationCase):
    """Where goods leave in two or three steps, the same is expected and heard of as where they leave in one.

    Odoo makes the delivery only when the step before it is done: dated on that moment, with the old promise.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backorders = cls.env.ref("distribution_visibility.rule_backorder")
        cls.backorders.active = True
        cls.valve = cls.env["product.product"].create({"name": "Valve", "type": "consu", "is_storable": True})

    def _order(self, steps="pick_ship", promise=MONDAY_NOON, lines=None, **values):
        self.warehouse.delivery_steps = steps
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "carrier_id": self.carrier.id,
                "commitment_date": promise and self._utc(promise),
                "order_line": [Command.create(line) for line in lines or [self._line()]],
                **values,
            }
        )
        order.action_confirm()
        self._follow()
        return order

    def _line(self, **values):
        return {"product_id": self.pump.id, "product_uom_qty": 2, "price_unit": 100, "tax_ids": False, **values}

    def _open(self, order):
        return order.picking_ids.filtered(lambda one: one.state not in ("done", "cancel"))

    def _validate(self, picking, quantity=None):
        if quantity:
            picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        result = picking.button_validate()
        if result is not True:
            Form.from_action(self.env, result).save().process()
        self._follow()

    def _codes(self, order):
        """What is told about an order, by category."""
        about = self.env["visibility.exception"].search([("sale_order_ids", "in", order.ids)])
        return set(self._filter_told(about).mapped("category_id.code"))

    # ------------------------------------------------------------------ the same from the confirmation on
    def test_the_same_is_expected_at_the_confirmation_in_one_two_and_three_steps(self):
        expected = {}
        for steps in STEPS:
            order = self._order(steps)
            rows = self.expectations.search(
                ["|", "&", ("res_model", "=", "sale.order"), ("res_id", "=", order.id),
                 "&", ("res_model", "=", "stock.picking"), ("res_id", "in", order.picking_ids.ids)]
            )  # fmt: skip
            expected[steps] = {(row.template_id.name, row.due_at) for row in rows}
        self.assertIn("Order shipped, less the time on the road", dict(expected["ship_only"]))
        self.assertIn("Delivery leaves before it misses the promise", dict(expected["ship_only"]))
        self.assertEqual(expected["pick_ship"], expected["ship_only"])
        self.assertEqual(expected["pick_pack_ship"], expected["ship_only"])

    def test_a_step_without_stock_is_missed_a_working_day_before_the_goods_should_leave(self):
        for steps in STEPS:
            self._travel("2026-02-02 08:00:00")
            order = self._order(steps, lines=[self._line(product_id=self.valve.id)])
            row = self._get("delivery_reserved", order.picking_ids)
            self.assertEqual((steps, row.state, row.due_at), (steps, "open", self._utc("2026-02-13 12:00:00")))

    def test_a_picking_list_that_is_printed_and_forgotten_is_heard_of_while_the_promise_can_be_kept(self):
        for steps in STEPS:
            self._travel("2026-02-02 08:00:00")
            order = self._order(steps)
            order.picking_ids.do_print_picking()
            self._scan(self._utc("2026-02-13 16:59:00"))
            self.assertEqual((steps, self._codes(order)), (steps, set()))
            self._scan(self._utc("2026-02-16 08:01:00"))
            self.assertEqual((steps, self._codes(order)), (steps, {"late_risk", "warehouse_late"}))

    def test_a_step_that_is_cancelled_under_a_confirmed_order_is_heard_of(self):
        for steps in STEPS:
            for done_before in range(STEPS.index(steps) + 1):
                self._travel("2026-02-02 08:00:00")
                order = self._order(steps)
                for _step in range(done_before):
                    self._validate(self._open(order))
                self._open(order).action_cancel()
                self._scan(self._utc("2026-02-13 17:01:00"))
                self.assertIn("late_risk", self._codes(order), f"{steps}, after {done_before} steps")

    def test_an_order_is_not_delivered_while_a_step_of_it_is_open(self):
        template = self.env["visibility.expectation.template"].create(
            {
                "name": "Delivered",
                "trigger": "order_confirmed",
                "expects": "milestone",
                "milestone_id": self.env.ref("distribution_visibility.milestone_delivered").id,
                "base": "first_promise",
                "category_id": self.env.ref("distribution_visibility.category_late_risk").id,
            }
        )
        order = self._order()
        self._validate(self._open(order), quantity=1)
        delivery = self._open(order).filtered(lambda one: one.picking_type_code == "outgoing")
        delivery.carrier_tracking_ref = "1ZHALF"
        self._validate(delivery)
        data = {"milestone": "delivered", "occurred_at": "2026-02-03T08:00:00Z", "tracking_number": "1ZHALF"}
        self._travel("2026-02-03 09:00:00")
        self._tell(self.canonical, self._canonical("shipment.milestone", {**data, "carrier": "UPS"}))
        self._follow()
        row = self.expectations.search([("template_id", "=", template.id), ("res_id", "=", order.id)])
        self.assertEqual(row.state, "open", "the other half has not even been picked")

    # ------------------------------------------------------------------ what Odoo makes later
    def test_what_odoo_makes_when_a_step_is_done_is_not_late_before_its_promise(self):
        for steps in STEPS[1:]:
            self._travel("2026-02-02 08:00:00")
            order = self._order(steps)
            while self._open(order).picking_type_code == "internal":
                self._validate(self._open(order))
                self._scan("2026-02-04 09:00:00")
            delivery = self._open(order)
            self.assertEqual(delivery.visibility_planned_at, self._utc(MONDAY_NOON))
            self._scan(self._utc("2026-02-13 16:00:00"))
            self.assertEqual((steps, self._codes(order)), (steps, set()))

    def test_what_a_person_plans_goes_before_the_promise(self):
        for steps in STEPS[:2]:
            order = self._order(steps)
            if steps == "pick_ship":
                self._validate(self._open(order))
            delivery = self._open(order)
            delivery.scheduled_date = self._utc("2026-02-12 10:00:00")
            self.assertEqual(delivery.visibility_planned_at, self._utc("2026-02-12 10:00:00"))
            order.commitment_date = self._utc("2026-02-20 12:00:00")
            self.assertEqual(delivery.visibility_planned_at, self._utc("2026-02-12 10:00:00"))

    def test_a_promise_that_moves_reaches_every_step_there_is_and_every_step_to_come(self):
        moved = self._utc("2026-02-20 12:00:00")
        for steps in STEPS:
            order = self._order(steps)
            order.commitment_date = moved
            self._follow()
            while picking := self._open(order):
                seen = (picking.date_deadline, picking.visibility_promised_at, picking.visibility_planned_at)
                self.assertEqual(seen, (moved, moved, moved), f"{picking.picking_type_id.name} of {steps}")
                self._validate(picking)

    def test_steps_and_deliveries_are_found_by_a_search_as_they_say_of_themselves(self):
        orders = self.env["sale.order"]
        for steps in STEPS:
            orders |= self._order(steps) | self._order(steps)
            self._validate(self._open(orders[-1])[:1], quantity=1)
        purchase = self._buy("2026-02-16 11:00:00")
        pickings = orders.picking_ids | purchase.picking_ids
        found = pickings.search([("id", "in", pickings.ids), ("visibility_is_delivery", "=", True)])
        self.assertEqual(found, pickings.filtered("visibility_is_delivery"))
        others = pickings.search([("id", "in", pickings.ids), ("visibility_is_delivery", "=", False)])
        self.assertEqual(others, pickings - found)
        self.assertTrue(found and others)

    # ------------------------------------------------------------------ what is left behind
    def test_what_a_step_leaves_behind_is_a_backorder_and_what_somebody_splits_off_is_none(self):
        for steps in STEPS:
            order = self._order(steps)
            self._validate(self._open(order)[:1], quantity=1)
            self.backorders._run("by_hand")
            self.assertEqual((steps, self._codes(order)), (steps, {"backorder"}))
            split = self._order(steps)
            split.picking_ids.move_ids.quantity = 1
            split.picking_ids.action_split_transfer()
            self.backorders._run("by_hand")
            self.assertEqual((steps, len(split.picking_ids), self._codes(split)), (steps, 2, set()))

    # ------------------------------------------------------------------ one promise a line
    def test_a_transfer_is_promised_with_the_first_of_its_lines_or_the_last_where_all_go_together(self):
        lines = [self._line(customer_lead=9), self._line(customer_lead=4)]
        for policy, day in (("direct", "2026-02-06 08:00:00"), ("one", "2026-02-11 08:00:00")):
            for steps in STEPS:
                self._travel("2026-02-02 08:00:00")
                order = self._order(steps, promise=False, lines=lines, picking_policy=policy)
                transfer = order.picking_ids
                self.assertEqual(str(transfer.visibility_promised_at), day, f"{policy} {steps}")
                self.assertEqual(str(transfer._get_expected_dates()["first_promise"]), day)

    def test_a_line_with_a_later_day_is_not_expected_with_the_first_one(self):
        lines = [self._line(customer_lead=9), self._line(customer_lead=4)]
        order = self._order("ship_only", promise=False, lines=lines)
        self.assertEqual(self._get("order_shipped", order).due_at, self._utc("2026-02-05 17:00:00"))
        later, first = order.picking_ids.move_ids.sorted(lambda move: -move.sale_line_id.customer_lead)
        first.picked, later.quantity = True, 0
        self._validate(order.picking_ids)
        self.assertEqual(len(order.picking_ids), 2)
        self.assertEqual(self._get("order_shipped", order).due_at, self._utc("2026-02-10 17:00:00"))
        rest = self._open(order)
        self.assertEqual(str(rest.visibility_promised_at), "2026-02-11 08:00:00")

    def test_a_day_of_a_line_itself_goes_before_that_of_the_order(self):
        day = self._utc("2026-02-10 12:00:00")
        with patch.object(
            self.env.registry["sale.order.line"], "_get_own_date", lambda line: line.price_unit == 7 and day
        ):
            order = self._order("ship_only", lines=[self._line(), self._line(price_unit=7)])
            self.assertEqual(order.order_line.mapped("visibility_promise_at"), [self._utc(MONDAY_NOON), day])
            self.assertEqual((order.visibility_promise_at, order.picking_ids.visibility_promised_at), (day, day))
            order.order_line = [Command.create(self._line(price_unit=7))]
            self.assertEqual(order.order_line[-1].visibility_promise_at, day)

    def test_a_receipt_is_promised_with_the_first_of_its_lines_that_is_open(self):
        order = self._buy("2026-02-10 11:00:00")
        order.order_line = [
            Command.create({"product_id": self.pump.id, "product_qty": 3, "date_planned": "2026-02-20 11:00:00"})
        ]
        receipt = order.picking_ids
        self.assertEqual(str(receipt._get_promise()), "2026-02-10 11:00:00")
        first = order.order_line[0].move_ids
        first.picked = True
        (receipt.move_ids - first).quantity = 0
        self._validate(receipt)
        self.assertEqual(str(self._open(order)._get_promise()), "2026-02-20 11:00:00")
