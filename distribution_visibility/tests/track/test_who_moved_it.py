from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..detect.expectation.expectation_case import ExpectationCase


@tagged("post_install", "-at_install")
class TestWhoMovedIt(ExpectationCase):
    """Who asks for another day is not let down: who wanted a promise to move is known, and measured."""

    def setUp(self):
        super().setUp()
        self.first = self._utc("2026-02-06 12:00:00")
        self.later = self._utc("2026-02-13 12:00:00")
        self.order = self._sell(self.first, "1Z88")
        self.agent = self._create_user("visibility-seller", "sales_team.group_sale_salesman_all_leads")

    def _move(self, order, wanted_by, moment=None, user=None):
        wizard = (
            self.env["visibility.promise.wizard"]
            .with_user(user or self.agent)
            .with_context(active_model=order._name, active_id=order.id)
            .create({"promised_at": moment or self.later, "wanted_by": wanted_by, "reason": "By phone"})
        )
        wizard.action_confirm()
        self._follow()

    def _latest(self, order):
        return order.visibility_promise_ids.sorted("id")[-1]

    # ------------------------------------------------------------------ customers
    def test_the_customer_asked_for_another_day_and_that_day_counts(self):
        self._move(self.order, "customer")
        self.assertEqual(self.order.visibility_first_promise_at, self.later)
        self.assertEqual(self.order.order_line.visibility_first_promise_at, self.later)
        latest = self._latest(self.order)
        self.assertEqual((latest.wanted_by, latest.reason, latest.user_id), ("customer", "By phone", self.agent))
        self.assertEqual(self.order.visibility_promise_ids.sorted("id")[0].promised_at, self.first, "history stays")

    def test_we_moved_it_and_the_first_promise_goes_on_being_measured(self):
        self._move(self.order, "us")
        self.assertEqual(self.order.visibility_first_promise_at, self.first)
        self.assertEqual(self._latest(self.order).wanted_by, "us")

    def test_nothing_is_late_for_a_day_that_the_customer_did_not_want_any_more(self):
        self._move(self.order, "customer")
        self._scan("2026-02-09 09:00:00")
        # the transfer's own plan did not move with it: what is measured by the promise did
        self.assertNotIn("late_risk", self.order.visibility_exception_ids.mapped("category_id.code"))
        self._ship(self.order)
        self._travel("2026-02-10 10:00:00")
        shipment = self.order.picking_ids.visibility_shipment_ids
        data = {"tracking_number": "1Z88", "carrier": "UPS", "milestone": "delivered"}
        self._tell(self.canonical, self._canonical("shipment.milestone", data, moment="2026-02-10T09:00:00Z"))
        self.assertEqual((shipment.first_promised_at, shipment.first_delay_hours), (self.later, 0))

    def test_and_it_is_late_when_we_moved_it(self):
        self._move(self.order, "us")
        self._ship(self.order)
        self._travel("2026-02-10 10:00:00")
        data = {"tracking_number": "1Z88", "carrier": "UPS", "milestone": "delivered"}
        self._tell(self.canonical, self._canonical("shipment.milestone", data, moment="2026-02-10T09:00:00Z"))
        shipment = self.order.picking_ids.visibility_shipment_ids
        self.assertEqual(shipment.delay_hours, 0)
        self.assertGreater(shipment.first_delay_hours, 48)

    def test_an_earlier_day_that_the_customer_asked_for_counts_too(self):
        earlier = self.first - timedelta(days=1)
        self._move(self.order, "customer", earlier)
        self.assertEqual(self.order.visibility_first_promise_at, earlier)

    # ------------------------------------------------------------------ where it is asked
    def test_it_is_asked_beside_the_date_of_the_order_too(self):
        with Form(self.order.with_user(self.agent)) as form:
            form.visibility_wanted_by = "customer"
            form.commitment_date = self.later
        latest = self._latest(self.order)
        self.assertEqual((latest.wanted_by, latest.user_id), ("customer", self.agent))
        self.assertEqual(self.order.visibility_first_promise_at, self.later)

    def test_where_nobody_says_it_we_moved_it(self):
        self.order.commitment_date = self.later
        self.assertEqual(self._latest(self.order).wanted_by, "us")
        self.assertEqual(self.order.visibility_first_promise_at, self.first)

    def test_the_first_promise_was_moved_by_nobody(self):
        self.assertFalse(self.order.visibility_promise_ids.wanted_by)

    def test_who_wanted_it_is_said_in_the_form_and_not_through_a_context(self):
        self.order.with_context(visibility_wanted_by="customer").commitment_date = self.later
        self.assertEqual(self._latest(self.order).wanted_by, "us")

    def test_it_is_not_said_without_a_reason_nor_changed_afterwards(self):
        wizard = self.env["visibility.promise.wizard"].with_context(
            active_model="sale.order", active_id=self.order.id
        )
        with self.assertRaises(UserError):
            wizard.create({"promised_at": self.later, "wanted_by": "customer", "reason": "  "}).action_confirm()
        self.order.commitment_date = self.later
        with self.assertRaises(AccessError):
            self._latest(self.order).with_user(self.agent).write({"wanted_by": "customer"})
        with self.assertRaises(AccessError):
            self.order.with_user(self.owner).write({"visibility_wanted_by": "customer", "commitment_date": self.first})

    # ------------------------------------------------------------------ suppliers
    def test_a_supplier_whom_we_asked_is_not_late(self):
        purchase = self._buy(self.first)
        buyer = self._create_user("visibility-buyer", "purchase.group_purchase_user")
        self._move(purchase, "us", user=buyer)
        self.assertEqual(purchase.order_line.visibility_first_promise_at, self.later)
        self.assertFalse(purchase.visibility_exception_ids.filtered("is_open"))

    def test_a_supplier_who_moves_it_is(self):
        purchase = self._buy(self.first)
        purchase.order_line.date_planned = self.later
        self._follow()
        self.assertEqual(self._latest(purchase.order_line).wanted_by, "supplier")
        self.assertEqual(purchase.order_line.visibility_first_promise_at, self.first)
        self.assertTrue(purchase.visibility_exception_ids.filtered("is_open"))
