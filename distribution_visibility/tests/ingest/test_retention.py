import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import VisibilityCase

DELAY = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Delayed")


@tagged("post_install", "-at_install")
class TestRetention(VisibilityCase):
    """Payloads go first, ids and outcomes much later."""

    def setUp(self):
        super().setUp()
        self.inbox = self.env["visibility.inbox.message"].sudo()
        self.payload = self._tracker("1Z1", DELAY, event_id="evt_kept")

    def _tell_days_ago(self, days):
        message = self._tell(self.easypost, self.payload)
        message.received_at = fields.Datetime.now() - timedelta(days=days)
        return message

    def test_a_payload_is_erased_after_its_time_and_what_came_of_it_stays(self):
        message = self._tell_days_ago(91)
        events = message.event_ids
        self.inbox._gc_payloads()
        self.assertFalse(message.body or message.headers)
        self.assertTrue(message.purged_at)
        self.assertEqual((message.state, len(message.body_sha256)), ("done", 64))
        self.assertTrue(events.exists())

    def test_a_payload_within_its_time_stays(self):
        message = self._tell_days_ago(89)
        self.inbox._gc_payloads()
        self.assertTrue(message.body)

    def test_the_time_is_a_setting(self):
        self.env["ir.config_parameter"].set_param("distribution_visibility.payload_retention_days", 10)
        message = self._tell_days_ago(11)
        self.inbox._gc_payloads()
        self.assertFalse(message.body)

    def test_what_still_has_to_be_worked_on_is_not_erased(self):
        message = self._tell_days_ago(400)
        message.write({"state": "retry", "next_attempt_at": fields.Datetime.now() + timedelta(days=1)})
        self.inbox._gc_payloads()
        self.inbox._gc_messages()
        self.assertTrue(message.exists().body)

    def test_a_repeated_delivery_is_still_recognised_after_the_payload_went(self):
        self._tell_days_ago(91)
        self.inbox._gc_payloads()
        result, _message = self._receive(self.easypost, self.payload)
        self.assertEqual(result, "duplicate")

    def test_a_message_is_deleted_long_after_its_payload_and_its_events_stay(self):
        message = self._tell_days_ago(300)
        events = message.event_ids
        message.purged_at = fields.Datetime.now() - timedelta(days=200)
        self.inbox._gc_messages()
        self.assertFalse(message.exists())
        self.assertEqual(len(events.exists()), 1)

    def test_no_message_is_deleted_within_thirty_days_after_its_payload(self):
        message = self._tell_days_ago(4000)
        self.inbox._gc_payloads()
        self.inbox._gc_messages()
        self.assertTrue(message.exists())
        message.purged_at = fields.Datetime.now() - timedelta(days=29)
        self.inbox._gc_messages()
        self.assertTrue(message.exists())

    def test_large_amounts_are_erased_in_batches_that_say_what_is_left(self):
        self._tell_days_ago(91)
        with self._patch_batch(1):
            self.assertEqual(self.inbox._gc_payloads(), (1, 1))
            self.assertEqual(self.inbox._gc_payloads(), (0, 0))

    def _patch_batch(self, size):
        path = "odoo.addons.distribution_visibility.models.base.visibility_payload_mixin.BATCH"
        return patch(path, size)

    def test_an_erased_message_says_so_when_it_is_replayed(self):
        message = self._tell_days_ago(91)
        self.inbox._gc_payloads()
        message._replay("test")
        self._work_off()
        self.assertEqual(message.state, "dead")
        self.assertIn("erased", message.error)


