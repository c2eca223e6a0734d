from odoo.tests import tagged

from ...respond.supply.supply_case import SupplyCase


@tagged("post_install", "-at_install")
class TestReceiptComparison(SupplyCase):
    """What a supplier announced is held against what came."""

    def setUp(self):
        super().setUp()
        self.order = self._buy(1)
        self.receipt = self.order.picking_ids

    def _announce(self, *lines, number="DA-1", **data):
        data = {"despatch_number": number, "order": self.order.name, "lines": list(lines), **data}
        self._tell(self.canonical, self._canonical("supplier.despatch_advice", data))

    def _receive_goods(self, quantity, receipt=None):
        receipt = receipt or self.receipt
        receipt.move_ids.filtered(lambda move: move.product_id == self.pump).quantity = quantity
        receipt.with_context(skip_backorder=True).button_validate()

    def _get_exception(self):
        return self.receipt.visibility_exception_ids.filtered(
            lambda one: one.category_id.code == "receipt_or_asn_discrepancy"
        )

    def test_what_was_announced_and_came_is_no_matter(self):
        self._announce({"line": "1", "quantity": 10})
        self._receive_goods(10)
        self.assertFalse(self._get_exception())
        row = self.receipt.visibility_comparison_ids
        self.assertEqual((row.ordered, row.announced, row.received, row.kind), (10, 10, 10, False))

    def test_less_than_announced_is_one_exception_that_the_rest_clears(self):
        self._announce({"product": "PUMP-1", "quantity": 10})
        self._receive_goods(8)
        exception = self._get_exception()
        self.assertEqual(exception.reason, "[PUMP-1] Pump: 8 received, 10 announced, 10 ordered")
        self.assertEqual((exception.reason_code, exception.responsible_party), ("short", "supplier"))
        self.assertIn(self.order, exception.purchase_order_ids)
        self.assertEqual(exception.receipt_comparison_ids, self.receipt.visibility_comparison_ids)
        self._receive_goods(2, self.receipt.backorder_ids)
        self.assertEqual(exception.state, "resolved")
        self.assertEqual(self.receipt.visibility_comparison_ids.received, 10)

    def test_more_than_announced_is_cleared_by_sending_it_back(self):
        self._announce({"line": "1", "quantity": 10})
        self._receive_goods(12)
        exception = self._get_exception()
        self.assertEqual((exception.reason_code, exception.state), ("over", "new"))
        wizard = self.env["stock.return.picking"].with_context(active_model="stock.picking", active_id=self.receipt.id)
        wizard = wizard.create({"picking_id": self.receipt.id})
        wizard.product_return_moves.quantity = 2
        action = wizard.action_create_returns()
        back = self.env["stock.picking"].browse(action["res_id"])
        back.move_ids.quantity = 2
        back.button_validate()
        self.assertEqual(exception.state, "resolved")

    def test_part_of_an_order_that_was_announced_so_is_no_matter(self):
        self._announce({"line": "1", "quantity": 6})
        self._receive_goods(6)
        self.assertFalse(self._get_exception())

    def test_a_product_that_is_not_on_the_notice_and_one_that_nobody_ordered(self):
        valve = self.env["product.product"].create({"name": "Valve", "is_storable": True})
        hose = self.env["product.product"].create({"name": "Hose", "is_storable": True})
        self.order.write({"order_line": [(0, 0, {"product_id": valve.id, "product_qty": 3, "price_unit": 5})]})
        self._announce({"line": "1", "quantity": 10})
        self.receipt.move_ids.filtered(lambda move: move.product_id == valve).quantity = 3
        self.env["stock.move"].create(
            {
                "product_id": hose.id, "product_uom_qty": 1, "quantity": 1, "picking_id": self.receipt.id,
                "location_id": self.receipt.location_id.id, "location_dest_id": self.receipt.location_dest_id.id,
            }
        )  # fmt: skip
        self._receive_goods(10)
        kinds = {row.product_id: row.kind for row in self.receipt.visibility_comparison_ids}
        self.assertEqual(kinds, {self.pump: False, valve: "not_announced", hose: "wrong"})
        self.assertIn("Hose: 1 received, neither ordered nor announced", self._get_exception().reason)

    def test_an_announced_product_that_is_none_of_ours_is_told_in_the_suppliers_words(self):
        self._announce({"line": "1", "quantity": 10}, {"product": "XK-9", "line": "7", "quantity": 2})
        self._receive_goods(10)
        self.assertIn("XK-9: 0 received, 2 announced, 0 ordered", self._get_exception().reason)

    def test_of_two_notices_only_what_can_be_here_counts(self):
        self._announce({"line": "1", "quantity": 6}, eta=self._iso(-1))
        self._announce({"line": "1", "quantity": 4}, number="DA-2", eta=self._iso(5))
        self._receive_goods(6)
        self.assertFalse(self._get_exception())
        self._receive_goods(4, self.receipt.backorder_ids)
        self.assertFalse(self._get_exception())

    def test_a_cancelled_notice_announces_nothing(self):
        self._announce({"line": "1", "quantity": 12})
        self._announce({"line": "1", "quantity": 12}, is_cancelled=True)
        self._receive_goods(10)
        self.assertFalse(self._get_exception() or self.receipt.visibility_comparison_ids)

    def test_a_receipt_without_a_notice_costs_one_query(self):
        self._receive_goods(10)
        comparison = self.env["visibility.receipt.comparison"]
        comparison._compare(self.receipt)
        self.env.flush_all()
        with self.assertQueryCount(1):
            comparison._compare(self.receipt)
        self.assertFalse(self.receipt.visibility_comparison_ids)

    def test_a_warehouse_worker_without_visibility_rights_can_receive(self):
        self._announce({"line": "1", "quantity": 10})
        worker = self._create_user("visibility-worker", "stock.group_stock_user")
        self.receipt.move_ids.quantity = 8
        self.receipt.with_user(worker).with_context(skip_backorder=True).button_validate()
        self.assertTrue(self._get_exception())
        self.assertEqual(self.receipt.with_user(worker).visibility_comparison_ids.kind, "short")

    def test_another_companys_people_see_nothing_of_it(self):
        self._announce({"line": "1", "quantity": 10})
        self._receive_goods(8)
        other = self.env["res.company"].create({"name": "Another company"})
        stranger = self._create_user("visibility-stranger", "stock.group_stock_user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        rows = self.env["visibility.receipt.comparison"].with_user(stranger)
        self.assertFalse(rows.search([("picking_id", "=", self.receipt.id)]))
