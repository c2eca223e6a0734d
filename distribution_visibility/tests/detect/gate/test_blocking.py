from datetime import timedelta

from freezegun import freeze_time
from odoo import Command, fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ....lib.detect.exception.finding import Finding
from ...common import VisibilityCase

GATED = "odoo.addons.distribution_visibility.models.detect.gate.visibility_gated_mixin"
COORDINATOR = "distribution_visibility.group_coordinator"


@tagged("post_install", "-at_install")
class BlockingCase(VisibilityCase):
    """A delivery with goods on stock, and people from the warehouse and the coordination desk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stock = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1).lot_stock_id
        cls.env["stock.quant"]._update_available_quantity(cls.pump, stock, 1000)
        cls.worker = cls._create_user("worker", "stock.group_stock_user", "distribution_visibility.group_user")
        cls.boss = cls._create_user("boss", "stock.group_stock_user", "sales_team.group_sale_manager", COORDINATOR)
        cls.delivery = cls._create_delivery("1Z1")

    def _find(self, code, subject, **category):
        """Open an exception of a category about a record."""
        exceptions = self.env["visibility.exception"].sudo()
        found = exceptions._get_category(code)
        found.write({"severity": "blocking", **category})
        exceptions._open_findings({(found, subject): [Finding(fields.Datetime.now(), "Seal broken", "", "shipper")]})
        return exceptions._find_open(found, subject)

    def _open_wizard(self, documents, user, code="delivery_validate"):
        gate = self.env["visibility.gate"]._get(code)
        context = documents._get_stop_action(gate)["context"]
        return self.env["visibility.override.wizard"].with_user(user).with_context(**context).create({})

    def _override(self, documents, user, code="delivery_validate", **values):
        wizard = self._open_wizard(documents, user, code)
        wizard.write({"reason": "Inspected by phone", **values})
        wizard.action_override()
        return self.env["visibility.override"].search([], limit=1)

    def _assert_stopped(self, method, error=RedirectWarning):
        with self.assertRaises(error) as stopped, self.cr.savepoint(), mute_logger(GATED):
            method()
        return stopped.exception


@tagged("post_install", "-at_install")
class TestBlocking(BlockingCase):
    """A blocking exception stops what its category names, whichever way the step is taken."""

    def test_goods_held_for_quality_do_not_leave_the_house(self):
        exception = self._find("quality_hold", self.delivery)
        delivery = self.delivery.with_user(self.worker)
        stopped = self._assert_stopped(delivery.button_validate)
        message, action = stopped.args[:2]
        for words in (exception.name, "Held for quality", "Seal broken", "Owner: ", "decide whether they pass"):
            self.assertIn(words, message)
        self.assertEqual(action["res_model"], "visibility.override.wizard")
        self.assertNotEqual(self.delivery.state, "done")

    def test_once_it_is_resolved_the_delivery_goes(self):
        self._find("quality_hold", self.delivery).with_user(self.boss).action_resolve()
        self.delivery.with_user(self.worker).button_validate()
        self.assertEqual(self.delivery.state, "done")

    def test_a_warning_of_the_same_category_stops_nothing(self):
        self._find("quality_hold", self.delivery, severity="warning")
        self.delivery.button_validate()
        self.assertEqual(self.delivery.state, "done")

    def test_categories_that_name_no_step_stop_nothing(self):
        for code in ("customs_hold", "documents_missing", "damaged"):
            self._find(code, self.delivery)
        self.delivery.button_validate()
        self.assertEqual(self.delivery.state, "done")

    def test_no_way_to_validate_goes_around_it(self):
        self._find("quality_hold", self.delivery)
        other = self._create_delivery("1Z2")
        both = (self.delivery | other).with_user(self.worker)
        self._assert_stopped(both.button_validate)
        self._assert_stopped(self.delivery.with_user(self.worker)._action_done)
        self._assert_stopped(self.delivery.with_user(self.worker).move_ids._action_done)
        spoofed = self.delivery.with_user(self.worker).with_context(
            skip_backorder=True, skip_sanity_check=True, button_validate_picking_ids=self.delivery.ids
        )
        self._assert_stopped(spoofed.button_validate)
        other.button_validate()
        self.assertEqual(other.state, "done", "the others are free to go")

    def test_the_backorder_window_is_no_way_around_it_either(self):
        self.delivery.move_ids.quantity = 1
        window = self.delivery.with_user(self.worker).button_validate()
        self._find("quality_hold", self.delivery)
        wizard = Form.from_action(self.env(user=self.worker), window).save()
        self._assert_stopped(wizard.with_context(**window["context"]).process)

    def test_a_job_that_works_as_superuser_is_stopped_and_the_log_says_so(self):
        exception = self._find("quality_hold", self.delivery)
        with self.assertLogs(GATED, "WARNING") as logs, self.assertRaises(UserError), self.cr.savepoint():
            self.delivery.sudo().button_validate()
        self.assertIn(exception.name, logs.output[0])

    def test_who_is_not_one_of_us_learns_nothing_of_the_exception(self):
        exception = self._find("quality_hold", self.delivery)
        visitor = self.env.ref("base.public_user")
        stopped = self._assert_stopped(self.delivery.with_user(visitor).sudo().button_validate, UserError)
        self.assertNotIn(exception.name, str(stopped))

    def test_writing_on_the_document_does_not_make_it_harmless(self):
        self._find("quality_hold", self.delivery)
        with self.assertRaises(AccessError):
            self.delivery.with_user(self.worker).visibility_severity = False

    def test_inner_steps_go_on_unless_they_are_named(self):
        self._find("quality_hold", self.delivery)
        inner = self._create_inner_transfer()
        self._find("quality_hold", inner)
        inner.button_validate()
        self.assertEqual(inner.state, "done")
        gate = self.env["visibility.gate"]._get("internal_validate")
        category = self.env["visibility.exception"]._get_category("quality_hold")
        category.gate_ids = [Command.link(gate.id)]
        inner = self._create_inner_transfer()
        self._find("quality_hold", inner)
        self._assert_stopped(inner.with_user(self.worker).button_validate)

    def _create_inner_transfer(self):
        stock = self.delivery.location_id
        shelf = self.env["stock.location"].create({"name": "Shelf", "location_id": stock.id})
        kind = self.delivery.picking_type_id.warehouse_id.int_type_id
        move = {"product_id": self.pump.id, "product_uom_qty": 1, "location_id": stock.id, "location_dest_id": shelf.id}
        inner = self.env["stock.picking"].create({"picking_type_id": kind.id, "move_ids": [Command.create(move)]})
        inner.action_confirm()
        inner.move_ids.quantity = 1
        return inner

    def test_damaged_goods_may_be_scrapped_although_they_are_held(self):
        self._find("quality_hold", self.delivery)
        scrap = self.env["stock.scrap"].create(
            {"product_id": self.pump.id, "scrap_qty": 1, "picking_id": self.delivery.id}
        )
        scrap.do_scrap()
        self.assertEqual(scrap.state, "done")

    # ------------------------------------------------------------------ orders, purchases, invoices
    def test_credit_that_blocks_stops_the_order_and_all_that_it_delivers_later(self):
        order = self.delivery.sale_id
        self._find("credit_hold", order)
        self.delivery.move_ids.quantity = 1
        self._assert_stopped(self.delivery.with_user(self.worker).button_validate)
        later = self.delivery.copy({"sale_id": order.id})
        later.action_confirm()
        self._assert_stopped(later.with_user(self.worker).button_validate)

    def test_an_order_of_a_customer_on_credit_hold_is_not_confirmed_by_anybody(self):
        order = self.delivery.sale_id.copy()
        self._find("credit_hold", order)
        self._assert_stopped(order.with_user(self.boss).action_confirm)
        self._assert_stopped(order.sudo().action_confirm, UserError)
        self._assert_stopped(lambda: order.with_user(self.boss).write({"state": "sale"}))
        self.assertEqual(order.state, "draft")

    def test_a_purchase_order_is_stopped_where_a_manager_says_so(self):
        order = self._create_purchase().copy()
        gate = self.env["visibility.gate"]._get("purchase_confirm")
        self._find("supplier_reject_or_backorder", order, gate_ids=[Command.link(gate.id)])
        self._assert_stopped(order.with_user(self.env.ref("base.user_admin")).button_confirm)

    def test_an_invoice_that_is_held_back_is_not_posted(self):
        self.delivery.button_validate()
        invoice = self.delivery.sale_id._create_invoices()
        self._find("invoice_blocked", invoice)
        admin = self.env.ref("base.user_admin")
        self._assert_stopped(invoice.with_user(admin).action_post)
        self._assert_stopped(lambda: invoice.with_user(admin)._post(soft=False))
        self._override(invoice, admin, "invoice_post")
        invoice.with_user(admin).action_post()
        self.assertEqual(invoice.state, "posted")

    # ------------------------------------------------------------------ cost
    def test_where_nothing_blocks_no_exception_is_looked_for(self):
        deliveries = self.delivery | self._create_delivery("1Z2")
        deliveries._check_validation()
        self.env.flush_all()
        with self.assertQueryCount(1):
            deliveries._check_validation()


@tagged("post_install", "-at_install")
class TestOverride(BlockingCase):
    """Who has the right may let a document pass, for a reason that stays."""

    def setUp(self):
        super().setUp()
        self.exception = self._find("quality_hold", self.delivery)

    def test_who_may_lets_it_pass_and_everybody_can_read_why(self):
        override = self._override(self.delivery, self.boss)
        self.assertEqual((override.user_id, override.exception_id), (self.boss, self.exception))
        self.assertEqual((override.document_name, override.reason), (self.delivery.name, "Inspected by phone"))
        for record in (self.exception, self.delivery):
            self.assertIn("Inspected by phone", record.message_ids[0].body)
            self.assertEqual(record.message_ids[0].author_id, self.boss.partner_id)
        self.delivery.with_user(self.worker).button_validate()
        self.assertEqual(self.delivery.state, "done")

    def test_it_holds_for_this_document_and_this_step_only(self):
        other = self._create_delivery("1Z2")
        self.exception.picking_ids |= other
        self._override(self.delivery, self.boss)
        self._assert_stopped(other.with_user(self.worker).button_validate)

    def test_after_its_date_the_step_is_stopped_again(self):
        until = fields.Datetime.now() + timedelta(hours=8)
        override = self._override(self.delivery, self.boss, until=until)
        self.delivery._check_validation()
        with freeze_time(until + timedelta(minutes=1)):
            self._assert_stopped(self.delivery.with_user(self.worker).button_validate)
            override.invalidate_recordset()
            self.assertFalse(override.is_in_force)

    def test_without_the_right_there_is_no_way_past(self):
        wizard = self._open_wizard(self.delivery, self.worker)
        self.assertIn("Coordinator", wizard.refusal)
        self.assertEqual(wizard.exception_ids, self.exception)
        wizard.reason = "I want to go home"
        with self.assertRaises(AccessError):
            wizard.action_override()

    def test_a_right_that_a_manager_chose_is_the_one_that_counts(self):
        self.exception.category_id.override_group_id = self.env.ref("distribution_visibility.group_manager")
        self.assertIn("Manager", self._open_wizard(self.delivery, self.boss).refusal)
        self.exception.category_id.override_group_id = False
        self.assertIn("Nobody", self._open_wizard(self.delivery, self.env.ref("base.user_admin")).refusal)

    def test_a_reason_is_needed_and_a_time_that_is_still_to_come(self):
        for values in ({"reason": " "}, {"until": fields.Datetime.now() - timedelta(hours=1)}):
            with self.assertRaises(UserError):
                self._override(self.delivery, self.boss, **values)

    def test_no_job_overrides_anything(self):
        with self.assertRaises(AccessError):
            self._override(self.delivery, self.env.ref("base.user_root"))

    def test_nobody_changes_or_deletes_what_was_overridden(self):
        override = self._override(self.delivery, self.boss)
        for user in (self.boss, self.env.ref("base.user_admin"), self.env.ref("base.user_root")):
            for rows in (override.with_user(user), override.with_user(user).sudo()):
                with self.assertRaises(UserError):
                    rows.write({"reason": "Something else"})
                with self.assertRaises(UserError):
                    rows.unlink()
        with self.assertRaises(AccessError):
            override.with_user(self.env.ref("base.user_admin")).copy()

    def test_four_eyes_mean_somebody_else_than_the_owner_and_the_salesperson(self):
        self.exception.category_id.is_four_eyes = True
        self.exception.user_id = self.owner
        self.assertFalse(self._open_wizard(self.delivery, self.boss).refusal)
        self.delivery.sale_id.user_id = self.boss
        self.assertIn("four eyes", self._open_wizard(self.delivery, self.boss).refusal)
        self.delivery.sale_id.user_id = self.owner
        self.assertFalse(self._open_wizard(self.delivery, self.boss).refusal)
        self.exception.user_id = self.boss
        self.assertIn("four eyes", self._open_wizard(self.delivery, self.boss).refusal)

    def test_handing_the_exception_over_first_does_not_open_the_way(self):
        self.exception.category_id.is_four_eyes = True
        self.exception.user_id = self.boss
        self.exception.user_id = self.owner
        self.assertIn("four eyes", self._open_wizard(self.delivery, self.boss).refusal)

    def test_closing_playing_down_or_unhooking_it_takes_the_same_right(self):
        self.exception.user_id = self.worker
        exception = self.exception.with_user(self.worker)
        for values in (
            {"state": "resolved"},
            {"state": "dismissed", "resolution": "No time"},
            {"severity": "warning"},
            {"picking_ids": [Command.clear()]},
            {"is_open": False},
        ):
            with self.assertRaises(UserError):
                exception.write(values)
        exception.action_start()
        self.assertEqual(exception.state, "in_progress", "working on it is free")
        self.exception.with_user(self.boss).action_resolve()
        self.assertEqual(self.exception.state, "resolved")

    def test_it_can_be_taken_back_and_both_stay_in_the_book(self):
        override = self._override(self.delivery, self.boss)
        with self.assertRaises(AccessError):
            override.with_user(self.worker).action_revoke()
        override.with_user(self.boss).action_revoke()
        self._assert_stopped(self.delivery.with_user(self.worker).button_validate)
        self.assertEqual(self.exception.override_ids.mapped("kind"), ["revoke", "grant"])

    def test_trouble_that_comes_back_is_stopped_again(self):
        self._override(self.delivery, self.boss)
        self.exception.with_user(self.boss).action_resolve()
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            self._find("quality_hold", self.delivery)
        self.assertTrue(self.exception.is_open)
        self._assert_stopped(self.delivery.with_user(self.worker).button_validate)

    def test_another_company_sees_none_of_it(self):
        override = self._override(self.delivery, self.boss)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user("stranger", COORDINATOR)
        stranger.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        self.assertFalse(override.with_user(stranger).search([]))
