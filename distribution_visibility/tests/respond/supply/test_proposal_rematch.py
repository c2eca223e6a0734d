from odoo.exceptions import UserError
from odoo.tests import tagged

from .supply_case import SupplyCase


@tagged("post_install", "-at_install")
class TestProposalRematch(SupplyCase):
    """What was decided is taken back on the order line that it was decided for."""

    def setUp(self):
        super().setUp()
        self.order = self._buy(5)
        self.other = self.env["purchase.order.line"].create(
            {"order_id": self.order.id, "product_id": self.pump.id, "product_qty": 3, "price_unit": 70}
        )
        self.line = self.order.order_line - self.other
        proposal = self._answer(self.order, {"line": "1", "promised_at": self._iso(9), "unit_price": 44})
        self.proposed = proposal.line_ids
        self.assertEqual(self.proposed.purchase_line_id, self.line)
        self.proposed.with_user(self.buyer).action_accept()

    def test_a_decided_line_is_not_matched_anew(self):
        with self.assertRaisesRegex(UserError, "decided"):
            self.proposed.with_user(self.buyer).purchase_line_id = self.other
        self.assertEqual(self.proposed.purchase_line_id, self.line)

    def test_taking_back_writes_to_the_line_that_was_changed(self):
        self.proposed.sudo().purchase_line_id = self.other
        before = self.other.date_planned
        self.proposed.change_ids.filtered("can_revert").with_user(self.buyer).action_revert()
        self.assertEqual((self.line.price_unit, self.line.date_planned), (40, self._day(5)))
        self.assertEqual((self.other.price_unit, self.other.date_planned), (70, before))
