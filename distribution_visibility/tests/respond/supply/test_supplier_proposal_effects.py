from odoo.tests import tagged

from .supply_case import SupplyCase


@tagged("post_install", "-at_install")
class TestSupplierProposalEffects(SupplyCase):
    """Whose promise would fall if the supplier had its way."""

    def test_a_later_date_shows_the_customer_who_waits_for_it(self):
        self._make_to_order()
        sale, purchase = self._sell_to_order(10)
        proposal = self._answer(purchase, {"line": "1", "promised_at": self._iso(13)})
        effect = proposal.effect_ids
        self.assertEqual((effect.sale_order_id, effect.supply, effect.tier), (sale, "order", "strategic"))
        self.assertTrue(effect.misses)
        self.assertEqual((proposal.affected_count, proposal.value_at_risk), (1, 200))
        self.assertIn(f"{sale.name} (General Hospital), by {effect.days_late} days", proposal.summary)
        exception = purchase.visibility_exception_ids
        self.assertEqual((exception.reason, exception.sale_order_ids), (proposal.summary, sale))
        self.assertEqual(exception.value_at_risk, 200)
        self.assertTrue(sale.visibility_is_at_risk)

    def test_a_date_that_still_keeps_the_promise_frightens_nobody(self):
        self._make_to_order()
        sale, purchase = self._sell_to_order(10)
        sale.commitment_date = self._day(30)
        proposal = self._answer(purchase, {"line": "1", "promised_at": self._iso(13)})
        self.assertEqual((proposal.effect_ids.effect, proposal.affected_count), ("Kept", 0))
        self.assertFalse(sale.visibility_is_at_risk)

    def test_a_rejection_leaves_the_customer_without_a_date(self):
        self._make_to_order()
        sale, purchase = self._sell_to_order(10)
        proposal = self._answer(purchase, status="rejected", note="Out of production")
        self.assertEqual(proposal.effect_ids.effect, "Missed, without a date")
        self.assertIn("without a new date", proposal.summary)
        reason = purchase.visibility_exception_ids.reason
        self.assertTrue(reason.startswith("Out of production"))
        self.assertIn(sale.name, reason)

    def test_goods_for_stock_reach_the_customers_that_stock_does_not_cover(self):
        self._put_on_stock(5)
        early, late = self._sell(4, quantity=5), self._sell(8, quantity=4, price=50)
        order = self._buy(7)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(12)})
        self.assertEqual(proposal.effect_ids.sale_order_id, late)
        effect = proposal.effect_ids
        self.assertEqual((effect.supply, effect.days_late, effect.value), ("stock", 4, 200))
        self.assertIn("by 4 days", proposal.summary)
        self.assertFalse(early.visibility_is_at_risk)

    def test_other_goods_that_come_in_time_save_the_promise(self):
        self._sell(8, quantity=4)
        order, _other = self._buy(7), self._buy(6, quantity=4)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(12)})
        self.assertFalse(proposal.effect_ids)
        self.assertEqual(proposal.summary, "No customer's order waits for it.")

    def test_a_smaller_quantity_reaches_the_last_in_the_row(self):
        first, last = self._sell(8, quantity=6), self._sell(9, quantity=4)
        proposal = self._answer(self._buy(7), {"line": "1", "quantity": 7})
        self.assertEqual(proposal.effect_ids.sale_order_id, last)
        self.assertNotIn(first.name, proposal.summary)

    def test_what_is_made_to_order_does_not_take_from_stock(self):
        self._make_to_order()
        _sale, purchase = self._sell_to_order(10, quantity=3)
        self.pump.route_ids = False
        from_stock = self._sell(8, quantity=4)
        stock_order = self._buy(7, quantity=4)
        proposal = self._answer(purchase, {"line": "1", "promised_at": self._iso(20)})
        self.assertNotIn(from_stock, proposal.effect_ids.sale_order_id)
        proposal = self._answer(stock_order, {"line": "1", "promised_at": self._iso(20)})
        self.assertEqual(proposal.effect_ids.sale_order_id, from_stock)

    def test_several_orders_are_told_in_one_sentence_with_the_worst(self):
        minor = self.env["res.partner"].create({"name": "Corner Shop"})
        self._sell(8, quantity=4), self._sell(10, quantity=2, customer=minor)
        proposal = self._answer(self._buy(7), {"line": "1", "promised_at": self._iso(12)})
        self.assertRegex(
            proposal.summary,
            r"2 customer orders with goods worth .*600.00.* would miss their promise; "
            r"the worst is S\d+ \(General Hospital\), by 4 days\.",
        )
        self.assertEqual((proposal.worst_tier, proposal.worst_days), ("strategic", 4))

    def test_value_at_risk_is_in_company_currency_whatever_was_sold_in(self):
        other = self.env.ref("base.EUR") if self.company.currency_id.name != "EUR" else self.env.ref("base.USD")
        other.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", other.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "company_id": self.company.id, "name": "2020-01-01", "rate": 2}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Abroad", "currency_id": other.id})
        self._sell(8, quantity=4, pricelist_id=pricelist.id)
        order = self._buy(7, currency_id=other.id)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(12), "unit_price": 44})
        self.assertEqual(proposal.value_at_risk, 200)
        self.assertEqual(proposal.line_ids.currency_id, other)

    def test_other_units_are_reckoned_in_the_products_unit(self):
        first, last = self._sell(8, quantity=12), self._sell(9, quantity=6)
        line = {
            "product_id": self.pump.id,
            "product_qty": 2,
            "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
            "price_unit": 480,
            "date_planned": self._day(7),
        }
        order = self._buy(7, order_line=[(0, 0, line)])
        proposal = self._answer(order, {"line": "1", "quantity": 1})
        self.assertEqual(proposal.effect_ids.sale_order_id, last, "one dozen is enough for the first")
        self.assertFalse(first.visibility_is_at_risk)

    def test_a_second_look_finds_what_has_changed_since(self):
        sale = self._sell(8, quantity=4)
        order = self._buy(7)
        proposal = self._answer(order, {"line": "1", "promised_at": self._iso(12)})
        self.assertEqual(proposal.affected_count, 1)
        self._put_on_stock(4)
        proposal.with_user(self.buyer).action_work_out()
        self.assertEqual(proposal.affected_count, 0)
        self.assertFalse(sale.visibility_is_at_risk)
        self.assertEqual(order.visibility_exception_ids.reason, proposal.summary)

    def test_when_it_is_decided_the_customers_order_is_not_at_risk_for_it(self):
        sale = self._sell(8, quantity=4)
        proposal = self._answer(self._buy(7), {"line": "1", "promised_at": self._iso(12)})
        self.assertTrue(sale.visibility_is_at_risk)
        proposal.line_ids._refuse("No")
        self.assertFalse(sale.visibility_is_at_risk)
