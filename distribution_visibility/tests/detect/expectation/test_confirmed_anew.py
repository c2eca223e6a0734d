from odoo import Command, fields

from .expectation_case import ExpectationCase


class TestConfirmedAnew(ExpectationCase):
    """Promises begin when an order is confirmed, whoever writes that, and anew after it was cancelled."""

    def _draft_purchase(self, promise="2026-02-10 11:00:00", **values):
        line = {"product_id": self.pump.id, "product_qty": 10, "price_unit": 40, "date_planned": promise}
        return self.env["purchase.order"].create(
            {"partner_id": self.supplier.id, "order_line": [Command.create(line)], **values}
        )

    def _draft_sale(self, promise="2026-02-16 11:00:00", **values):
        line = {"product_id": self.pump.id, "product_uom_qty": 2, "price_unit": 100}
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "commitment_date": promise,
                "order_line": [Command.create(line)],
                **values,
            }
        )

    def assertPromised(self, documents, moment):
        for document in documents:
            at = fields.Datetime.to_datetime(moment)
            self.assertEqual(
                (document.visibility_first_promise_at, document.visibility_promise_at), (at, at), document._name
            )
            self.assertTrue(document.visibility_promise_ids.sorted("id")[-1].is_first)

    # ------------------------------------------------------------------ whoever confirms it
    def test_whoever_writes_that_a_purchase_is_approved_it_is_promised_and_awaited(self):
        """Such as a release by another add-on: ``state`` is written, and no button is pressed."""
        order = self._draft_purchase()
        order.write({"state": "purchase", "date_approve": fields.Datetime.now()})
        order._create_picking()
        self.assertPromised([order, order.order_line], "2026-02-10 11:00:00")
        self.assertEqual(self._get("line_received", order).due_at, self._utc("2026-02-11 00:00:00"))
        self.assertEqual(self._get("order_acknowledged", order).state, "open")

    def test_a_state_without_a_date_is_enough(self):
        order = self._draft_purchase()
        order.state = "purchase"
        self.assertPromised([order, order.order_line], "2026-02-10 11:00:00")
        self.assertEqual(self._get("line_received", order).state, "open", "no receipt was made, and nothing came")

    def test_whoever_writes_that_a_sale_is_confirmed_it_is_promised(self):
        order = self._draft_sale()
        order.state = "sale"
        self.assertPromised([order, order.order_line], "2026-02-16 11:00:00")

    def test_what_is_imported_as_confirmed_is_promised(self):
        sale, purchase = self._draft_sale(state="sale"), self._draft_purchase(state="purchase")
        self.assertPromised([sale, sale.order_line], "2026-02-16 11:00:00")
        self.assertPromised([purchase, purchase.order_line], "2026-02-10 11:00:00")
        self.assertEqual(self._get("line_received", purchase).state, "open")

    def test_a_confirmed_order_that_is_written_again_begins_nothing(self):
        order = self._draft_purchase()
        order.button_confirm()
        order.order_line.date_planned = "2026-02-20 11:00:00"
        order.write({"state": "purchase"})
        self.assertEqual(str(order.order_line.visibility_first_promise_at), "2026-02-10 11:00:00")
        self.assertEqual(len(order.order_line.visibility_promise_ids), 2)

    def test_an_order_that_is_set_back_to_a_quotation_is_awaited_by_nobody(self):
        sale, purchase = self._sell("2026-02-16 11:00:00"), self._buy("2026-02-10 11:00:00")
        (sale | sale).state = "draft"
        purchase.state = "draft"
        self.assertEqual(self._get("order_shipped", sale).state, "cancelled")
        self.assertEqual(self._get("line_received", purchase).state, "cancelled")

    # ------------------------------------------------------------------ cancelled, another date, confirmed again
    def test_a_sale_confirmed_again_is_measured_against_its_new_promise(self):
        order = self._sell("2026-02-16 11:00:00")
        order._action_cancel()
        order.action_draft()
        order.commitment_date = "2026-03-20 11:00:00"
        order.action_confirm()
        self.assertPromised([order, order.order_line], "2026-03-20 11:00:00")
        self.assertEqual(
            order.visibility_promise_ids.sorted("id").mapped("days_moved"), [0, 0], "nobody moved a promise"
        )
        row = self._get("order_shipped", order)[-1]
        self.assertEqual((row.state, row.due_at), ("open", self._utc("2026-03-19 17:00:00")))

    def test_a_purchase_confirmed_again_is_measured_against_its_new_promise(self):
        order = self._buy("2026-02-10 11:00:00")
        order.button_cancel()
        order.button_draft()
        order.order_line.date_planned = "2026-03-20 11:00:00"
        order.button_confirm()
        self.assertPromised([order, order.order_line], "2026-03-20 11:00:00")
        self.assertFalse(self._get_exceptions("late_risk", order))
        self.assertEqual(self._get("line_received", order)[-1].due_at, self._utc("2026-03-21 00:00:00"))

    def test_the_same_by_writes_alone(self):
        sale, purchase = self._sell("2026-02-16 11:00:00"), self._buy("2026-02-10 11:00:00")
        (sale | sale).write({"state": "cancel"})
        purchase.write({"state": "cancel"})
        sale.write({"commitment_date": "2026-03-20 11:00:00"})
        purchase.order_line.write({"date_planned": "2026-03-20 11:00:00"})
        sale.write({"state": "sale"})
        purchase.write({"state": "purchase"})
        for document in (sale, sale.order_line, purchase, purchase.order_line):
            self.assertPromised([document], "2026-03-20 11:00:00")

    def test_a_shipment_of_an_order_confirmed_again_is_held_against_the_new_promise(self):
        order = self._sell("2026-02-16 11:00:00", "1ZAGAIN")
        order._action_cancel()
        order.action_draft()
        order.commitment_date = "2026-03-20 11:00:00"
        order.action_confirm()
        delivery = order.picking_ids.filtered(lambda one: one.state != "cancel")
        delivery.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": "1ZAGAIN"})
        shipment = delivery.visibility_shipment_ids
        at = fields.Datetime.to_datetime("2026-03-20 11:00:00")
        self.assertEqual((shipment.first_promised_at, shipment.promised_at), (at, at))
        self.assertEqual(shipment.first_delay_hours, 0)

    def test_a_supplier_who_acknowledged_the_cancelled_order_is_asked_again(self):
        order = self._buy("2026-02-10 11:00:00")
        order.acknowledged = True
        self.assertEqual(self._get("order_acknowledged", order).state, "met")
        order.button_cancel()
        order.button_draft()
        self._travel("2026-02-03 08:00:00")
        order.button_confirm()
        row = self._get("order_acknowledged", order)[-1]
        self.assertEqual((row.state, row.due_at), ("open", self._utc("2026-02-05 09:00:00")))
        order.action_acknowledge()
        self._follow()
        self.assertEqual(row.state, "met")

    def test_an_answer_about_the_cancelled_order_is_none_about_the_new_one(self):
        order = self._buy("2026-02-10 11:00:00")
        data = {"order": order.name, "status": "accepted", "responded_at": "2026-02-02T09:00:00Z"}
        self._travel("2026-02-02 09:00:00")
        self._tell(self.canonical, self._canonical("supplier.order_response", data, moment="2026-02-02T09:00:00Z"))
        self.assertEqual(self._get("order_acknowledged", order).state, "met")
        self._travel("2026-02-03 08:00:00")
        order.button_cancel()
        order.button_draft()
        order.button_confirm()
        self.assertEqual(self._get("order_acknowledged", order)[-1].state, "open")

    # ------------------------------------------------------------------ the customer agrees to a later day
    def test_what_is_expected_of_a_delivery_goes_by_the_day_that_the_customer_agreed_to(self):
        order = self._sell(self._utc("2026-02-16 10:00:00"), "1ZLATER")
        order.commitment_date = self._utc("2026-02-26 10:00:00")
        delivery = order.picking_ids
        self.assertEqual(self._get("order_shipped", order).due_at, self._utc("2026-02-25 17:00:00"))
        self.assertEqual(self._get("delivery_sla", delivery).due_at, self._utc("2026-02-25 15:00:00"))
        self._ship(order)
        self.assertEqual(self._get("delivered", delivery).due_at, self._utc("2026-02-27 00:00:00"))

    def test_what_was_overdue_by_the_old_day_ends_when_the_customer_agrees_to_a_later_one(self):
        order = self._sell(self._utc("2026-02-16 10:00:00"))
        self._scan("2026-02-16 12:00:00")
        shipped = self._get_told("late_risk", order)
        sla = self._get_told("warehouse_late", order.picking_ids)
        self.assertEqual(shipped.merged_into_id, sla, "one trouble")
        order.picking_ids.printed = True
        order.commitment_date = self._utc("2026-02-26 10:00:00")
        self._follow()
        self.assertFalse(self._get_told("late_risk", order) | self._get_told("warehouse_late", order.picking_ids))
        self.assertEqual(self._get("delivery_sla", order.picking_ids).state, "open")

    def test_the_first_promise_stays_what_performance_is_measured_by(self):
        order = self._sell(self._utc("2026-02-16 10:00:00"))
        order.commitment_date = self._utc("2026-02-26 10:00:00")
        self.assertEqual(order.visibility_first_promise_at, self._utc("2026-02-16 10:00:00"))

    # ------------------------------------------------------------------ a line goes to another order
    def test_a_line_that_is_moved_to_another_order_takes_its_expectation_along(self):
        order, other = self._buy("2026-02-10 11:00:00"), self._buy("2026-02-20 11:00:00")
        line = order.order_line
        self._scan("2026-02-12 10:00:00")
        exception = self._get_exceptions("receipt_overdue", order)
        self.assertEqual(exception.state, "new")
        line.order_id = other
        order.button_cancel()
        self._scan("2026-02-12 10:06:00")
        self.assertEqual(exception.state, "resolved")
        row = self._get("line_received").filtered(lambda one: one.purchase_line_id == line)
        self.assertEqual((len(row), row.res_id, row.state), (1, other.id, "overdue"))
        self.assertTrue(self._get_exceptions("receipt_overdue", other).is_open)

    def test_a_line_that_is_moved_before_it_is_late_is_expected_there(self):
        order, other = self._buy("2026-02-10 11:00:00"), self._buy("2026-02-20 11:00:00")
        line = order.order_line
        line.order_id = other
        row = self._get("line_received").filtered(lambda one: one.purchase_line_id == line)
        self.assertEqual((len(row), row.res_id, row.state), (1, other.id, "open"))
        self.assertEqual(row.due_at, self._utc("2026-02-11 00:00:00"), "its own promise goes with it")

    def test_the_risk_of_a_moved_line_goes_with_it(self):
        order, other = self._buy("2026-02-10 11:00:00"), self._buy("2026-02-20 11:00:00")
        order.order_line.date_planned = "2026-02-18 11:00:00"
        self.assertTrue(order.visibility_is_at_risk)
        # Odoo works the date out anew by the price list, unless it comes with the order
        order.order_line.write({"order_id": other.id, "date_planned": "2026-02-18 11:00:00"})
        self._follow()
        self.assertFalse(self._get_exceptions("late_risk", order).filtered("is_open"))
        self.assertTrue(self._get_exceptions("late_risk", other).filtered("is_open"))
