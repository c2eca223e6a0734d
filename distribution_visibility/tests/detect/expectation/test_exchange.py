from freezegun import freeze_time
from odoo.tests import tagged

from ...track.return_case import ReturnCase


@tagged("post_install", "-at_install")
class TestExchange(ReturnCase):
    """What replaces returned goods was promised by nobody: it is not late because the order's day is over."""

    def _later(self, days=30):
        """So many days from now; the order's promise is long over."""
        frozen = freeze_time(self._day(days))
        frozen.start()
        self.addCleanup(frozen.stop)

    def _get_trouble(self, *records):
        """What is late of these, in words; nobody has made their invoices."""
        self._scan()
        found = self.env["visibility.exception"].union(*(one.visibility_exception_ids for one in records))
        return [
            f"{one.category_id.code}: {one.reason}"
            for one in found
            if one.is_open and one.category_id.code != "billing_late"
        ]

    def test_a_replacement_is_not_late_the_moment_it_is_made(self):
        delivery = self._deliver()
        self._later()
        _back, again = self._exchange(delivery)
        self.assertEqual(again.sale_id, delivery.sale_id)
        self.assertFalse(again._get_promise())
        self.assertEqual(self._get_trouble(again, again.sale_id), [])
        self._later(31)
        self.assertEqual(self._get_trouble(again, again.sale_id), [], "nor a day later")

    def test_a_parcel_of_a_replacement_is_not_late_by_the_orders_promise(self):
        delivery = self._deliver()
        self._later()
        _back, again = self._exchange(delivery)
        shipment = self._number(again, "1ZAGAIN")
        self.assertFalse(shipment.promised_at or shipment.first_promised_at)
        moving = ("in_transit", "in_transit", self._ago(hours=1), "On the way")
        self._tell(self.easypost, self._tracker("1ZAGAIN", moving))
        shipment._refresh_outlook()
        self.assertFalse(shipment.is_late_risk)

    def test_a_day_that_somebody_sets_for_a_replacement_counts(self):
        delivery = self._deliver()
        self._later()
        _back, again = self._exchange(delivery)
        again.scheduled_date = again.move_ids.date_deadline = self._day(33)
        self.assertEqual(again._get_promise(), self._day(33))
        self._later(36)
        self.assertTrue(self._get_trouble(again))

    def test_the_orders_promise_counts_for_a_replacement_that_can_still_keep_it(self):
        delivery = self._deliver(days=20)
        self._later(5)
        _back, again = self._exchange(delivery)
        self.assertEqual(again._get_promise(), self._day(20))

    def test_a_replacement_of_a_part_and_its_backorder_have_no_promise_either(self):
        delivery = self._deliver(quantity=4)
        self._later()
        _back, again = self._exchange(delivery, 2)
        again.move_ids.write({"quantity": 1, "picked": True})
        again._action_done()
        self.assertTrue(again.backorder_ids)
        self.assertFalse(again.backorder_ids._get_promise())

    def test_what_was_left_behind_and_what_was_ordered_in_addition_keep_their_promise(self):
        delivery = self._sell(10, product=self.valve, quantity=4).picking_ids
        delivery.move_ids.write({"quantity": 3, "picked": True})
        delivery._action_done()
        rest, order = delivery.backorder_ids, delivery.sale_id
        self._return(delivery, 1)
        self.assertEqual(rest._get_promise(), self._day(10))
        order.order_line.product_uom_qty = 6
        more = (order.picking_ids - delivery - delivery.return_ids).filtered(lambda one: one.state != "done")
        self._later()
        for transfer in more:
            self.assertEqual(transfer._get_promise(), self._day(10))
            self.assertTrue(self._get_trouble(transfer), "it is late")

    def test_a_replacement_in_two_steps_is_not_late_at_either(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self._sell(10, product=self.valve)
        self._pass(order.picking_ids)
        delivery = order.picking_ids.filtered(lambda one: one.picking_type_code == "outgoing")
        self._pass(delivery)
        self._later()
        _back, again = self._exchange(delivery)
        self.assertFalse(again._get_promise())
        self.assertEqual(self._get_trouble(again, order), [])
        self._pass(again)
        last = order.picking_ids.filtered(lambda one: one.state not in ("done", "cancel") and not one.return_id)
        self.assertEqual(last.picking_type_code, "outgoing")
        self.assertFalse(last._get_promise())
        self.assertEqual(self._get_trouble(last, order), [])
