from datetime import timedelta

from odoo.tests import tagged

from .supply_case import SupplyCase


@tagged("post_install", "-at_install")
class TestAgreedValues(SupplyCase):
    """What a person agreed to is written, and nothing else: Odoo's price list and lead time stay out of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dollar = cls.env.ref("base.USD")
        cls.euro = cls.env.ref("base.EUR")
        (cls.dollar | cls.euro).active = True
        cls.pump.seller_ids = [
            (0, 0, {"partner_id": cls.supplier.id, "price": price, "min_qty": least, "delay": 30, "discount": discount})
            for price, least, discount in ((7, 95, 5), (10, 0, 0))
        ]

    def _buy_by_list(self, **values):
        """100 pieces at the better price of the list, promised for the day that was agreed by telephone."""
        line = {"product_id": self.pump.id, "product_qty": 1, "tax_ids": False}
        order = self.env["purchase.order"].create(
            {"partner_id": self.supplier.id, "user_id": self.buyer.id, "order_line": [(0, 0, line)], **values}
        )
        # As in the form, where the list's price comes with the quantity
        order.order_line.product_qty = 100
        order.order_line.date_planned = self._day(10)
        order.button_confirm()
        return order

    def _read(self, line):
        self.env.flush_all()
        line.invalidate_recordset()
        return (line.product_qty, line.price_unit, line.discount, line.date_planned)

    def test_odoo_itself_takes_the_price_list_again_when_a_quantity_is_written(self):
        """The characterization of what core does, which is why our writes keep what was agreed."""
        line = self._buy_by_list().order_line
        self.assertEqual(self._read(line), (100, 7, 5, self._day(10)))
        line.product_qty = 90
        self.assertEqual(self._read(line), (90, 10, 0, line.order_id.date_order + timedelta(days=30)))

    def test_a_smaller_quantity_that_is_accepted_keeps_price_discount_and_day(self):
        order = self._buy_by_list()
        proposal = self._answer(order, {"line": "1", "status": "quantity_changed", "quantity": 90})
        proposal.with_user(self.buyer).action_accept_all()
        self.assertEqual(self._read(order.order_line), (90, 7, 5, self._day(10)))
        self.assertEqual(proposal.change_ids.text, "Quantity: 100 → 90")
        self.assertEqual(order.order_line.visibility_promise_ids.mapped("promised_at"), [self._day(10)])
        self.assertEqual(order.order_line.move_ids.product_uom_qty, 90)

    def test_taken_back_it_is_as_it_was(self):
        order = self._buy_by_list()
        line = order.order_line
        proposal = self._answer(order, {"line": "1", "quantity": 90, "unit_price": 8}).with_user(self.buyer)
        proposal.action_accept_all()
        self.assertEqual(self._read(line), (90, 8, 5, self._day(10)))
        proposal.line_ids.action_revert()
        self.assertEqual(self._read(line), (100, 7, 5, self._day(10)))
        self.assertEqual(line.visibility_promise_ids.mapped("promised_at"), [self._day(10)])
        self.assertEqual(sum(line.move_ids.filtered(lambda m: m.state != "cancel").mapped("product_uom_qty")), 100)

    def test_a_larger_quantity_does_not_bring_the_better_price_of_the_list(self):
        order = self._buy_by_list()
        order.order_line.write({"product_qty": 50, "price_unit": 9, "date_planned": self._day(10)})
        order.order_line.technical_price_unit = 9
        proposal = self._answer(order, {"line": "1", "quantity": 100}).with_user(self.buyer)
        proposal.action_accept_all()
        self.assertEqual(self._read(order.order_line)[:2], (100, 9))
        proposal.line_ids.action_revert()
        self.assertEqual(self._read(order.order_line)[:2], (50, 9))

    def test_a_price_typed_by_hand_stays_typed_by_hand(self):
        order = self._buy_by_list()
        line = order.order_line
        line.price_unit = 6.5
        proposal = self._answer(order, {"line": "1", "quantity": 90}).with_user(self.buyer)
        proposal.action_accept_all()
        self.assertEqual(self._read(line), (90, 6.5, 5, self._day(10)))
        proposal.line_ids.action_revert()
        self.assertEqual((*self._read(line), line.technical_price_unit), (100, 6.5, 5, self._day(10), 7))

    def test_a_price_in_the_suppliers_currency_is_kept_to_the_cent(self):
        other = self.euro if self.company.currency_id == self.dollar else self.dollar
        order = self._buy_by_list(currency_id=other.id)
        price = order.order_line.price_unit
        self._answer(order, {"line": "1", "quantity": 90}).with_user(self.buyer).action_accept_all()
        self.assertEqual(self._read(order.order_line)[:2], (90, price))

    def test_what_was_received_in_part_is_lowered_at_the_agreed_price(self):
        order = self._buy_by_list()
        order.picking_ids.move_ids.quantity = 30
        order.picking_ids.with_context(skip_backorder=True).button_validate()
        self._answer(order, {"line": "1", "quantity": 60}).with_user(self.buyer).action_accept_all()
        line = order.order_line
        self.assertEqual(self._read(line), (60, 7, 5, self._day(10)))
        self.assertEqual(sorted(line.move_ids.mapped("product_uom_qty")), [30, 30])

    def test_in_three_steps_the_agreed_values_stay_too(self):
        self.warehouse.reception_steps = "three_steps"
        order = self._buy_by_list()
        proposal = self._answer(order, {"line": "1", "quantity": 90}).with_user(self.buyer)
        proposal.action_accept_all()
        self.assertEqual(self._read(order.order_line), (90, 7, 5, self._day(10)))
        proposal.line_ids.action_revert()
        self.assertEqual(self._read(order.order_line), (100, 7, 5, self._day(10)))

    def test_a_substitute_keeps_what_was_agreed_for_what_it_replaces_and_taken_back_changes_nothing_else(self):
        better = self.env["product.product"].create(
            {
                "name": "Better pump",
                "is_storable": True,
                "default_code": "P2",
                "seller_ids": [(0, 0, {"partner_id": self.supplier.id, "price": 99, "delay": 60})],
            }
        )
        order = self._buy_by_list()
        old = order.order_line
        proposal = self._answer(order, {"line": "1", "status": "substituted", "substitute": "P2"})
        proposal.with_user(self.buyer).action_accept_all()
        new = order.order_line - old
        self.assertEqual(new.product_id, better)
        self.assertEqual(self._read(old), (0, 7, 5, self._day(10)))
        self.assertEqual(self._read(new), (100, 7, 5, self._day(10)))
        proposal.line_ids.with_user(self.buyer).action_revert()
        self.assertEqual(self._read(old), (100, 7, 5, self._day(10)))
        self.assertEqual(self._read(new), (0, 7, 5, self._day(10)))

    def test_a_substitute_is_ordered_in_the_unit_of_what_it_replaces(self):
        self.env["product.product"].create({"name": "Better pump", "is_storable": True, "default_code": "P2"})
        order = self._buy(5)
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        proposal = self._answer(order, {"line": "1", "status": "substituted", "substitute": "P2"})
        proposal.with_user(self.buyer).action_accept_all()
        self.assertEqual(order.order_line[-1].product_uom_id, self.env.ref("uom.product_uom_dozen"))

    def test_a_day_that_odoo_works_out_anew_is_a_moved_promise_like_any_other(self):
        """Whoever writes a quantity: an import, a server action, another add-on."""
        line = self._buy_by_list().order_line
        line.product_qty = 90
        moved = line.date_planned
        self.assertNotEqual(moved, self._day(10))
        self.assertEqual(line.visibility_promise_ids.sorted("id").mapped("promised_at"), [self._day(10), moved])
        self.assertEqual(line.visibility_first_promise_at, self._day(10))
