from odoo.tests import tagged

from ..message.message_case import MessageCase


@tagged("post_install", "-at_install")
class TestMergedQuotations(MessageCase):
    """Requests for quotation that Odoo merges into one: what is known of the others goes along."""

    def setUp(self):
        super().setUp()
        self.first, self.second = self.env["purchase.order"].create(
            [
                {
                    "partner_id": self.supplier.id,
                    "date_order": f"2026-03-0{day} 08:00:00",
                    "order_line": [
                        (0, 0, {"product_id": self.pump.id, "product_qty": 5, "date_planned": "2026-03-20 08:00:00"})
                    ],
                }
                for day in (2, 3)
            ]
        )

    def _merge(self):
        (self.first | self.second).action_merge()
        self.env.flush_all()

    def test_an_exception_of_the_one_that_goes_is_about_the_one_that_stays(self):
        exception = self._open(self.second)
        self._merge()
        self.assertEqual((self.second.state, self.first.order_line.product_qty), ("cancel", 10))
        self.assertEqual((exception.res_id, exception.purchase_order_ids), (self.first.id, self.first))
        self.assertTrue(exception.is_open)
        self.assertEqual((self.first.visibility_exception_count, self.second.visibility_exception_count), (1, 0))

    def test_two_of_a_kind_become_one(self):
        mine, theirs = self._open(self.first), self._open(self.second)
        self._merge()
        self.assertEqual((theirs.merged_into_id, mine.is_open), (mine, True))
        self.assertEqual(self.first.visibility_exception_count, 1)

    def test_a_draft_about_it_is_posted_on_the_one_that_stays(self):
        draft = self.messages.create(
            {
                "company_id": self.company.id,
                "audience": "supplier",
                "partner_id": self.supplier.id,
                "incident_key": f"purchase.order,{self.second.id}",
                "purchase_order_id": self.second.id,
            }
        )
        self._merge()
        self.assertEqual((draft.purchase_order_id, draft.state), (self.first, "draft"))
        self.assertEqual(draft.incident_key, f"purchase.order,{self.first.id}")
