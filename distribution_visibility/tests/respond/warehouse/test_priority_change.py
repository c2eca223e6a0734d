import json

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .picking_case import PickingCase


@tagged("post_install", "-at_install")
class TestPriorityChange(PickingCase):
    """Who moved what, when and why: nothing informal is lost."""

    def setUp(self):
        super().setUp()
        self.picking = self._deliver()

    def _log(self, *domain):
        return self.changes.search([("picking_id", "=", self.picking.id), *domain], order="id")

    def test_every_move_is_kept_and_not_only_the_last_one(self):
        self._move(self.picking, "star", reason="First")
        self._move(self.picking, "unstar", reason="Second")
        log = self._log()
        self.assertEqual(log.mapped("reason"), ["First", "Second"])
        self.assertEqual(log.mapped("direction"), ["ahead", "back"])
        self.assertEqual([(one.before_label, one.after_label) for one in log][0], ("Normal", "Urgent"))
        self.assertEqual(log.user_id, self.lead)
        self.assertEqual(self.picking.visibility_moved_reason, "Second")
        self.assertEqual(self.picking.visibility_change_count, 2)

    def test_who_uses_odoos_own_form_without_a_reason_is_seen(self):
        self.picking.with_user(self.picker).priority = "1"
        self.assertTrue(self._log().is_unexplained)
        unexplained = self.changes.search([("is_unexplained", "=", True)])
        self.assertIn(self._log(), unexplained)
        found = self.picking.search([("visibility_change_ids", "any", [("is_unexplained", "=", True)])])
        self.assertIn(self.picking, found)

    def test_the_reason_can_be_given_later_by_somebody_else_in_a_further_row(self):
        self.picking.with_user(self.picker).priority = "1"
        move = self._log()
        wizard = self.env["visibility.priority.reason.wizard"].with_user(self.lead)
        wizard.with_context(active_model=move._name, active_ids=move.ids).create({"reason": "Surgery"}).action_confirm()
        explanation = self._log() - move
        self.assertEqual((explanation.explains_id, explanation.user_id), (move, self.lead))
        self.assertFalse(move.reason)
        self.assertEqual(move.why, "Surgery")
        self.assertNotIn(move, self.changes.search([("is_unexplained", "=", True)]))
        self.assertEqual(self.picking.visibility_moved_reason, "Surgery")

    def test_the_reason_on_the_form_is_a_further_row_too(self):
        self.picking.with_user(self.picker).scheduled_date = "2026-02-03 08:00:00"
        self.picking.with_user(self.picker).visibility_moved_reason = "Surgery"
        self.assertEqual(len(self._log()), 2)
        self.assertFalse(self._log().filtered("is_unexplained"))

    @mute_logger("odoo.sql_db")
    def test_not_even_the_superuser_changes_deletes_or_copies_the_log(self):
        self._move(self.picking, "star")
        log = self._log().sudo()
        for change in (
            lambda: log.write({"reason": "Another one"}),
            lambda: log.unlink(),
            lambda: log.copy(),
        ):
            with self.assertRaises(UserError):
                change()
        for user in (self.lead, self.owner):
            self.assertFalse(any(log.with_user(user).has_access(one) for one in ("write", "create", "unlink")))

    def test_the_log_outlives_its_transfer(self):
        picking = self.env["stock.picking"].create(
            {"picking_type_id": self.warehouse.out_type_id.id, "location_id": self.warehouse.lot_stock_id.id}
        )
        line = {"product_id": self.pump.id, "product_uom_qty": 1, "picking_id": picking.id}
        self.env["stock.move"].create({**line, "location_dest_id": picking.location_dest_id.id})
        picking.action_confirm()
        name = picking.name
        self._move(picking, "star", reason="Before it went")
        picking.action_cancel()
        picking.unlink()
        log = self.changes.search([("picking_ref", "=", name), ("reason", "=", "Before it went")])
        self.assertTrue(log)
        self.assertFalse(log.picking_id)

    def test_one_write_of_priority_and_date_and_picker_is_three_rows_and_one_note(self):
        notes = len(self.picking.message_ids)
        self.picking.with_user(self.lead).with_context(visibility_move_reason="Rush").write(
            {"priority": "1", "scheduled_date": "2026-02-03 08:00:00", "user_id": self.picker.id}
        )
        self.assertEqual(set(self._log().mapped("what")), {"priority", "scheduled_date", "user_id"})
        self.assertEqual(len(self.picking.message_ids), notes + 1)
        self.assertIn("Rush", self.picking.message_ids[0].body)

    def test_a_due_time_before_the_one_of_the_promise_is_ahead_and_a_later_one_back(self):
        self._move(self.picking, "due", moment="2026-02-03 08:00:00")
        self._move(self.picking, "due", moment="2026-02-04 08:00:00")
        self.assertEqual(self._log().mapped("direction"), ["ahead", "back"])

    def test_writing_what_it_is_already_is_no_move(self):
        self.picking.with_user(self.lead).write({"priority": self.picking.priority})
        self.assertFalse(self._log())

    def test_what_odoo_does_by_itself_is_nobodys_move(self):
        self.picking.sudo().priority = "1"
        self.picking.sale_id.commitment_date = "2026-02-10 11:00:00"
        self._validate(self.picking, quantity=1)
        self.assertFalse(self._log())
        self.assertFalse(self.changes.search([("picking_id", "in", self.picking.backorder_ids.ids)]))

    def test_what_somebody_splits_off_keeps_the_place_and_the_due_time_by_hand(self):
        """As OCA's add-ons do that split transfers: a copy which says what it is split from."""
        self._move(self.picking, "ahead")
        self._move(self.picking, "due", moment="2026-02-03 08:00:00")
        log = self._log()
        part = self.picking.with_user(self.lead).copy({"move_ids": [], "backorder_id": self.picking.id})
        self.assertEqual((part.visibility_place, str(part.visibility_due_hand_at)), (1, "2026-02-03 08:00:00"))
        self.assertEqual(self._log(), log, "nobody moved anything")
        other = self.picking.with_user(self.lead).copy()
        self.assertFalse(other.visibility_place or other.visibility_due_hand_at)

    def test_subscribers_are_told_once_without_names_and_texts(self):
        subscription = self._subscribe()
        self._move(self.picking, "star", reason="Surgery of Mr. Miller")
        message = self.env["visibility.outbox.message"].search([("subscription_id", "=", subscription.id)])
        self.assertEqual(len(message), 1)
        self.assertEqual(message.subject_key, f"stock.picking,{self.picking.id}")
        data = json.loads(message.body)["data"]
        self.assertEqual((data["what"], data["direction"]), ("priority", "ahead"))
        self.assertEqual((data["before"], data["after"]), ("0", "1"))
        self.assertEqual(data["by_id"], self.lead.id)
        self.assertTrue(data["has_reason"])
        self.assertNotIn("Miller", message.body)

    def test_who_asks_for_texts_gets_the_reason_and_the_reason_given_later(self):
        subscription = self._subscribe(has_texts=True)
        self.picking.with_user(self.picker).user_id = self.lead
        self.picking.with_user(self.picker).priority = "1"
        self._log(("what", "=", "priority"))._explain("Surgery")
        messages = self.env["visibility.outbox.message"].search(
            [("subscription_id", "=", subscription.id)], order="id"
        )
        picker, move, reason = (json.loads(message.body)["data"] for message in messages)
        self.assertEqual((picker["what"], picker["after"]), ("picker", str(self.lead.id)))
        self.assertNotIn(self.lead.name, messages[0].body)
        self.assertNotIn("has_reason", move)
        self.assertEqual((reason["explains"], reason["reason"]), (move["number"], "Surgery"))

    def _subscribe(self, **values):
        return self.env["visibility.subscription"].create(
            {
                "name": "n8n",
                "url": "https://hooks.example/moves",
                "owner_id": self.owner.id,
                "type_ids": [(6, 0, self.env["visibility.outbox.type"].search([("name", "=", "transfer.moved")]).ids)],
                "key_ids": [fields.Command.create({"secret": "whsec_bW92ZXMtb2YtdHJhbnNmZXJzLXRlc3Qtb25seQ=="})],
                "state": "active",
                **values,
            }
        )

    def test_moving_a_hundred_at_once_needs_hardly_more_queries_than_a_few(self):
        few = self._count_queries(3)
        self.assertLessEqual(self._count_queries(103), few * 3)

    def _count_queries(self, number):
        pickings = self.env["stock.picking"].union(*(self._deliver() for _number in range(number)))
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        pickings.with_user(self.lead)._move({"priority": "1"}, "Everything is urgent")
        self.env.flush_all()
        self.assertEqual(self.changes.search_count([("picking_id", "in", pickings.ids)]), number)
        return self.env.cr.sql_log_count - before
