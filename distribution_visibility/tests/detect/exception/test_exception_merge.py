from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ....lib.detect.exception.finding import Finding
from .test_exception_handling import DELAYED_AGAIN, DELIVERED, HandlingCase


@tagged("post_install", "-at_install")
class TestExceptionMerge(HandlingCase):
    """Several exceptions of one cause are one piece of work, and nothing of them is lost."""

    def setUp(self):
        super().setUp()
        self.one, self.two = self._open("1Z1"), self._open("1Z2")

    def _merge(self, target=None, user=None, **values):
        target = target or self.one
        wizard = self._wizard("visibility.merge.wizard", self.one | self.two, user, target_id=target.id, **values)
        return wizard.action_confirm()

    def _deliver(self, number):
        self._tell(self.easypost, self._tracker(number, DELIVERED))

    # ------------------------------------------------------------------ merging
    def test_the_target_gets_documents_tags_and_counts_and_the_other_one_names_it(self):
        orders = self.one.sale_order_ids | self.two.sale_order_ids
        self.two.tag_ids = [(4, self.env.ref("distribution_visibility.tag_billing").id)]
        self.two.severity = "blocking"
        answer = self._merge(reason="Strike in Lyon")
        self.assertEqual(self.one.sale_order_ids, orders)
        self.assertEqual((self.one.seen_count, self.one.severity, self.one.value_at_risk), (2, "blocking", 400))
        self.assertIn(self.env.ref("distribution_visibility.tag_billing"), self.one.tag_ids)
        self.assertEqual((self.two.is_open, self.two.merged_into_id), (False, self.one))
        self.assertEqual(self.two.resolution, f"Merged into {self.one.name}. Strike in Lyon")
        self.assertEqual(self.two.closed_by_id, self.owner)
        self.assertIn("Strike in Lyon", self.one.message_ids[0].body)
        self.assertIn("1 exceptions are part of", answer["params"]["message"])

    def test_the_orders_stay_at_risk_with_one_exception_each(self):
        orders = self.one.sale_order_ids | self.two.sale_order_ids
        self._merge()
        self.assertEqual(orders.mapped("visibility_is_at_risk"), [True, True])
        self.assertEqual(orders.mapped("visibility_exception_count"), [1, 1])

    def test_the_most_urgent_one_is_proposed(self):
        self.two.severity = "blocking"
        wizard = self._wizard("visibility.merge.wizard", self.one | self.two)
        self.assertEqual(wizard.target_id, self.two)

    def test_what_was_merged_before_comes_along(self):
        three = self._open("1Z3")
        self._merge(self.two)
        three.with_user(self.owner)._merge(self.two)
        self.assertEqual((self.one | self.two).merged_into_id, three)

    def test_closed_ones_other_peoples_and_other_companies_are_refused_and_nothing_changes(self):
        self.two.user_id = self.colleague
        self.one.user_id = self.agent
        with self.assertRaises(AccessError):
            self._merge(user=self.agent)
        other = self.env["res.company"].create({"name": "Other"})
        self.env.cr.execute("UPDATE visibility_exception SET company_id = %s WHERE id = %s", [other.id, self.two.id])
        self.two.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "several companies"):
            self.one._merge(self.two)
        self.env.cr.execute(
            "UPDATE visibility_exception SET company_id = %s WHERE id = %s", [self.company.id, self.two.id]
        )
        self.two.invalidate_recordset()
        self.two.action_resolve()
        with self.assertRaisesRegex(UserError, "only open exceptions"):
            self._merge()
        with self.assertRaisesRegex(UserError, "at least two"):
            self.one._merge(self.one)
        self.assertFalse(self.two.merged_into_id)

    # ------------------------------------------------------------------ new sightings
    def test_news_of_a_merged_one_counts_on_the_target_and_wakes_nothing_else(self):
        self._merge()
        self._tell(self.easypost, self._tracker("1Z2", DELAYED_AGAIN))
        self.assertEqual((self.one.seen_count, self.one.reason), (3, "Still delayed"))
        self.assertEqual((self.two.state, self.two.seen_count), ("dismissed", 1))
        shipment = self.two.shipment_id
        self.assertEqual(self.exceptions.search([("shipment_id", "=", shipment.id)]), self.two)

    def test_news_of_a_merged_one_reopens_the_target_after_it_was_resolved(self):
        self._merge()
        self.one.action_resolve()
        self.one.closed_at = "2026-03-02 12:00:00"
        self._tell(self.easypost, self._tracker("1Z2", DELAYED_AGAIN))
        self.assertEqual((self.one.state, self.two.state), ("new", "dismissed"))

    # ------------------------------------------------------------------ how it ends
    def test_it_ends_by_itself_with_the_last_cause_whichever_that_is(self):
        for first, last in (("1ZA", "1ZB"), ("1ZD", "1ZC")):
            with self.subTest(first=first):
                one, two = (self._open(number) for number in sorted((first, last)))
                one._merge(two)
                self._deliver(first)
                self.assertTrue(one.is_open)
                self._deliver(last)
                self.assertEqual((one.state, two.state), ("resolved", "dismissed"))

    def test_the_merged_one_may_end_first(self):
        self._merge()
        self._deliver("1Z2")
        self.assertTrue(self.one.is_open and self.two.cause_ended_at)
        self.assertTrue(any("is over" in body for body in self.one.message_ids.mapped("body")))
        self._deliver("1Z1")
        self.assertEqual(self.one.state, "resolved")

    def test_a_cause_that_comes_back_keeps_it_open(self):
        self._merge()
        category = self.one.category_id
        self.exceptions._clear_subjects(category, self.two.shipment_id, "Over.")
        self.assertTrue(self.two.cause_ended_at)
        self.exceptions._open_findings(
            {(category, self.two.shipment_id): [Finding(fields.Datetime.now(), "Again")]}
        )
        self.assertFalse(self.two.cause_ended_at)
        self.exceptions._clear_subjects(category, self.one.shipment_id, "Over.")
        self.assertTrue(self.one.is_open)

    def test_a_delivery_that_was_withdrawn_brings_the_target_back(self):
        self._merge()
        self._deliver("1Z1")
        self._deliver("1Z2")
        self.assertEqual(self.one.state, "resolved")
        event = self.two.shipment_id.event_ids.filtered(lambda one: one.milestone_id.code == "delivered")
        event._withdraw("Wrong scan")
        event._undo_effect()
        self.assertTrue(self.one.is_open)
        self.assertFalse(self.two.cause_ended_at)

    # ------------------------------------------------------------------ taking out again
    def test_a_merged_one_is_worked_on_its_target_or_taken_out_again(self):
        self._merge()
        with self.assertRaisesRegex(UserError, "was merged into"):
            self.two.state = "in_progress"
        own = self.two.sale_order_ids
        self.two.with_user(self.owner).action_unmerge()
        self.assertEqual((self.two.state, self.two.merged_into_id.id), ("new", False))
        self.assertNotIn(own, self.one.sale_order_ids)
        self.assertEqual(self.one.seen_count, 1)
        self.assertTrue(own.visibility_is_at_risk and self.one.sale_order_ids.visibility_is_at_risk)
