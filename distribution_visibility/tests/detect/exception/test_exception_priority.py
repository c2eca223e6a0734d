from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tests.common import new_test_user

from ....lib.detect.exception.finding import Finding
from ...common import VisibilityCase

NOW = "2026-03-02 10:00:00"


@tagged("post_install", "-at_install")
class TestExceptionPriority(VisibilityCase):
    """What to do first is a score that explains itself, apart from how severe something is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.exceptions = cls.env["visibility.exception"]

    def _open(self, subjects, code="stock_short", times=1, reason="Short"):
        category = self.exceptions._get_category(code)
        now = fields.Datetime.now()
        findings = {(category, subject): [Finding(now, reason)] * times for subject in subjects}
        self.exceptions._open_findings(findings)
        return self.exceptions.search(
            [("category_id", "=", category.id), ("res_model", "=", subjects._name), ("res_id", "in", subjects.ids)]
        )

    def _order(self, customer=None, price=100, promise="2026-03-02 16:00:00", **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": (customer or self.customer).id,
                "commitment_date": promise,
                "order_line": [(0, 0, {"product_id": self.pump.id, "price_unit": price, "tax_ids": False})],
                **values,
            }
        )
        order.action_confirm()
        return order

    # ------------------------------------------------------------------ the score and its words
    def test_a_strategic_customers_big_order_due_today_comes_first_and_says_why(self):
        with freeze_time(NOW):
            exception = self._open(self._order(price=12400), times=3)
            self.env.flush_all()
            self.assertEqual(
                exception.priority_reason,
                f"Strategic customer, {self._format(12400)} at risk, 6 hours to the promise, warning, seen 3 times.",
            )
            self.assertEqual(exception.priority_points, "customer 25, value 12, promise 23, severity 10, repeats 2")
            self.assertEqual(exception.priority_score, 73)

    def _format(self, amount):
        from odoo.tools import format_amount

        return format_amount(self.env, amount, self.company.currency_id)

    def test_the_workbench_starts_with_what_is_most_urgent_whatever_is_more_severe(self):
        with freeze_time(NOW):
            small = self._order(self.env["res.partner"].create({"name": "Corner shop"}), 5, "2026-06-01 10:00:00")
            late = self._open(small, "quality_hold") | self._open(self._order(price=20000))
            found = self.exceptions.search([("id", "in", late.ids)])
        self.assertEqual(found.mapped("severity"), ["warning", "blocking"])
        self.assertGreater(found[0].priority_score, found[1].priority_score)

    def test_it_follows_what_it_is_made_of(self):
        with freeze_time(NOW):
            order = self._order()
            exception = self._open(order)
            scores = [exception.priority_score]
            exception.severity = "blocking"
            scores.append(exception.priority_score)
            self._open(order, times=2)
            scores.append(exception.priority_score)
            order.order_line.price_unit = 30000
            scores.append(exception.priority_score)
            self.assertEqual(scores, sorted(set(scores)))
            self.customer.visibility_tier = "key"
            self.assertEqual(exception.priority_score, scores[-1] - 10)
            order.commitment_date = "2026-05-02 10:00:00"
            self.assertLess(exception.priority_score, scores[-1] - 30)

    def test_it_rises_as_the_promise_comes_nearer_and_only_what_changed_is_written(self):
        with freeze_time(NOW):
            near = self._open(self._order(promise="2026-03-03 10:00:00"))
            far = self._open(self._order(promise="2026-07-03 10:00:00"))
            self.env.flush_all()
            before = (near.priority_score, far.priority_score)
        self.env.cr.execute(
            "UPDATE visibility_exception SET write_date = '2020-01-01' WHERE id IN %s", [(near | far)._ids]
        )
        self.env.invalidate_all()
        with freeze_time("2026-03-03 09:00:00"), self.enter_registry_test_mode():
            self.env.ref("distribution_visibility.ir_cron_refresh_priorities").method_direct_trigger()
        self.assertGreater(near.priority_score, before[0])
        self.assertEqual(far.priority_score, before[1])
        self.assertEqual(far.write_date.year, 2020, "nothing changed, so nothing was written")

    def test_what_is_closed_keeps_the_score_it_had(self):
        with freeze_time(NOW):
            exception = self._open(self._order())
            score = exception.priority_score
            exception.action_resolve()
            self.customer.visibility_tier = False
            self.assertEqual(exception.priority_score, score)

    def test_a_delivered_shipments_promise_is_not_pressing_any_more(self):
        delivery = self._create_delivery("1Z1")
        self._tell(self.easypost, self._tracker("1Z1", ("delivered", "delivered", self._ago(hours=4), "There")))
        self._tell(self.easypost, self._tracker("1Z1", ("error", "lost", self._ago(hours=1), "Lost")))
        exception = delivery.visibility_exception_ids
        self.assertNotIn("promise", exception.priority_reason)

    # ------------------------------------------------------------------ value at risk
    def test_orders_in_several_currencies_add_up_in_the_companys(self):
        currency = self.env["res.currency"].create({"name": "XDV", "symbol": "X"})
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2020-01-01", "rate": 4, "company_id": self.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Foreign", "currency_id": currency.id})
        foreign = self._order(price=4000, pricelist_id=pricelist.id)
        home = self._order(price=500)
        shipment = self.env["visibility.shipment"].create(
            {"number": "1Z5", "picking_ids": [(6, 0, (foreign | home).picking_ids.ids)]}
        )
        self.assertEqual(self._open(shipment, "damaged").value_at_risk, 1500)

    def test_a_receipt_is_worth_what_waits_for_it_and_ranks_by_whose_that_is(self):
        self.env.ref("stock.route_warehouse0_mto").active = True
        routes = self.env.ref("stock.route_warehouse0_mto") | self.env.ref("purchase_stock.route_warehouse0_buy")
        self.pump.write({"route_ids": [(6, 0, routes.ids)], "seller_ids": [(0, 0, {"partner_id": self.supplier.id})]})
        order = self._order(price=9000)
        purchase = self.env["purchase.order"].search([("partner_id", "=", self.supplier.id)])
        purchase.button_confirm()
        exception = self._open(purchase, "receipt_overdue")
        self.assertFalse(exception.sale_order_ids)
        self.assertEqual(exception.value_at_risk, 9000)
        self.assertEqual(exception.promised_at, order.visibility_promise_at)
        self.assertIn("Strategic customer", exception.priority_reason)

    def test_a_purchase_that_nothing_waits_for_is_worth_itself(self):
        self.assertEqual(self._open(self._create_purchase(), "receipt_overdue").value_at_risk, 400)

    def test_an_invoice_is_worth_itself_not_the_order_behind_it(self):
        order = self._order(price=1000)
        order.order_line.product_id.invoice_policy = "order"
        order.order_line.price_unit = 1000
        invoice = order._create_invoices()
        invoice.invoice_line_ids.price_unit = 250
        self.assertEqual(self._open(invoice, "payment_overdue").value_at_risk, 250)

    def test_a_transfer_without_any_order_is_worth_the_goods_at_cost(self):
        self.pump.standard_price = 30
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": warehouse.out_type_id.id,
                "location_id": warehouse.lot_stock_id.id,
                "location_dest_id": self.customer.property_stock_customer.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.pump.id,
                            "product_uom_qty": 7,
                            "location_id": warehouse.lot_stock_id.id,
                            "location_dest_id": self.customer.property_stock_customer.id,
                        },
                    )
                ],
            }
        )
        self.assertEqual(self._open(picking, "warehouse_late").value_at_risk, 210)

    # ------------------------------------------------------------------ weights
    def test_a_manager_who_changes_the_points_sees_it_at_once(self):
        with freeze_time(NOW):
            exception = self._open(self._order())
            before = exception.priority_score
            manager = new_test_user(self.env, "weigher", "distribution_visibility.group_manager")
            self.env.ref("distribution_visibility.priority_weight_tier_strategic").with_user(manager).points = 5
            self.assertEqual(exception.priority_score, before - 20)

    def test_a_company_may_have_weights_of_its_own(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["visibility.priority.weight"].create({"code": "tier_key", "points": 99, "company_id": other.id})
        weights = self.env["visibility.priority.weight"]
        self.assertEqual(weights._get_weights(other.id)["tier_key"].points, 99)
        self.assertEqual(weights._get_weights(self.company.id)["tier_key"].points, 15)
        self.assertEqual(weights._get_weights(other.id)["value"].points, 25)

    def test_only_managers_change_the_points(self):
        weight = self.env.ref("distribution_visibility.priority_weight_value")
        user = self._create_user("no-weigher", "distribution_visibility.group_coordinator")
        with self.assertRaises(AccessError):
            weight.with_user(user).points = 1

    # ------------------------------------------------------------------ ten thousand at once
    def _count_queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_opening_many_takes_no_query_more_for_each(self):
        few = self.env["sale.order"].union(*(self._order() for _number in range(20)))
        many = self.env["sale.order"].union(*(self._order() for _number in range(40)))
        self._open(self._order())
        counts = [self._count_queries(lambda orders=orders: self._open(orders)) for orders in (few, many)]
        self.assertLessEqual(counts[1], counts[0] + 3, counts)
        again = [self._count_queries(lambda orders=orders: self._open(orders)) for orders in (few, many)]
        self.assertLessEqual(again[1], again[0] + 3, again)

    def test_scoring_many_takes_no_query_more_for_each(self):
        orders = self.env["sale.order"].union(*(self._order() for _number in range(20)))
        exceptions = self._open(orders) | self._open(orders, "backorder")
        few, many = exceptions[:10], exceptions
        soon = fields.Datetime.now() + timedelta(days=9000)
        with freeze_time(soon):
            counts = [self._count_queries(lambda some=some: some._refresh_stakes()) for some in (few, many)]
        self.assertLessEqual(counts[1], counts[0] + 1, counts)
