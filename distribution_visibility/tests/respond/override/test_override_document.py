from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ....models.detect.gate.visibility_override import GATE
from .override_case import OverrideCase


@tagged("post_install", "-at_install")
class TestOverrideDocument(OverrideCase):
    """At risk, person and place in the warehouse of orders, transfers and invoices, and customers at risk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delivery = cls._create_delivery("1Z1")
        cls.order = cls.delivery.sale_id

    def _clear(self, record):
        self.env["visibility.exception"].sudo()._clear_subjects(self.category, record, "Over")

    # ------------------------------------------------------------------ at risk
    def test_an_order_that_a_person_calls_safe_stays_so_while_exceptions_come_and_go(self):
        self._raise(self.order)
        self._override(self.order, "at_risk", "none")
        self.assertEqual((self.order.visibility_is_at_risk, self.order.visibility_severity), (False, False))
        self.assertFalse(self.order.visibility_tag_ids)
        self._raise(self.order, category=self.env["visibility.exception"]._get_category("delayed_in_transit"))
        self.assertFalse(self.order.visibility_is_at_risk)
        self.assertEqual(self.order.visibility_exception_count, 2)
        self._clear(self.order)
        self._pass_days()
        self.assertEqual((self.order.visibility_is_at_risk, self.order.visibility_exception_count), (True, 1))
        self.assertTrue(self.order.visibility_tag_ids)

    def test_what_is_blocking_shows_all_the_same_and_stops_its_steps(self):
        category = self.env.ref("distribution_visibility.category_quality_hold")
        self._override(self.delivery, "at_risk", "none")
        blocking = self._raise(self.delivery, category=category)
        self.assertEqual(self.delivery.visibility_severity, "blocking")
        with self.assertRaisesRegex(Exception, "Stopped"):
            self.delivery.with_user(self.person).button_validate()
        blocking._end({"state": "resolved", "resolution": "Inspected"})
        self.assertFalse(self.delivery.visibility_severity)

    def test_an_order_may_be_called_at_risk_although_nothing_is_open(self):
        self._override(self.order, "at_risk", "warning")
        self.assertTrue(self.order.visibility_is_at_risk)
        self._pass_days()
        self.assertFalse(self.order.visibility_is_at_risk or self.order.visibility_severity)
        with self.assertRaisesRegex(AccessError, "hold the document"):
            self._override(self.order, "at_risk", "blocking")

    def test_purchase_orders_and_invoices_as_well(self):
        invoice = self.env["account.move"].create({"move_type": "out_invoice", "partner_id": self.customer.id})
        for document in (self._create_purchase(), invoice):
            with self.subTest(document=document._name):
                self._raise(document)
                self.assertTrue(document.visibility_is_at_risk)
                self._override(document, "at_risk", "none")
                self.assertFalse(document.visibility_is_at_risk)
        self._pass_days()
        self.assertTrue(invoice.visibility_is_at_risk)

    # ------------------------------------------------------------------ customers, by company
    def test_a_customer_is_called_safe_in_one_company_only(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self._raise(self.customer)
        exceptions = self.env["visibility.exception"].sudo()
        there_too = self._raise(self.customer, category=exceptions._get_category("misrouted"))
        there_too.company_id = other
        risks = self.env["visibility.partner.risk"].sudo()
        risks._refresh({(self.customer.id, other.id), (self.customer.id, self.company.id)})
        here = self.customer.with_context(allowed_company_ids=self.company.ids)
        self._override(here, "at_risk", "none", user=self.env.ref("base.user_admin"))
        self.assertFalse(here.visibility_is_at_risk)
        there = self.customer.with_company(other).with_context(allowed_company_ids=other.ids)
        self.assertTrue(there.visibility_is_at_risk)
        self._raise(self.customer, category=exceptions._get_category("delayed_in_transit"))
        self.assertFalse(here.visibility_is_at_risk)
        self._pass_days()
        self.assertTrue(here.visibility_is_at_risk)

    # ------------------------------------------------------------------ the warehouse, and who it is given to
    def _move_ahead(self):
        return self.env["ir.actions.server"].create(
            {
                "name": "Ahead",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "visibility_priority",
                "visibility_priority": "1",
                "visibility_assigns_picker": True,
            }
        )

    def _run_action(self, action, records):
        action.with_context(active_model=records._name, active_ids=records.ids, active_id=records[:1].id).run()

    def test_a_transfer_keeps_its_place_and_its_picker(self):
        self.env["visibility.team"].create(
            {
                "name": "Warehouse",
                "role": "warehouse",
                "member_ids": [fields.Command.create({"user_id": self.colleague.id})],
            }
        )
        self._override(self.delivery, "warehouse_priority", "0")
        self._override(self.delivery, "owner", False)
        self._run_action(self._move_ahead(), self.order)
        self.assertEqual((self.delivery.priority, self.delivery.user_id.id), ("0", False))
        run = self._get_runs(("res_id", "=", self.order.id), ("origin", "=", "server_action"))
        self.assertEqual(run.result, "overridden")
        self.assertIn("The customer agreed", run.detail)
        self._run_action(self._move_ahead(), self.order)
        self.assertEqual(len(self._get_runs(("res_id", "=", self.order.id), ("origin", "=", "server_action"))), 1)
        self._pass_days()
        self._run_action(self._move_ahead(), self.order)
        self.assertEqual((self.delivery.priority, self.delivery.user_id), ("1", self.colleague))

    def test_the_place_that_a_person_gave_ends_with_its_time_unless_somebody_moved_it_again(self):
        other = self._create_delivery("1Z2")
        self._override(self.delivery | other, "warehouse_priority", "1")
        self.assertEqual((self.delivery.priority, other.priority), ("1", "1"))
        self.assertEqual(self.delivery.visibility_moved_reason, "The customer agreed")
        self.assertEqual(self.delivery.visibility_change_ids.mapped("origin"), ["person"])
        other.sale_id.picking_ids.priority = "0"
        other.priority = "0"
        self._pass_days()
        self.assertEqual((self.delivery.priority, other.priority), ("0", "0"))
        self.assertEqual(self.delivery.visibility_change_ids[0].reason, "Automation decides again.")

    def test_a_transfer_that_a_person_holds_is_not_moved_in_any_other_way_either(self):
        self._override(self.delivery, "warehouse_priority", "0")
        action = self._move_ahead()
        action.write({"visibility_place": "ahead", "visibility_due_hours": 1})
        self._run_action(action, self.order)
        self.assertFalse(self.delivery.visibility_place or self.delivery.visibility_due_hand_at)

    def test_an_order_keeps_its_salesperson_when_it_is_assigned_by_role(self):
        team = self.env["visibility.team"].create(
            {
                "name": "Service",
                "role": "service",
                "member_ids": [fields.Command.create({"user_id": self.colleague.id})],
            }
        )
        action = self.env["ir.actions.server"].create(
            {
                "name": "Assign",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "visibility_assign",
                "visibility_team_id": team.id,
            }
        )
        self.order.user_id = self.owner
        self._override(self.order, "owner", self.person.id)
        self._run_action(action, self.order)
        self.assertEqual(self.order.user_id, self.person)
        self._pass_days()
        self.assertEqual(self.order.user_id, self.owner)
        self._run_action(action, self.order)
        self.assertEqual(self.order.user_id, self.colleague)

    def test_what_is_left_to_people_is_not_held_by_an_action(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Hold",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "visibility_hold",
                "visibility_category_id": self.category.id,
            }
        )
        self._override(self.order, "all")
        self._run_action(action, self.order)
        self.assertFalse(self.order.visibility_exception_ids)
        self._pass_days()
        self._run_action(action, self.order)
        self.assertEqual(self.order.visibility_exception_ids.severity, "blocking")

    # ------------------------------------------------------------------ one log
    def test_a_step_that_passes_ends_in_the_same_log_when_its_time_is_over(self):
        category = self.env.ref("distribution_visibility.category_quality_hold")
        exception = self._raise(self.delivery, category=category)
        gate = self.env.ref("distribution_visibility.gate_delivery_validate")
        row = self.overrides.with_user(self.person).sudo().create(
            {
                "exception_id": exception.id,
                "gate_id": gate.id,
                "res_model": "stock.picking",
                "res_id": self.delivery.id,
                "reason": "Inspected by phone",
                "until": "2026-03-03 09:00:00",
            }
        )
        self.assertEqual((row.aspect, row.is_in_force), (GATE, True))
        self._pass_days()
        ends = self.overrides.search([("exception_id", "=", exception.id), ("kind", "=", "expire")])
        self.assertEqual(len(ends), 1)
        self.assertFalse(row.is_in_force)

    def test_what_cannot_be_overridden_on_a_document_is_refused(self):
        with self.assertRaisesRegex(UserError, "Choose what"):
            self._override(self.order, "severity", "warning")