@tagged("post_install", "-at_install")
class TestErasure(VisibilityCase):
    """What was received about a person is found and erased, and only that."""

    def setUp(self):
        super().setUp()
        self.inbox = self.env["visibility.inbox.message"].sudo()
        self.manager = self._create_user("visibility-erases", "distribution_visibility.group_manager")
        self.jane = self._tell_signed("JANE1", "Jörg Doe")
        self.other = self._tell_signed("OTHER1", "John Smith")

    def _tell_signed(self, number, name):
        details = ("delivered", "arrived_at_destination", self._ago(hours=1), f"Delivered, signed by {name}")
        return self._tell(self.easypost, self._tracker(number, details, signed_by=name))

    def _erase(self, terms, user=None, **values):
        wizard = self.env["visibility.erasure.wizard"].with_user(user or self.manager)
        wizard = wizard.create({"terms": terms, "reason": "request of today", **values})
        wizard.action_search()
        found = wizard.message_count, wizard.record_count
        wizard.action_confirm()
        self.env.invalidate_all()
        return found

    def test_the_person_disappears_from_messages_events_and_shipments(self):
        messages, records = self._erase("Jörg Doe")
        self.assertEqual(messages, 1)
        self.assertGreaterEqual(records, 2)
        self.assertFalse(self.jane.body or self.jane.headers)
        self.assertTrue(self.jane.purged_at)
        self.env.flush_all()
        for table in ("visibility_inbox_message", "visibility_event", "visibility_shipment"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", ["%Jörg Doe%"])  # noqa: S608
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)

    def test_what_happened_and_everybody_else_stay(self):
        self._erase("Jörg Doe")
        self.assertTrue(self.jane.event_ids.milestone_id)
        self.assertTrue(self.jane.event_ids.shipment_id.delivered_at)
        self.assertIn("John Smith", self.other.body)
        self.assertEqual(self.other.event_ids.shipment_id.signed_by, "John Smith")

    def test_a_name_in_escapes_of_json_is_found(self):
        self.assertIn("\\u00f6", self.jane.body)
        self.assertEqual(self._erase("jÖrg doe")[0], 1)

    def test_a_message_that_still_has_to_be_worked_on_loses_the_name_and_keeps_the_event(self):
        waiting = self._receive(
            self.easypost,
            self._tracker("JANE2", ("delivered", "arrived_at_destination", self._ago(hours=1), "Jörg Doe")),
        )[1]
        self._erase("Jörg Doe")
        self.assertNotIn("Doe", waiting.body)
        self.assertIn("JANE2", json.loads(waiting.body)["result"]["tracking_code"])
        self._work_off()
        self.assertEqual((waiting.state, waiting.event_ids.shipment_id.number), ("done", "JANE2"))

    def test_the_log_tells_who_when_why_and_how_much_and_not_whose(self):
        self._erase("Jörg Doe")
        note = self.env["visibility.erasure"].search([], limit=1)
        self.assertEqual((note.user_id, note.reason, note.message_count), (self.manager, "request of today", 1))
        self.env.flush_all()
        for table in ("visibility_erasure", "visibility_erasure_wizard"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", ["%Doe%"])  # noqa: S608
            self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_the_chatter_and_its_tracked_values_are_erased_too(self):
        shipment = self.jane.event_ids.shipment_id
        for said in ("Jörg Doe called", "The driver called"):
            shipment.message_post(body=said)
        self._erase("Jörg Doe")
        bodies = " ".join(shipment.message_ids.mapped("body"))
        self.assertNotIn("Doe", bodies)
        self.assertIn("The driver called", bodies)

    def test_a_tracked_field_does_not_bring_back_what_is_erased(self):
        exception = self.env["visibility.exception"].search([], limit=1) or self._open_exception()
        exception = exception.with_context(tracking_disable=False)
        exception.message_ids.unlink()
        exception.resolution = "Jörg Doe agreed"
        self.env.cr.precommit.run()
        self.assertIn("Jörg Doe agreed", exception.message_ids.tracking_value_ids.mapped("new_value_char"))
        wizard = self.env["visibility.erasure.wizard"].with_user(self.manager).with_context(tracking_disable=False)
        wizard.create({"terms": "Jörg Doe", "reason": "asked"}).action_confirm()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        values = exception.message_ids.tracking_value_ids
        self.assertNotIn("Doe", " ".join(map(str, values.mapped("new_value_char") + values.mapped("old_value_char"))))
        self.assertEqual(exception.resolution, "[erased]")

    def _open_exception(self):
        moment = self._ago(hours=1)
        return self._tell(
            self.easypost, self._tracker("LATE1", ("in_transit", "delayed", moment, "Delayed"))
        ).event_ids.shipment_id.exception_ids

    def test_a_telephone_number_is_found_in_events_with_any_punctuation(self):
        self.jane.event_ids.description = "Call +1 (614) 555-0100 first"
        self._erase("6145550100")
        self.assertEqual(self.jane.event_ids.description, "[erased]")

    def test_a_contact_is_searched_by_name_address_and_number(self):
        partner = self.env["res.partner"].create(
            {"name": "Jörg Doe", "email": "joerg@example.com", "phone": "+1 614 555 0100"}
        )
        wizard = self.env["visibility.erasure.wizard"].with_user(self.manager).create({"partner_id": partner.id})
        self.assertEqual(wizard.terms.splitlines(), ["Jörg Doe", "joerg@example.com", "+1 614 555 0100"])

    def test_messages_of_another_company_are_not_touched(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self.jane.company_id = other
        self.assertEqual(self._erase("Jörg Doe")[0], 0)
        self.assertTrue(self.jane.body)

    def test_only_a_manager_may_erase_and_nobody_may_change_the_log(self):
        with self.assertRaises(AccessError):
            self._erase("Jörg Doe", user=self.owner)
        with self.assertRaises(AccessError):
            self.env["visibility.erasure"].with_user(self.owner)._erase(["Jörg Doe"], self.company, "because")
        self._erase("Jörg Doe")
        note = self.env["visibility.erasure"].with_user(self.manager).search([], limit=1)
        for change in (lambda: note.write({"reason": "other"}), note.unlink):
            with self.assertRaises(AccessError):
                change()
        with self.assertRaises(UserError):
            self._erase("Jo")
