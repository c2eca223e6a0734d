from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .expectation_case import ExpectationCase


class TestExpectations(ExpectationCase):
    """What should happen with a document is written down, and follows it until it happened."""

    # ------------------------------------------------------------------ created, moved, cancelled
    def test_approving_a_purchase_order_writes_down_what_its_supplier_should_do(self):
        order = self._buy("2026-02-10 11:00:00")
        acknowledged, received = self._get("order_acknowledged", order), self._get("line_received", order)
        self.assertEqual(acknowledged.due_at, self._utc("2026-02-04 09:00:00"), "two working days after approval")
        self.assertEqual(received.due_at, self._utc("2026-02-11 00:00:00"), "by the end of the promised day")
        self.assertEqual(received.purchase_line_id, order.order_line)
        self.assertEqual((acknowledged | received).mapped("state"), ["open", "open"])

    def test_a_quotation_makes_nothing_expected(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        self._follow()
        self.assertFalse(self.expectations.search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)]))

    def test_working_days_leave_out_the_weekend_and_holidays(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": "2026-02-09 00:00:00",
                "date_to": "2026-02-09 22:00:00",
            }
        )
        self._travel("2026-02-06 14:00:00")  # a Friday
        order = self._buy("2026-03-10 11:00:00")
        self.assertEqual(self._get("order_acknowledged", order).due_at, self._utc("2026-02-11 15:00:00"))

    def test_working_hours_that_change_count_from_then_on(self):
        self._buy("2026-03-10 11:00:00")  # working hours are in memory now
        self.calendar.attendance_ids.filtered(lambda one: one.dayofweek == "1").unlink()
        order = self._buy("2026-03-10 11:00:00")
        self.assertEqual(self._get("order_acknowledged", order).due_at, self._utc("2026-02-05 09:00:00"))

    def test_following_a_document_twice_changes_nothing(self):
        order = self._buy("2026-02-10 11:00:00")
        before = self._get("line_received", order).read()
        self.expectations._follow(order)
        self.assertEqual(self._get("line_received", order).read(), before)

    def test_a_promise_that_moves_is_still_measured_against_the_first(self):
        order = self._buy("2026-02-10 11:00:00")
        order.order_line.date_planned = "2026-02-20 11:00:00"
        self.assertEqual(self._get("line_received", order).due_at, self._utc("2026-02-11 00:00:00"))

    def test_a_template_that_names_the_latest_promise_moves_with_it(self):
        self.env.ref("distribution_visibility.expectation_line_received").base = "latest_promise"
        order = self._buy("2026-02-10 11:00:00")
        order.order_line.date_planned = "2026-02-20 11:00:00"
        self.assertEqual(self._get("line_received", order).due_at, self._utc("2026-02-21 00:00:00"))

    def test_what_was_overdue_by_a_date_that_moves_is_not_overdue_any_more(self):
        self.env.ref("distribution_visibility.expectation_line_received").base = "latest_promise"
        order = self._buy("2026-02-10 11:00:00")
        self._scan("2026-02-11 01:00:00")
        self.assertEqual(self._get_exceptions("receipt_overdue", order).state, "new")
        order.order_line.date_planned = "2026-02-20 11:00:00"
        self.assertEqual(self._get("line_received", order).state, "open")
        self.assertFalse(self._get_told("receipt_overdue", order))

    def test_cancelling_the_order_ends_what_was_expected_and_its_exception(self):
        order = self._buy("2026-02-10 11:00:00")
        self._scan("2026-02-05 09:00:00")
        exception = self._get_exceptions("ack_overdue", order)
        self.assertEqual(exception.state, "new")
        order.button_cancel()
        self.assertEqual(set(self._get("line_received", order).mapped("state")), {"cancelled"})
        self.assertEqual(self._get("order_acknowledged", order).cancel_reason, "The order was cancelled.")
        self.assertEqual((exception.state, exception.resolution), ("resolved", "The order was cancelled."))

    def test_an_order_that_is_confirmed_again_is_expected_again(self):
        order = self._buy("2026-02-10 11:00:00")
        order.button_cancel()
        self._follow()
        order.button_draft()
        order.button_confirm()
        self.assertEqual(self._get("order_acknowledged", order).mapped("state"), ["cancelled", "open"])

    def test_a_document_that_is_deleted_leaves_nothing_open(self):
        order = self._buy("2026-02-10 11:00:00")
        row = self._get("order_acknowledged", order)
        order.button_cancel()
        row.state = "open"
        order.unlink()
        self.assertEqual(row.state, "cancelled")

    # ------------------------------------------------------------------ met
    def test_a_receipt_in_time_meets_what_was_expected(self):
        order = self._buy("2026-02-10 11:00:00")
        self._travel("2026-02-09 10:00:00")
        self._receive_goods(order)
        row = self._get("line_received", order)
        self.assertEqual((row.state, row.late_hours, row.met_by), ("met", 0, "All of it received"))
        self.assertFalse(self._scan("2026-02-12 10:00:00").filtered(lambda one: one.state == "overdue"))

    def test_a_receipt_that_nobody_validated_by_the_promise_is_overdue(self):
        order = self._buy("2026-02-10 11:00:00")
        order.acknowledged = True
        self.assertFalse(self._scan("2026-02-10 22:59:00").filtered(lambda one: one.state == "overdue"))
        found = self._scan("2026-02-10 23:01:00")
        self.assertEqual((found.state, found.res_id), ("overdue", order.id))
        exception = self._get_exceptions("receipt_overdue", order)
        self.assertEqual((exception.state, exception.responsible_party), ("new", "supplier"))
        self.assertIn("Pump: 0 of 10 received", exception.reason)
        self.assertTrue(order.visibility_is_at_risk)

    def test_what_is_overdue_is_not_seen_again_and_again(self):
        order = self._buy("2026-02-10 11:00:00")
        self._scan("2026-02-12 10:00:00")
        self.assertFalse(self._scan("2026-02-13 10:00:00"))
        self.assertEqual(self._get_exceptions("receipt_overdue", order).seen_count, 1)

    def test_half_of_a_line_is_not_enough_and_the_rest_clears_the_exception(self):
        order = self._buy("2026-02-10 11:00:00")
        self._travel("2026-02-10 09:00:00")
        self._receive_goods(order, 4)
        row = self._get("line_received", order)
        self.assertEqual(row.state, "open")
        self._scan("2026-02-12 10:00:00")
        exception = self._get_exceptions("receipt_overdue", order)
        self.assertIn("4 of 10 received", exception.reason)
        self._receive_goods(order)
        self.assertEqual(row.state, "met")
        self.assertAlmostEqual(row.late_hours, 35, places=1)
        self.assertEqual((exception.state, exception.resolution), ("resolved", "All of it received"))

    def test_two_late_lines_are_one_exception_that_ends_with_the_second(self):
        order = self._buy("2026-02-10 11:00:00")
        valve = self.env["product.product"].create({"name": "Valve", "type": "consu", "is_storable": True})
        self.env["purchase.order.line"].create(
            {"order_id": order.id, "product_id": valve.id, "product_qty": 3, "date_planned": "2026-02-10 11:00:00"}
        )
        self.assertEqual(len(self._get("line_received", order)), 2)
        self._scan("2026-02-12 10:00:00")
        exception = self._get_exceptions("receipt_overdue", order)
        self.assertEqual((len(exception), exception.seen_count), (1, 2))
        self._receive_goods_of(order, self.pump)
        self.assertEqual(exception.state, "new", "the valves are still missing")
        self._receive_goods(order)
        self.assertEqual(exception.state, "resolved")

    def _receive_goods_of(self, order, product):
        receipt = order.picking_ids.filtered(lambda one: one.state not in ("done", "cancel"))
        others = receipt.move_ids.filtered(lambda move: move.product_id != product)
        others.quantity = 0
        (receipt.move_ids - others).picked = True
        result = receipt.button_validate()
        self.env[result["res_model"]].with_context(**result["context"]).create({}).process()
        self._follow()

    def test_a_scan_that_comes_late_looks_once_more_before_it_complains(self):
        order = self._buy("2026-02-10 11:00:00")
        row = self._get("line_received", order)
        self._receive_goods(order)
        row.write({"state": "open", "met_at": False})  # as if nothing had told us
        self._scan("2026-02-12 10:00:00")
        self.assertEqual(row.state, "met")
        self.assertFalse(self._get_exceptions("receipt_overdue", order))

    # ------------------------------------------------------------------ people
    def test_a_coordinator_waives_and_it_is_never_expected_again(self):
        order = self._buy("2026-02-10 11:00:00")
        self._scan("2026-02-05 09:00:00")
        row = self._get("order_acknowledged", order)
        with self.assertRaisesRegex(UserError, "Only a coordinator"):
            row.with_user(self._create_user("visibility-agent", "distribution_visibility.group_user")).action_waive()
        row.with_user(self.owner).action_waive()
        self.assertEqual((row.state, row.is_waived), ("cancelled", True))
        self.assertEqual(self._get_exceptions("ack_overdue", order).state, "resolved")
        self.expectations._follow(order)
        self.assertEqual(len(self._get("order_acknowledged", order)), 1)

    def test_a_buyer_without_visibility_rights_approves_as_ever(self):
        buyer = self._create_user("visibility-buyer", "purchase.group_purchase_user")
        order = (
            self.env["purchase.order"]
            .with_user(buyer)
            .create(
                {"partner_id": self.supplier.id, "order_line": [(0, 0, {"product_id": self.pump.id, "product_qty": 1})]}
            )
        )
        order.button_confirm()
        self.assertEqual(self._get("order_acknowledged", order.sudo()).state, "open")

    def test_nobody_sees_what_another_company_expects_and_its_templates_do_not_count_here(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        template = self.env.ref("distribution_visibility.expectation_order_acknowledged")
        template.company_id = other
        order = self._buy("2026-02-10 11:00:00")
        self.assertFalse(self._get("order_acknowledged", order))
        row = self._get("line_received", order)
        row.company_id = other
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            row.with_user(self.owner).read(["due_at"])

    # ------------------------------------------------------------------ templates
    def test_the_filter_of_a_template_says_which_documents_it_is_for(self):
        template = self.env.ref("distribution_visibility.expectation_order_acknowledged")
        template.domain = "[('amount_untaxed', '>', 1000)]"
        self.assertFalse(self._get("order_acknowledged", self._buy("2026-02-10 11:00:00")))
        self.assertTrue(self._get("order_acknowledged", self._buy("2026-02-10 11:00:00", quantity=100)))

    def test_archiving_a_template_ends_what_it_expected(self):
        order = self._buy("2026-02-10 11:00:00")
        rows = self._get("order_acknowledged", order)
        rows.template_id.active = False
        self.assertEqual(rows.state, "cancelled")
        self.assertFalse(self._get("order_acknowledged", self._buy("2026-02-10 11:00:00")))

    def test_a_changed_template_is_applied_to_what_is_open_when_somebody_says_so(self):
        order = self._buy("2026-02-10 11:00:00")
        row = self._get("order_acknowledged", order)
        row.template_id.offset = 4
        self.assertEqual(row.due_at, self._utc("2026-02-04 09:00:00"))
        row.template_id.action_apply()
        self.assertEqual(row.due_at, self._utc("2026-02-06 09:00:00"))

    def test_a_new_template_reaches_documents_that_are_open_already(self):
        order = self._buy("2026-02-10 11:00:00")
        copied = self.env.ref("distribution_visibility.expectation_order_acknowledged").copy({"name": "Once more"})
        copied.action_apply()
        self.assertIn(order.id, self.expectations.search([("template_id", "=", copied.id)]).mapped("res_id"))

    def test_the_severity_of_a_template_goes_before_the_categorys(self):
        self.env.ref("distribution_visibility.expectation_order_acknowledged").severity = "blocking"
        order = self._buy("2026-02-10 11:00:00")
        self._scan("2026-02-05 09:00:00")
        self.assertEqual(self._get_exceptions("ack_overdue", order).severity, "blocking")

    def test_a_template_that_makes_no_sense_is_refused_in_one_sentence(self):
        template = self.env.ref("distribution_visibility.expectation_order_acknowledged")
        refused = {
            "Choose the milestone": {"milestone_id": False},
            "cannot be expected of this document": {"expects": "fact", "fact": "paid"},
            "has no": {"base": "invoice_due"},
            "whole days": {"offset": 1.5},
            "working hours that count": {"calendar_source": "named"},
            "cannot be used on this document": {"domain": "[('no_such_field', '=', 1)]"},
        }
        for sentence, values in refused.items():
            with self.subTest(sentence=sentence), self.assertRaises(ValidationError) as caught:
                template.write(values)
            self.assertIn(sentence, str(caught.exception))

    def test_what_a_template_would_expect_is_shown_before_it_does(self):
        order = self._buy("2026-02-10 11:00:00")
        template = self.env.ref("distribution_visibility.expectation_line_received")
        action = template.action_preview()
        preview = self.env[action["res_model"]].with_context(**action["context"]).create({})
        line = preview.line_ids.filtered(lambda one: order.name in one.name)
        self.assertEqual(line.due_at, self._utc("2026-02-11 00:00:00"))
        self.assertEqual(line.local_due, "Tuesday 10 Feb (Europe/Berlin)")
        self.assertEqual(line.state, "Expected")

    # ------------------------------------------------------------------ the scan
    @mute_logger("odoo.addons.distribution_visibility.models.detect.expectation.visibility_expectation")
    def test_one_bad_record_never_stops_the_others(self):
        bad, good = self._buy("2026-02-10 11:00:00"), self._buy("2026-02-10 11:00:00")
        find = type(self.expectations)._get_finding

        def fail_for_one(row):
            if row.res_id == bad.id:
                raise ValueError("Broken")
            return find(row)

        self.patch(type(self.expectations), "_get_finding", fail_for_one)
        self._scan("2026-02-05 09:00:00")
        self.assertEqual(self._get_exceptions("ack_overdue", good).state, "new")
        row = self._get("order_acknowledged", bad)
        self.assertEqual((row.state, row.error), ("overdue", "Broken"))
        self.assertFalse(self._scan(), "it does not come up again at once")
        self.patch(type(self.expectations), "_get_finding", find)
        self.expectations.search([("error", "!=", False)])._notice_overdue()
        self.assertEqual((self._get_exceptions("ack_overdue", bad).state, row.error), ("new", False))

    def test_a_scan_that_does_not_come_is_an_incident_that_ends_with_the_scan(self):
        self._buy("2026-02-10 11:00:00")
        self._travel("2026-02-05 09:00:00")
        find = self.env["visibility.watch"]._find_troubles
        trouble = ("expectations", self.env["visibility.heartbeat"]._get_source().id, "due")
        self.assertEqual(find()[trouble], 1)
        self._scan()
        self.assertNotIn(trouble, find())

    @mute_logger("odoo.sql_db")
    def test_a_document_is_expected_the_same_thing_once_only(self):
        row = self._get("order_acknowledged", self._buy("2026-02-10 11:00:00"))
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            row.copy()
            self.env.flush_all()

    def test_a_failure_in_here_never_stops_a_persons_own_work(self):
        def fail(*_args):
            raise ValueError("Broken")

        self.patch(type(self.expectations), "_follow", fail)
        logger = "odoo.addons.distribution_visibility.models.detect.expectation.visibility_follow_up"
        with self.assertLogs(logger, "ERROR"):
            order = self._buy("2026-02-10 11:00:00")
        self.assertEqual(order.state, "purchase")
