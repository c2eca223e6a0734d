from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_exception_handling import HandlingCase


@tagged("post_install", "-at_install")
class TestExceptionLife(HandlingCase):
    """Nothing is written before everything was asked, and what is deleted is over."""

    def _create_order(self, name):
        return self.env["sale.order"].create({"partner_id": self.customer.id, "client_order_ref": name})

    def _merge_orders(self):
        """Two orders of one cause: the exception of the second is part of that of the first."""
        orders = self._create_order("one") | self._create_order("two")
        target, part = (self._open_about(order) for order in orders)
        target._merge(part)
        return orders, target, part

    # ------------------------------------------------------------------ asked before anything is written
    def test_a_refused_change_of_the_owner_leaves_no_former_owner_behind(self):
        exception = self._open("1Z1", owner=self.colleague)
        before = exception.former_owner_ids
        # No savepoint here: what was written before the refusal would stay
        try:
            exception.with_user(self.agent).write({"user_id": self.owner.id})
        except AccessError as error:
            self.assertIn("belongs to", str(error))
        else:
            self.fail("the change was not refused")
        self.assertEqual((exception.user_id, exception.former_owner_ids), (self.colleague, before))

    def test_what_only_detectors_write_says_so_itself(self):
        self.assertEqual(
            self.exceptions._get_fields_of_detect(),
            {
                *("name", "company_id", "category_id", "is_unproven", "res_model", "res_id", "shipment_id", "event_id"),
                *("first_seen_at", "last_seen_at", "seen_count", "closed_at", "closed_by_event_id", "rule_id"),
                *("rule_ids", "reason_code", "closed_by_id", "reopen_count", "is_snoozed", "snoozed_until"),
                *("snooze_until_news", "snooze_count", "merged_into_id", "merged_ids", "cause_ended_at"),
                *("cause_ended_event_id", "split_from_id", "split_ids", "former_owner_ids", "has_message_draft"),
                *("override_wanted", "came_back_at", "told_at", "reason_terms", "is_consequence", "consequence_ids"),
                "joined_ids",
            },
        )

    # ------------------------------------------------------------------ what it is about is deleted
    def test_a_target_clears_itself_when_the_document_of_its_part_was_deleted(self):
        orders, target, part = self._merge_orders()
        orders[1].unlink()
        self.assertTrue(part.cause_ended_at)
        self.assertTrue(target.is_open)
        self.exceptions._clear_subjects(target.category_id, orders[0], "The order is complete.")
        self.assertEqual((target.state, target.resolution), ("resolved", "The order is complete."))
        self.assertEqual(part.state, "dismissed")

    def test_a_part_whose_cause_goes_on_keeps_its_target_open_although_its_document_was_deleted(self):
        orders, target, part = self._merge_orders()
        orders[0].unlink()
        self.assertTrue(target.is_open)
        self.exceptions._clear_subjects(part.category_id, orders[1], "The order is complete.")
        self.assertEqual(target.state, "resolved")

    def test_a_target_ends_with_the_last_document(self):
        orders, target, _part = self._merge_orders()
        orders.unlink()
        self.assertEqual((target.state, target.resolution), ("resolved", "The document was deleted."))

    def test_a_target_whose_own_document_was_deleted_can_still_be_handed_out_and_named(self):
        orders, target, part = self._merge_orders()
        orders[0].user_id, orders[1].user_id = self.colleague, self.owner
        orders[0].unlink()
        self.assertTrue(target.is_open)
        target.with_user(self.env.ref("base.user_admin")).sudo()._reassign()
        self.assertEqual(target._get_living_subjects(), {target: orders[1], part: orders[1]})
        target._take_over_consequences()
        self.env.add_to_compute(target._fields["title"], target)
        self.assertIn("deleted document", target.title)

    def test_what_was_split_off_ends_with_the_document_of_the_first(self):
        order, other, more = self._create_order("one"), self._create_order("two"), self._create_order("three")
        whole = self._open_about(order)
        whole.sale_order_ids = order | other | more
        part = whole._split({"sale_order_ids": other})
        order.unlink()
        self.assertEqual((whole.state, part.state), ("resolved", "resolved"))

    def test_subscribers_are_told_of_it_although_its_document_is_gone(self):
        orders, target, _part = self._merge_orders()
        orders[0].unlink()
        subject = target._prepare_event()["subject"]
        self.assertEqual((subject["model"], subject["id"]), ("sale.order", orders[0].id))
        self.assertEqual(subject["name"], f"sale.order,{orders[0].id}")
