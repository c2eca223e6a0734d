from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_exception_handling import DELAYED, DELAYED_AGAIN, DELIVERED, HandlingCase


@tagged("post_install", "-at_install")
class TestExceptionSplit(HandlingCase):
    """One shipment, two orders, two people: a part of an exception goes to one of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rights = ("distribution_visibility.group_coordinator", "stock.group_stock_user")
        cls.splitter = cls._create_user("splitter", *rights, "sales_team.group_sale_salesman_all_leads")
        cls.first, cls.second = cls._create_delivery("1Z1"), cls._create_delivery("1Z1")
        cls._tell(cls.easypost, cls._tracker("1Z1", DELAYED))
        cls.whole = cls.first.visibility_shipment_ids.exception_ids

    def _split(self, user=None, **values):
        documents = {
            "picking_ids": [(6, 0, self.second.ids)],
            "sale_order_ids": [(6, 0, self.second.sale_id.ids)],
            **values,
        }
        context = {"active_model": "visibility.exception", "active_id": self.whole.id}
        wizard = self.env["visibility.split.wizard"].with_user(user or self.splitter).with_context(**context)
        return self.exceptions.browse(wizard.create(documents).action_confirm()["res_id"])

    def test_the_part_has_its_documents_its_owner_and_a_task_and_the_rest_stays(self):
        self.assertEqual(self.whole.picking_ids, self.first | self.second)
        part = self._split(user_id=self.colleague.id, reason="Goes by air")
        self.assertEqual((part.picking_ids, part.sale_order_ids), (self.second, self.second.sale_id))
        self.assertEqual((self.whole.picking_ids, self.whole.sale_order_ids), (self.first, self.first.sale_id))
        self.assertEqual((part.user_id, part.category_id), (self.colleague, self.whole.category_id))
        self.assertEqual(part.activity_ids.user_id, self.colleague)
        self.assertEqual((part.res_model, part.res_id), ("stock.picking", self.second.id))
        self.assertEqual(part.value_at_risk, 200)
        self.assertIn("Goes by air", self.whole.message_ids[0].body)
        both = self.first | self.second
        self.assertEqual(both.mapped("visibility_exception_count"), [1, 1])

    def test_an_order_and_its_own_delivery_are_not_offered_to_be_split(self):
        self.assertTrue(self.whole.can_split)
        part = self._split()
        self.assertFalse(part.can_split or self.whole.can_split)

    def test_news_counts_on_both(self):
        part = self._split()
        self._tell(self.easypost, self._tracker("1Z1", DELAYED_AGAIN))
        self.assertEqual((self.whole.seen_count, part.seen_count), (2, 2))
        self.assertEqual(len(self.exceptions.search([("shipment_id", "=", self.whole.shipment_id.id)])), 2)

    def test_a_part_that_was_resolved_comes_back_with_the_trouble(self):
        part = self._split()
        part.action_resolve()
        part.closed_at = "2026-03-02 12:00:00"
        self._tell(self.easypost, self._tracker("1Z1", DELAYED_AGAIN))
        self.assertTrue(part.is_open and self.second.visibility_is_at_risk)

    def test_both_end_with_the_cause(self):
        part = self._split()
        self._tell(self.easypost, self._tracker("1Z1", DELIVERED))
        self.assertEqual((self.whole.state, part.state), ("resolved", "resolved"))

    def test_what_was_noticed_in_our_house_ends_for_both(self):
        order = self.first.sale_id
        whole = self._open_about(order)
        part = whole._split({"picking_ids": self.first})
        self.exceptions._clear_subjects(whole.category_id, order, "Done.")
        self.assertEqual((whole.state, part.state), ("resolved", "resolved"))

    def test_documents_do_not_wander_back_when_the_shipment_gets_another_delivery(self):
        part = self._split()
        third = self._create_delivery("1Z9")
        self.whole.shipment_id._link_picking(third)
        self.assertEqual(self.whole.picking_ids, self.first | third)
        self.assertEqual(part.picking_ids, self.second)

    def test_what_cannot_be_split_says_why_and_changes_nothing(self):
        everything = {
            "picking_ids": [(6, 0, (self.first | self.second).ids)],
            "sale_order_ids": [(6, 0, (self.first | self.second).sale_id.ids)],
        }
        with self.assertRaisesRegex(UserError, "at least one"):
            self._split(**everything)
        with self.assertRaisesRegex(UserError, "Choose the documents"):
            self._split(picking_ids=False, sale_order_ids=False)
        order = self.first.sale_id
        about = self._open_about(order)
        with self.assertRaisesRegex(UserError, "itself"):
            about._split({"sale_order_ids": order})
        self.whole.action_resolve()
        with self.assertRaisesRegex(UserError, "is closed"):
            self._split()

    def test_there_is_still_one_open_exception_for_category_and_document(self):
        part = self._split()
        self.assertEqual(part.res_id, self.second.id)
        self.whole.picking_ids = [(4, self.second.id)]
        order = self.first.sale_id
        again = self.whole._split({"picking_ids": self.second, "sale_order_ids": order})
        self.assertEqual((again.res_model, again.res_id), ("sale.order", order.id))

    def test_a_part_can_be_merged_back(self):
        part = self._split()
        self.whole._merge(part)
        self.assertEqual(self.whole.picking_ids, self.first | self.second)
        self._tell(self.easypost, self._tracker("1Z1", DELIVERED))
        self.assertEqual(self.whole.state, "resolved")

    def test_nobody_splits_what_belongs_to_others(self):
        self.whole.user_id = self.colleague
        with self.assertRaises(AccessError):
            self.whole.with_user(self.agent)._split({"picking_ids": self.second})
