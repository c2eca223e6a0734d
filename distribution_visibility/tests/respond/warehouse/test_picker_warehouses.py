from odoo.exceptions import UserError
from odoo.tests import tagged

from .picking_case import PickingCase


@tagged("post_install", "-at_install")
class TestPickerWarehouses(PickingCase):
    """Two warehouses with a picker each, a lead of both, and a helper who is named nowhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.east = cls.warehouse
        cls.west = cls.env["stock.warehouse"].create({"name": "West", "code": "WST", "company_id": cls.company.id})
        cls.env["stock.quant"]._update_available_quantity(cls.pump, cls.west.lot_stock_id, 100)
        cls.west_picker = cls._create_user("picker-of-the-west", "stock.group_stock_user")
        cls.east.visibility_picker_ids = cls.picker
        cls.west.visibility_picker_ids = cls.west_picker

    def setUp(self):
        super().setUp()
        self.in_east, self.in_west = self._deliver(), self._deliver(warehouse_id=self.west.id)

    def test_a_picker_sees_the_transfers_of_their_own_warehouse_alone(self):
        self.assertEqual(self._list(self.picker), self.in_east)
        self.assertEqual(self._list(self.west_picker), self.in_west)

    def test_who_is_named_nowhere_sees_all(self):
        helper = self._create_user("helper", "stock.group_stock_user")
        for user in (self.lead, helper):
            self.assertEqual(self._list(user), self.in_east | self.in_west, user.login)

    def test_who_picks_in_both_sees_both(self):
        self.west.visibility_picker_ids |= self.picker
        self.assertEqual(self._list(self.picker), self.in_east | self.in_west)

    def test_nobody_takes_or_moves_what_lies_in_the_other_warehouse(self):
        theirs = self.in_east.with_user(self.west_picker)
        with self.assertRaisesRegex(UserError, "another warehouse"):
            theirs.action_visibility_take()
        for what in ("star", "ahead", "back", "give"):
            with self.subTest(what=what), self.assertRaisesRegex(UserError, "another warehouse"):
                self._move(self.in_east, what, user=self.west_picker, user_id=self.west_picker.id)
        self.assertFalse(self.in_east.user_id)
        self.in_west.with_user(self.west_picker).action_visibility_take()
        self.assertEqual(self.in_west.user_id, self.west_picker)

    def test_a_lead_may_lend_somebody_to_the_other_warehouse(self):
        self._move(self.in_east, "give", user_id=self.west_picker.id)
        self.assertEqual(self.in_east.user_id, self.west_picker)
