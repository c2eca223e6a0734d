from datetime import datetime, timedelta

import pytz
from odoo import fields
from odoo.tests import tagged

from ..respond.supply.supply_case import SupplyCase

LOS_ANGELES, AUCKLAND = "America/Los_Angeles", "Pacific/Auckland"


@tagged("post_install", "-at_install")
class TestLocalDays(SupplyCase):
    """A distributor in Los Angeles, where an afternoon has two dates in UTC: a day is a local day, everywhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = LOS_ANGELES
        cls.warehouse.partner_id.tz = LOS_ANGELES
        cls.warehouse.visibility_calendar_id = False
        cls.first_day = fields.Date.today()

    def _at(self, days, hours, zone=LOS_ANGELES):
        """So many days from today, at this time of day (15.5 is half past three) on the wall clock there."""
        local = datetime.combine(self.first_day + timedelta(days=days), datetime.min.time()) + timedelta(hours=hours)
        return pytz.timezone(zone).localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    def _buy_for(self, moment):
        line = {"product_id": self.pump.id, "product_qty": 10, "price_unit": 40, "date_planned": moment}
        order = self._buy(5, order_line=[(0, 0, line)])
        self.assertEqual(order.order_line.visibility_first_promise_at, moment)
        return order

    def _answer_with(self, order, moment, status="accepted"):
        text = f"{moment:%Y-%m-%dT%H:%M:%SZ}" if isinstance(moment, datetime) else f"{moment:%Y-%m-%d}T00:00:00Z"
        return self._answer(order, {"line": "1", "status": status, "promised_at": text}, status=status)

    def _get_late_risks(self, order):
        return order.visibility_exception_ids.filtered(
            lambda one: one.category_id.code == "late_risk" and one.is_open
        )

    # ------------------------------------------------------------------ promises
    def test_from_three_to_half_past_four_on_the_promised_day_is_no_later_promise(self):
        order = self._buy_for(self._at(10, 15))
        order.order_line.date_planned = self._at(10, 16.5)
        self.assertFalse(self._get_late_risks(order))
        self.assertEqual(order.order_line.visibility_promise_ids.mapped("days_moved"), [0, 0])

    def test_an_earlier_hour_of_the_next_day_is_a_day_later_and_says_so(self):
        order = self._buy_for(self._at(10, 16.5))
        order.order_line.date_planned = self._at(11, 15)
        late = self._get_late_risks(order)
        self.assertTrue(late)
        self.assertEqual(max(order.order_line.visibility_promise_ids.mapped("days_moved")), 1)
        first, latest = (f"{day:%A} {day.day} {day:%b}" for day in (self.first_day + timedelta(n) for n in (10, 11)))
        self.assertIn(first, late.reason)
        self.assertIn(latest, late.reason)

    def test_the_days_of_a_delivery_are_the_customers_where_we_know_them(self):
        order = self._sell(10)
        line = order.order_line
        promised, expected = self._at(10, 21.5, AUCKLAND), self._at(11, 0.5, AUCKLAND)
        self.assertFalse(line._is_later(expected, promised), "one night in Los Angeles")
        order.partner_shipping_id.tz = AUCKLAND
        self.assertTrue(line._is_later(expected, promised))

    def test_what_goes_to_the_customer_straight_from_the_supplier_is_delivered_there(self):
        order = self._buy(5)
        self.assertEqual(order._get_visibility_zone(), LOS_ANGELES)
        customers = self.env.ref("stock.stock_location_customers")
        dropship = self.warehouse.in_type_id.copy({"default_location_dest_id": customers.id, "sequence_code": "DS"})
        self.customer.tz = AUCKLAND
        order.write({"picking_type_id": dropship.id, "dest_address_id": self.customer.id})
        self.assertEqual(order._get_visibility_zone(), AUCKLAND)

    # ------------------------------------------------------------------ suppliers' answers
    def test_an_answer_that_accepts_the_ordered_day_proposes_nothing(self):
        """The evening of an order in Los Angeles is the next day in UTC; suppliers answer with a day."""
        for hours in (9, 15, 17, 23):
            order = self._buy_for(self._at(10, hours))
            self.assertFalse(self._answer_with(order, self.first_day + timedelta(days=10)), f"{hours}:00")

    def test_an_answer_at_another_hour_of_the_ordered_day_proposes_nothing(self):
        order = self._buy_for(self._at(10, 15))
        self.assertFalse(self._answer_with(order, self._at(10, 16)))
        self.assertFalse(self._answer_with(order, self._at(10, 16.5)))
        self.assertFalse(self._answer_with(order, self._at(10, 8)))

    def test_an_answer_for_the_next_day_is_a_day_later_whatever_the_hour(self):
        order = self._buy_for(self._at(10, 16.5))
        line = self._answer_with(order, self._at(11, 15), "date_changed").line_ids
        self.assertEqual((line.days_later, line.is_later, line.is_date_changed), (1, True, True))

    def test_a_day_without_an_hour_is_that_day_at_the_orders_hour(self):
        order = self._buy_for(self._at(10, 17))
        line = self._answer_with(order, self.first_day + timedelta(days=12), "date_changed").line_ids
        self.assertEqual((line.proposed_date, line.days_later), (self._at(12, 17), 2))

    def test_a_policy_that_allows_a_day_counts_local_days(self):
        policy = self.env["visibility.proposal.policy"].create(
            {"name": "A day", "user_id": self.buyer.id, "is_test": True, "max_days_later": 0}
        )
        order = self._buy_for(self._at(10, 16.5))
        line = self._answer_with(order, self._at(11, 15), "date_changed").line_ids
        self.assertIn("1 days later", policy._get_line_refusal(line))

    # ------------------------------------------------------------------ customers who wait
    def test_a_customer_served_on_the_promised_day_is_served_in_time(self):
        sale, purchase = self._sell_waiting(promise=self._at(10, 15))
        effect = self._answer_with(purchase, self._at(10, 16.5), "date_changed").effect_ids
        self.assertFalse(effect.filtered("misses"))
        effect = self._answer_with(purchase, self._at(11, 9), "date_changed").effect_ids
        self.assertEqual((effect.sale_order_id, effect.days_late, effect.misses), (sale, 1, True))

    def test_an_hour_of_the_next_day_misses_the_promise_although_utc_has_one_date(self):
        _sale, purchase = self._sell_waiting(promise=self._at(10, 16.5))
        effect = self._answer_with(purchase, self._at(11, 10), "date_changed").effect_ids
        self.assertEqual((effect.days_late, effect.misses), (1, True))

    def _sell_waiting(self, promise):
        """A customer's order from stock that has nothing, and the purchase that brings it in time."""
        purchase = self._buy_for(self._at(8, 10))
        sale = self._sell(10, quantity=4, commitment_date=promise)
        self.assertEqual(sale.order_line.visibility_first_promise_at, promise)
        return sale, purchase

    def test_the_claims_on_stock_count_the_same_days(self):
        sale = self._sell(10, commitment_date=self._at(10, 15))
        lines = self.env["visibility.allocation.line"]
        told = [
            lines._prepare_effect("now", sale.order_line.move_ids, moment)["keeps_now"]
            for moment in (self._at(10, 16.5), self._at(10, 23.9), self._at(11, 0.5))
        ]
        self.assertEqual(told, [True, True, False])

    # ------------------------------------------------------------------ parcels
    def test_a_parcel_on_the_promised_day_is_not_late_by_hours(self):
        delivery = self._create_delivery("1ZDAYS")
        shipment = delivery.visibility_shipment_ids
        shipment.write({"promised_at": self._at(10, 9), "delivered_at": self._at(10, 23)})
        self.assertEqual(shipment.delay_hours, 0)
        self.assertEqual(shipment._get_promise_end(), self._at(11, 0) - timedelta(seconds=1))
        shipment.delivered_at = self._at(11, 1)
        self.assertAlmostEqual(shipment.delay_hours, 1, 2, "from the end of the promised day")
        self.customer.tz = AUCKLAND
        self.assertEqual(shipment._get_visibility_zone(), AUCKLAND)

    def test_one_method_says_where_the_days_are_counted(self):
        self.assertEqual(self.warehouse._get_visibility_zone(), LOS_ANGELES)
        self.warehouse.visibility_calendar_id = self.env["resource.calendar"].create({"name": "A", "tz": AUCKLAND})
        sale, purchase = self._sell(5), self._buy(5)
        places = [sale, sale.order_line, sale.picking_ids, purchase, purchase.order_line, purchase.picking_ids]
        self.assertEqual({place._get_visibility_zone() for place in places}, {AUCKLAND})
