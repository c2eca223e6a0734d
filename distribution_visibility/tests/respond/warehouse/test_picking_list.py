from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ....lib.detect.exception.finding import Finding
from .picking_case import PickingCase


@tagged("post_install", "-at_install")
class TestPickingList(PickingCase):
    """The order in which transfers should be picked, and why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = {
            tier: cls.env["res.partner"].create({"name": f"{tier} customer", "visibility_tier": tier})
            for tier in ("strategic", "key", "standard", False)
        }

    def _deliver_to(self, tier, promise="2026-02-05 11:00:00", **values):
        return self._deliver(promise, partner_id=self.partners[tier].id, **values)

    def _raise(self, picking, severity="warning"):
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category("late_risk")
        exceptions._open_findings({(category, picking): [Finding(self.env.cr.now(), "Trouble")]})
        exception = exceptions._find_open(category, picking)
        exception.severity = severity
        self._follow()
        return exception

    # ------------------------------------------------------------------ order
    def test_what_is_due_first_comes_first_whoever_the_customer_is(self):
        strategic = self._deliver_to("strategic", "2026-02-06 11:00:00")
        nobody = self._deliver_to(False, "2026-02-05 11:00:00")
        self.assertEqual(self._list(), nobody | strategic)

    def test_of_what_is_due_at_the_same_time_the_better_customer_comes_first_then_the_larger_value_then_the_older(self):
        small = self._deliver_to("standard")
        twin = self._deliver_to("standard")
        lines = [(0, 0, {"product_id": self.pump.id, "product_uom_qty": 9, "price_unit": 100, "tax_ids": False})]
        large = self._deliver_to("standard", order_line=lines)
        none, key, strategic = self._deliver_to(False), self._deliver_to("key"), self._deliver_to("strategic")
        self.assertEqual(len(set(self._list().mapped("visibility_due_at"))), 1)
        self.assertEqual(self._list().ids, (strategic | key | large | small | twin | none).ids)

    def test_of_equal_customers_the_one_in_trouble_comes_first(self):
        calm, trouble = self._deliver_to("key"), self._deliver_to("key")
        self._raise(trouble)
        self.assertEqual(self._list().ids, (trouble | calm).ids)

    def test_a_star_goes_before_the_promise_and_a_place_by_hand_before_the_star(self):
        first, second, third = (self._deliver(f"2026-02-0{day} 11:00:00") for day in (4, 5, 6))
        self._move(third, "star")
        self.assertEqual(self._list().ids, (third | first | second).ids)
        self._move(second, "ahead")
        self.assertEqual(self._list().ids, (second | third | first).ids)
        self._move(third, "back")
        self.assertEqual(self._list().ids, (second | first | third).ids)
        self._move(second | third, "own")
        self._move(third, "unstar")
        self.assertEqual(self._list().ids, (first | second | third).ids)

    def test_who_is_moved_ahead_last_is_first_and_several_keep_their_order(self):
        first, second, third = (self._deliver(f"2026-02-0{day} 11:00:00") for day in (4, 5, 6))
        self._move(third, "ahead")
        self._move(first | second, "ahead")
        self.assertEqual(self._list().ids, (first | second | third).ids)
        self._move(first | second, "back")
        self.assertEqual(self._list().ids, (third | first | second).ids)

    def test_a_customer_that_becomes_strategic_moves_up(self):
        one, two = self._deliver_to("standard"), self._deliver_to("key")
        self.assertEqual(self._list().ids, (two | one).ids)
        self.partners["standard"].visibility_tier = "strategic"
        self.assertEqual(self._list().ids, (one | two).ids)

    def test_the_database_sorts_by_one_index(self):
        self._deliver()
        pickings = self.env["stock.picking"]
        action = self.env.ref("distribution_visibility.visibility_picking_list_action")
        query = pickings._search(self._eval(action.domain), order=pickings._get_list_order(), limit=80)
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_bitmapscan = off")
        self.env.cr.execute("SET LOCAL enable_sort = off")
        self.env.cr.execute("EXPLAIN " + query.select().code, query.select().params)
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("stock_picking_visibility_queue", plan)
        self.assertNotIn("Sort", plan)

    def test_it_says_why_it_is_here(self):
        picking = self._deliver_to("strategic")
        self._move(picking, "ahead")
        self._move(picking, "star")
        self.env.user.tz = "Europe/Berlin"
        words = picking.visibility_why_here
        self.assertTrue(words.startswith("Moved ahead by hand, starred, due "), words)
        self.assertIn("4:00", words)
        self.assertIn("strategic customer", words)
        self.assertIn("200.00", words)

    # ------------------------------------------------------------------ what is on it
    def test_drafts_receipts_and_operation_types_that_are_not_ticked_are_not_on_it(self):
        picking = self._deliver()
        self._buy("2026-02-10 11:00:00")
        self.assertEqual(self._list(), picking)
        picking.picking_type_id.visibility_is_listed = False
        self.assertFalse(self._list())
        self.assertFalse(picking.visibility_due_at)

    def test_what_is_stopped_is_marked_and_can_be_left_out(self):
        free, stopped = self._deliver(), self._deliver()
        exception = self._raise(stopped, "blocking")
        exception.category_id.gate_ids = self.env["visibility.gate"].search([("code", "=", "delivery_validate")])
        self._follow()
        self.env.invalidate_all()
        listed = self._list()
        self.assertEqual(listed.filtered("visibility_is_stopped"), stopped)
        self.assertEqual(listed.filtered_domain([("visibility_is_stopped", "=", False)]), free)
        self.assertEqual(listed.search([("visibility_is_stopped", "=", True)]), stopped)
        self.assertIn(free, listed.search([("visibility_is_stopped", "=", False)]))

    def test_a_blocking_exception_that_lets_this_step_pass_does_not_stop_it(self):
        picking = self._deliver()
        exception = self._raise(picking, "blocking")
        exception.category_id.gate_ids = self.env["visibility.gate"].search([("code", "=", "sale_confirm")])
        self._follow()
        self.env.invalidate_all()
        self.assertFalse(picking.visibility_is_stopped)

    # ------------------------------------------------------------------ taking
    def test_one_tap_gives_it_to_me_and_opens_it(self):
        picking = self._deliver()
        action = picking.with_user(self.picker).action_visibility_take()
        self.assertEqual((picking.user_id, action["res_id"]), (self.picker, picking.id))
        change = self.changes.search([("picking_id", "=", picking.id)])
        self.assertEqual((change.what, change.user_id), ("user_id", self.picker))
        self.assertFalse(change.is_unexplained)

    def test_what_somebody_works_on_is_not_taken_away(self):
        picking = self._deliver()
        picking.with_user(self.lead).write({"user_id": self.lead.id, "printed": True})
        with self.assertRaisesRegex(UserError, "works on"):
            picking.with_user(self.picker).action_visibility_take()

    def test_a_lead_gives_it_to_a_picker_without_a_reason_and_moves_nothing_without_one(self):
        picking = self._deliver()
        self._move(picking, "give", reason=False, user_id=self.picker.id)
        self.assertEqual(picking.user_id, self.picker)
        with self.assertRaisesRegex(UserError, "Say why"):
            self._move(picking, "ahead", reason=" ")

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_only_who_works_in_the_warehouse_moves_transfers(self):
        picking = self._deliver()
        for login, *groups in (("visitor",), ("visitor-user", "distribution_visibility.group_coordinator")):
            visitor = self._create_user(login, *groups)
            with self.assertRaises(AccessError):
                self._move(picking, "ahead", user=visitor)

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule")
    def test_another_companys_list_and_log_are_its_own(self):
        picking = self._deliver()
        self._move(picking, "star")
        other = self.env["res.company"].create({"name": "Another distributor"})
        stranger = self.lead.copy({"login": "visibility-stranger", "company_id": other.id, "company_ids": other.ids})
        self.assertNotIn(picking, self._list(stranger))
        self.assertFalse(self.changes.with_user(stranger).search([("picking_id", "=", picking.id)]))
        with self.assertRaises(AccessError):
            self.changes.search([("picking_id", "=", picking.id)]).with_user(stranger).read(["reason"])

    def test_a_place_by_hand_in_one_company_does_not_count_in_another(self):
        picking = self._deliver()
        self._move(picking, "ahead")
        other = self.env["res.company"].create({"name": "Another distributor"})
        self.assertEqual(self.env["stock.picking"].with_company(other)._get_outermost_place("ahead"), 0)
        self.assertEqual(picking._get_outermost_place("ahead"), 1)
