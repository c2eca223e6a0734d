from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common import VisibilityCase


@tagged("post_install", "-at_install")
class TestPromise(VisibilityCase):
    """What was promised stays known, whatever Odoo does to its own dates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Datetime.now().replace(hour=12, minute=0, second=0, microsecond=0)
        cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        ).mto_pull_id.route_id.active = True
        cls.pump.write(
            {
                "route_ids": [
                    (4, cls.env.ref("purchase_stock.route_warehouse0_buy").id),
                    (4, cls.env.ref("stock.route_warehouse0_mto").id),
                ],
                "seller_ids": [(0, 0, {"partner_id": cls.supplier.id, "price": 40, "delay": 3})],
            }
        )

    def _day(self, days):
        return self.today + timedelta(days=days)

    def _sell(self, days):
        """A customer's order promised in so many days, made to order: gives it and its purchase order."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "commitment_date": self._day(days),
                "order_line": [(0, 0, {"product_id": self.pump.id, "product_uom_qty": 2, "price_unit": 100})],
            }
        )
        order.action_confirm()
        purchase = order.stock_reference_ids.purchase_ids
        purchase.order_line.date_planned = self._day(days - 1)
        purchase.button_confirm()
        return order, purchase

    # ------------------------------------------------------------------ customers
    def test_a_confirmed_order_keeps_what_the_customer_was_told(self):
        order, _purchase = self._sell(10)
        self.assertEqual(order.visibility_first_promise_at, self._day(10))
        self.assertEqual(order.order_line.visibility_first_promise_at, self._day(10))
        self.assertTrue(order.visibility_promise_ids.is_first)

    def test_what_replaces_an_order_is_measured_by_what_that_one_promised_first(self):
        """As a revision does, which OCA's add-on makes."""
        promised = self._day(5)
        for model in ("sale.order", "sale.order.line"):
            self.patch(type(self.env[model]), "_get_earlier_promise", lambda record: promised)
        order, _purchase = self._sell(10)
        for record in (order, order.order_line):
            kept = record.visibility_first_promise_at, record.visibility_promise_at
            self.assertEqual(kept, (promised, self._day(10)))
            history = record.visibility_promise_ids.sorted("id")
            rows = [(one.is_first, one.promised_at) for one in history]
            self.assertEqual(rows, [(True, promised), (False, self._day(10))])

    def test_a_line_with_a_day_of_its_own_is_promised_for_that_and_the_order_with_the_first(self):
        own = {"Pump": self._day(7), "Hose": self._day(12)}
        lines = type(self.env["sale.order.line"])
        self.patch(lines, "_get_own_date", lambda line: own.get(line.product_id.name, False))
        hose = self.env["product.product"].create({"name": "Hose", "type": "consu"})
        lines = [(0, 0, {"product_id": one.id, "price_unit": 5}) for one in (self.pump, hose)]
        for policy, promised in (("direct", self._day(7)), ("one", self._day(12))):
            order = self.env["sale.order"].create(
                {"partner_id": self.customer.id, "picking_policy": policy, "order_line": lines}
            )
            order.action_confirm()
            self.assertEqual(order.order_line.mapped("visibility_promise_at"), [self._day(7), self._day(12)])
            self.assertEqual(order.visibility_first_promise_at, promised)

    def test_a_quotation_promises_nothing(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "commitment_date": self._day(5)})
        self.assertFalse(order.visibility_promise_at or order.visibility_promise_ids)

    def test_a_new_date_is_kept_beside_the_first_with_who_and_why(self):
        order, _purchase = self._sell(10)
        agent = self._create_user("visibility-agent", "sales_team.group_sale_salesman_all_leads")
        order.with_user(agent).with_context(visibility_promise_reason="The customer asked").write(
            {"commitment_date": self._day(12)}
        )
        self.assertEqual(order.visibility_first_promise_at, self._day(10))
        self.assertEqual(order.visibility_promise_at, self._day(12))
        latest = order.visibility_promise_ids.sorted("id")[-1]
        self.assertEqual((latest.user_id, latest.reason, latest.days_moved), (agent, "The customer asked", 2))

    def test_writing_the_same_date_again_is_no_new_promise(self):
        order, _purchase = self._sell(10)
        order.commitment_date = self._day(10)
        self.assertEqual(len(order.visibility_promise_ids), 1)

    # ------------------------------------------------------------------ suppliers
    def test_odoo_itself_hides_a_suppliers_later_date(self):
        """Why we keep promises: the characterization of what core does (ODOO19 trap 1)."""
        order, purchase = self._sell(10)
        delivery, receipt = order.picking_ids, purchase.picking_ids
        before = (delivery.move_ids.date_deadline, receipt.move_ids.date)
        purchase.order_line.date_planned = self._day(20)
        self.assertEqual(receipt.move_ids.date, before[1], "the receipt's own date does not move")
        self.assertFalse(receipt.has_deadline_issue, "and the receipt is not late")
        self.assertGreater(delivery.move_ids.date_deadline, before[0], "while the customer's deadline drifts along")

    def test_a_suppliers_later_date_is_seen_on_the_purchase_order_and_its_receipt(self):
        _order, purchase = self._sell(10)
        purchase.order_line.date_planned = self._day(20)
        self.assertEqual(purchase.order_line.visibility_first_promise_at, self._day(9))
        exception = purchase.visibility_exception_ids
        self.assertEqual((exception.category_id.code, exception.responsible_party), ("late_risk", "supplier"))
        self.assertIn("Pump: promised for", exception.reason)
        self.assertTrue(purchase.visibility_is_at_risk and purchase.picking_ids.visibility_is_at_risk)

    def test_and_on_the_customers_order_that_waits_for_it(self):
        order, purchase = self._sell(10)
        purchase.order_line.date_planned = self._day(20)
        exception = order.visibility_exception_ids.filtered("is_open")
        self.assertEqual((exception.category_id.code, exception.res_model), ("late_risk", "purchase.order"))
        follows = exception.consequence_ids
        self.assertEqual((follows.res_model, follows.res_id), ("sale.order", order.id))
        self.assertIn(purchase.name, follows.reason)
        self.assertTrue(order.visibility_is_at_risk and order.picking_ids.visibility_is_at_risk)

    def test_a_date_that_still_keeps_the_customers_promise_puts_only_the_purchase_at_risk(self):
        order, purchase = self._sell(10)
        order.commitment_date = self._day(30)
        purchase.order_line.date_planned = self._day(12)
        self.assertTrue(purchase.visibility_is_at_risk)
        self.assertFalse(order.visibility_is_at_risk)

    def test_when_the_supplier_comes_back_to_the_promise_it_clears_itself(self):
        order, purchase = self._sell(10)
        purchase.order_line.date_planned = self._day(20)
        purchase.order_line.date_planned = self._day(9)
        self.assertFalse(purchase.visibility_is_at_risk or order.visibility_is_at_risk)
        self.assertEqual(
            set((purchase.visibility_exception_ids | order.visibility_exception_ids).mapped("state")), {"resolved"}
        )

    def test_a_buyer_without_visibility_rights_can_move_a_date(self):
        _order, purchase = self._sell(10)
        buyer = self._create_user("visibility-buyer", "purchase.group_purchase_user")
        purchase.order_line.with_user(buyer).date_planned = self._day(20)
        self.assertTrue(purchase.visibility_is_at_risk)
        self.assertEqual(purchase.order_line.visibility_promise_ids.sorted("id")[-1].user_id, buyer)

    # ------------------------------------------------------------------ moving a promise by hand
    def test_a_person_moves_a_promise_with_a_reason(self):
        order, purchase = self._sell(10)
        for document in (order, purchase):
            wizard = self.env["visibility.promise.wizard"].with_context(
                active_model=document._name, active_id=document.id
            )
            wizard.create({"promised_at": self._day(15), "reason": "Agreed by phone"}).action_confirm()
            self.assertEqual(document.visibility_promise_at, self._day(15))
            self.assertEqual(document.visibility_promise_ids.sorted("id")[-1].reason, "Agreed by phone")
        self.assertEqual(purchase.order_line.visibility_promise_ids.sorted("id")[-1].reason, "Agreed by phone")
