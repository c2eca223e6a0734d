from datetime import timedelta

from odoo.tests import tagged

from ...respond.supply.supply_case import SupplyCase


@tagged("post_install", "-at_install")
class TestReceiptUnits(SupplyCase):
    """What was announced is counted as it was ordered: in dozens, in kits; and whenever the notice comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit, cls.dozen = cls.env.ref("uom.product_uom_unit"), cls.env.ref("uom.product_uom_dozen")
        cls.pump.uom_id = cls.unit

    def _buy_in(self, unit, quantity):
        line = {"product_id": self.pump.id, "product_qty": quantity, "product_uom_id": unit.id, "price_unit": 40}
        return self._buy(1, order_line=[(0, 0, {**line, "date_planned": self._day(1)})])

    def _announce(self, order, *lines, number="DA-1", **data):
        data = {"despatch_number": number, "order": order.name, "lines": list(lines), **data}
        return self._tell(self.canonical, self._canonical("supplier.despatch_advice", data))

    def _receive_goods(self, receipt, **quantities):
        """Validate a receipt; quantities by the name of the product, in the unit of its move."""
        for move in receipt.move_ids:
            move.quantity = quantities.get(move.product_id.name, move.product_uom_qty)
        receipt.move_ids.picked = True
        receipt.with_context(skip_backorder=True).button_validate()

    def _get_exceptions(self, receipt):
        return receipt.visibility_exception_ids.filtered(
            lambda one: one.category_id.code == "receipt_or_asn_discrepancy"
        )

    def assertCompared(self, receipt, *rows):
        found = receipt.visibility_comparison_ids.sorted("id")
        told = [(row.product_id.name, row.ordered, row.announced, row.received, row.kind) for row in found]
        self.assertEqual(told, list(rows))

    # ------------------------------------------------------------------ units
    def test_three_dozen_announced_and_three_dozen_received_is_no_matter(self):
        order = self._buy_in(self.dozen, 3)
        receipt = order.picking_ids
        self.assertEqual(sum(receipt.move_ids.mapped("product_qty")), 36)
        self._announce(order, {"line": "1", "quantity": 3})
        self._receive_goods(receipt)
        self.assertFalse(self._get_exceptions(receipt))
        self.assertCompared(receipt, ("Pump", 3, 3, 3, False))
        self.assertEqual(receipt.visibility_comparison_ids.product_uom_id, self.dozen)

    def test_a_dozen_too_few_is_told_in_dozens(self):
        order = self._buy_in(self.dozen, 3)
        self._announce(order, {"line": "1", "quantity": 3})
        self._receive_goods(order.picking_ids, Pump=order.picking_ids.move_ids.product_uom_qty * 2 / 3)
        exception = self._get_exceptions(order.picking_ids)
        dozen = self.dozen.name
        expected = f"[PUMP-1] Pump: 2 {dozen} received, 3 {dozen} announced, 3 {dozen} ordered"
        self.assertEqual((exception.reason, exception.reason_code), (expected, "short"))

    def test_a_supplier_that_counts_pieces_announces_as_much_as_one_that_counts_dozens(self):
        for came, kind in ((3, False), (2, "short")):
            order = self._buy_in(self.dozen, 3)
            self._announce(order, {"line": "1", "quantity": 36}, number=f"DA-{came}")
            receipt = order.picking_ids
            self._receive_goods(receipt, Pump=receipt.move_ids.product_uom_qty * came / 3)
            self.assertCompared(receipt, ("Pump", 3, 3, came, kind))

    def test_two_lines_of_one_product_in_two_units_are_added_up(self):
        order = self._buy_in(self.dozen, 1)
        line = {"product_id": self.pump.id, "product_qty": 6, "price_unit": 4, "product_uom_id": self.unit.id}
        order.write({"order_line": [(0, 0, line)]})
        self._announce(order, {"line": "1", "quantity": 1}, {"line": "2", "quantity": 6})
        self._receive_goods(order.picking_ids)
        self.assertCompared(order.picking_ids, ("Pump", 1.5, 1.5, 1.5, False))

    def test_what_goes_back_is_counted_in_dozens_too(self):
        order = self._buy_in(self.dozen, 3)
        receipt = order.picking_ids
        self._announce(order, {"line": "1", "quantity": 2})
        self._receive_goods(receipt)
        self.assertEqual(self._get_exceptions(receipt).reason_code, "over")
        wizard = self.env["stock.return.picking"].with_context(active_model="stock.picking", active_id=receipt.id)
        wizard = wizard.create({"picking_id": receipt.id})
        wizard.product_return_moves.quantity = receipt.move_ids.quantity / 3
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        self._receive_goods(back)
        self.assertEqual(self._get_exceptions(receipt).state, "resolved")
        self.assertCompared(receipt, ("Pump", 3, 2, 2, False))

    # ------------------------------------------------------------------ kits
    def _buy_kit(self, quantity, per_kit):
        """An order for kits that come as their parts, as manufacturing makes them of it; gives order and receipt."""
        kit = self.env["product.product"].create({"name": "Kit", "type": "consu", "default_code": "KIT"})
        order = self._buy(1, quantity=quantity, product=kit)
        receipt, line = order.picking_ids, order.order_line
        whole = receipt.move_ids
        for name, count in per_kit.items():
            part = self.env["product.product"].create({"name": name, "type": "consu", "default_code": name.upper()})
            whole.copy({"product_id": part.id, "product_uom_qty": count * quantity, "picking_id": receipt.id})
        whole._action_cancel()
        whole.unlink()
        receipt.action_confirm()
        self.assertEqual(receipt.move_ids.purchase_line_id, line)
        return order, receipt

    def _count_kits(self, count):
        """What Odoo counts as received of a line of kits."""
        self.patch(
            type(self.env["purchase.order.line"]), "_compute_qty_received",
            lambda lines: lines.filtered("product_id").update({"qty_received": count}),
        )  # fmt: skip
        self.env.add_to_compute(
            self.env["purchase.order.line"]._fields["qty_received"], self.env["purchase.order.line"].search([])
        )

    def test_kits_that_were_announced_and_came_are_no_matter(self):
        order, receipt = self._buy_kit(3, {"Body": 1, "Screw": 4})
        self._announce(order, {"line": "1", "product": "KIT", "quantity": 3})
        self._count_kits(3)
        self._receive_goods(receipt)
        self.assertFalse(self._get_exceptions(receipt))
        self.assertCompared(receipt, ("Kit", 3, 3, 3, False))

    def test_a_kit_too_few_is_one_difference_and_told_in_kits(self):
        order, receipt = self._buy_kit(3, {"Body": 1, "Screw": 4})
        self._announce(order, {"line": "1", "product": "KIT", "quantity": 3})
        self._count_kits(2)
        self._receive_goods(receipt, Body=2, Screw=8)
        self.assertEqual(self._get_exceptions(receipt).reason, "[KIT] Kit: 2 received, 3 announced, 3 ordered")

    def test_a_notice_that_names_the_parts_of_a_kit_is_compared_part_by_part(self):
        order, receipt = self._buy_kit(3, {"Body": 1, "Screw": 4})
        self._announce(order, {"product": "BODY", "quantity": 3}, {"product": "SCREW", "quantity": 12})
        self._count_kits(2)
        self._receive_goods(receipt, Screw=10)
        self.assertCompared(receipt, ("Body", 3, 3, 3, False), ("Screw", 12, 12, 10, "short"))

    def test_another_product_than_the_one_ordered_is_still_the_wrong_one(self):
        order = self._buy(1)
        valve = self.env["product.product"].create({"name": "Valve", "type": "consu"})
        self._announce(order, {"line": "1", "quantity": 10})
        order.picking_ids.move_ids.product_id = valve
        self._receive_goods(order.picking_ids)
        kinds = {row.product_id: row.kind for row in order.picking_ids.visibility_comparison_ids}
        self.assertEqual(kinds, {self.pump: "short", valve: "wrong"})

    # ------------------------------------------------------------------ after the goods
    def test_a_notice_after_the_goods_belongs_to_their_receipt_and_is_compared_at_once(self):
        order = self._buy(1)
        receipt = order.picking_ids
        self._receive_goods(receipt, Pump=8)
        order.picking_ids.filtered(lambda one: one.state != "done").action_cancel()
        message = self._announce(order, {"line": "1", "quantity": 10})
        shipment = receipt.visibility_shipment_ids
        self.assertEqual((shipment.number, shipment.direction), ("DA-1", "inbound"))
        self.assertFalse(shipment.is_unmatched or message.is_unmatched)
        exception = self._get_exceptions(receipt)
        self.assertEqual(exception.reason, "[PUMP-1] Pump: 8 received, 10 announced, 10 ordered")
        self._announce(order, {"line": "1", "quantity": 8}, sequence="2")
        self.assertEqual(exception.state, "resolved")

    def test_a_notice_that_is_taken_back_takes_its_comparison_along(self):
        order = self._buy(1)
        receipt = order.picking_ids
        self._receive_goods(receipt)
        data = {"despatch_number": "DA-1", "order": order.name, "lines": [{"line": "1", "quantity": 12}]}
        self._tell(self.canonical, self._canonical("supplier.despatch_advice", data, "n1"))
        exception = self._get_exceptions(receipt)
        self.assertEqual(exception.reason_code, "short")
        self._tell(self.canonical, self._canonical("shipment.retraction", {"event_id": "n1"}))
        self.assertEqual(exception.state, "resolved")
        self.assertFalse(receipt.visibility_comparison_ids)

    def test_of_two_receipts_a_late_notice_belongs_to_the_one_that_brought_what_it_says(self):
        order = self._buy(1)
        first = order.picking_ids
        self._receive_goods(first, Pump=6)
        rest = order.picking_ids - first
        shipped = f"{first.date_done - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
        self._announce(order, {"line": "1", "quantity": 6}, shipped_at=shipped)
        self.assertEqual(first.visibility_shipment_ids.number, "DA-1")
        self.assertFalse(rest.visibility_shipment_ids)
        self.assertFalse(self._get_exceptions(first))
        self._announce(order, {"line": "1", "quantity": 4}, number="DA-2", shipped_at=shipped)
        self.assertEqual(rest.visibility_shipment_ids.number, "DA-2")

    def test_a_late_notice_never_takes_a_receipt_that_another_one_announced(self):
        order = self._buy(1)
        first = order.picking_ids
        self._announce(order, {"line": "1", "quantity": 6})
        self._receive_goods(first, Pump=6)
        rest = order.picking_ids - first
        self._receive_goods(rest)
        shipped = f"{first.date_done - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
        self._announce(order, {"line": "1", "quantity": 4}, number="DA-2", shipped_at=shipped)
        self.assertEqual(first.visibility_shipment_ids.mapped("number"), ["DA-1"])
        self.assertEqual(rest.visibility_shipment_ids.mapped("number"), ["DA-2"])
        self.assertEqual(self._get_exceptions(first | rest).mapped("state"), ["resolved"], "it was more than announced")
