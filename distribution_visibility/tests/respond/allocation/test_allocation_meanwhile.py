from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from ..supply.supply_case import SupplyCase

ALLOCATION = "odoo.addons.distribution_visibility.models.respond.allocation.stock_picking"


@tagged("post_install", "-at_install")
class TestAllocationMeanwhile(SupplyCase):
    """Advice about who gets the goods never keeps anybody from putting them on stock."""

    def setUp(self):
        super().setUp()
        self._sell(9, quantity=5, customer=self.env["res.partner"].create({"name": "Corner Shop"}))
        self._sell(2, quantity=5)
        self.receipt = self._buy(0, quantity=6).picking_ids
        self.receipt.move_ids.quantity = 6
        self.allocations = self.registry["visibility.allocation"]

    @mute_logger("odoo.sql_db", ALLOCATION)
    def test_a_receipt_goes_through_when_another_one_has_just_written_the_same_proposal(self):
        # The other receipt has committed the proposal, and this transaction, older than that, does not see it
        self.env["visibility.allocation"].create({"product_id": self.pump.id, "warehouse_id": self.warehouse.id})
        blind = patch.object(self.allocations, "search", lambda records, *args, **kwargs: records.browse())
        with blind:
            self.receipt.button_validate()
        self.assertEqual(self.receipt.state, "done")
        # What is left is looked at a moment later, with the other one's proposal in sight
        self.env["visibility.follow.up"]._work_off()
        proposal = self.env["visibility.allocation"].search([("product_id", "=", self.pump.id)])
        self.assertEqual((len(proposal), proposal.available, proposal.wanted), (1, 6, 10))

    @mute_logger(ALLOCATION)
    def test_a_receipt_goes_through_whatever_is_wrong_with_the_advice(self):
        with patch.object(self.allocations, "_propose", side_effect=ValueError("Broken")):
            self.receipt.button_validate()
        self.assertEqual(self.receipt.state, "done")

    def test_a_conflict_between_transactions_is_left_to_odoo(self):
        broken = patch.object(self.allocations, "_propose", side_effect=SerializationFailure("again"))
        with broken, self.assertRaises(SerializationFailure):
            self.receipt.button_validate()
