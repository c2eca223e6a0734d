from odoo.exceptions import UserError
from odoo.tests import tagged

from .override_case import OverrideCase


@tagged("post_install", "-at_install")
class TestOverrideAutomation(OverrideCase):
    """Governed automations leave what a person holds, say so once, and are counted by it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls._create_partners(1)
        cls.order = cls._create_delivery("1Z1").sale_id

    def _overridden(self, automation):
        return self._runs_of(automation).filtered(lambda run: run.result == "overridden")

    def test_an_automation_leaves_a_record_that_is_left_to_people_and_says_so_once(self):
        automation = self._automate({"client_order_ref": "By machine"}, model="sale.order", trigger="on_write")
        row = self._override(self.order, "all")
        for number in range(3):
            self.order.note = f"Write {number}"
        self.assertFalse(self.order.client_order_ref)
        run = self._overridden(automation)
        self.assertEqual((len(run), run.override_id, run.res_id), (1, row, self.order.id))
        self.assertIn("The customer agreed", run.detail)
        self._override(self.order, "all", days=5)
        self.order.note = "After another override"
        self.assertEqual(len(self._overridden(automation)), 2)
        self._pass_days(5)
        self.order.note = "Automation again"
        self.assertEqual(self.order.client_order_ref, "By machine")

    def test_one_held_field_keeps_the_whole_action_from_that_record_only(self):
        exceptions = self._raise(*self._create_partners(3))
        automation = self._automate(
            {"user_id": self.colleague.id, "reason": "By machine"}, trigger="on_write", trigger_field_ids=[]
        )
        self._override(exceptions[1], "owner", self.owner.id)
        exceptions.write({"seen_count": 2})
        moved = exceptions.filtered(lambda one: one.user_id == self.colleague)
        self.assertEqual(moved, exceptions - exceptions[1])
        self.assertEqual((exceptions[1].user_id, exceptions[1].reason), (self.owner, "Late"))
        self.assertEqual(self._overridden(automation).exception_id, exceptions[1])

    def test_another_field_of_the_record_may_change(self):
        exception = self._raise(self.partner)
        automation = self._automate({"reason": "By machine"}, trigger="on_write", trigger_field_ids=[])
        self._override(exception, "owner", self.owner.id)
        exception.write({"seen_count": 2})
        self.assertEqual(exception.reason, "By machine")
        self.assertFalse(self._overridden(automation))

    def test_a_transfer_of_an_order_that_it_would_move_counts_too(self):
        automation = self._automate(
            {}, model="sale.order", trigger="on_write",
            actions=[{"state": "visibility_priority", "visibility_priority": "1"}],
        )  # fmt: skip
        self._override(self.order.picking_ids, "warehouse_priority", "0")
        self.order.note = "Write"
        self.assertEqual(self.order.picking_ids.priority, "0")
        self.assertEqual(self._overridden(automation).res_id, self.order.id)

    def test_an_automation_that_would_close_what_is_kept_open_does_nothing(self):
        exception = self._raise(self.partner)
        automation = self._automate({}, trigger="on_write", actions=[{"state": "visibility_clear"}])
        self._override(exception, "state")
        exception.write({"seen_count": 2})
        self.assertTrue(exception.is_open)
        self.assertEqual(len(self._overridden(automation)), 1)
        self.assertFalse(exception.cause_ended_at)

    def test_an_ungoverned_automation_and_a_plain_action_respect_it_as_well(self):
        exception = self._raise(self.partner)
        self._automate(
            {"severity": "blocking"}, trigger="on_write", trigger_field_ids=[], is_governed=False, accountable_id=False
        )
        self._override(exception, "severity", "information")
        exception.write({"seen_count": 2})
        self.assertEqual(exception.severity, "information")
        self._pass_days()
        self.assertEqual(exception.severity, "blocking")

    def test_a_yes_to_a_question_does_not_go_over_a_persons_head(self):
        automation = self._automate({"user_id": self.colleague.id}, approval_mode="always")
        exception = self._raise(self.partner)
        self._override(exception, "owner", self.person.id)
        with self.assertRaisesRegex(UserError, "Give it back"):
            self._runs_of(automation).with_user(self.owner).action_approve()
        self.assertEqual(exception.user_id, self.person)

    def test_an_automation_at_rest_does_nothing_and_says_so_once(self):
        automation = self._automate({"user_id": self.colleague.id})
        self._override(automation, "runs", user=self.env.ref("base.user_admin"))
        exceptions = self._raise(*self._create_partners(2)) | self._raise(self.partner)
        self.assertNotIn(self.colleague, exceptions.user_id)
        self.assertEqual(len(self._overridden(automation)), 1)
        self._pass_days()
        self.assertEqual(self._raise(*self._create_partners(1)).user_id, self.colleague)

    def test_how_often_people_decide_otherwise_stands_beside_the_success(self):
        automation = self._automate({"user_id": self.colleague.id})
        exceptions = self._raise(*self._create_partners(4))
        row = self._override(exceptions[0], "owner", self.person.id)
        self.assertEqual(row.automation_id, automation)
        automation.invalidate_recordset()
        self.assertEqual((automation.overridden_count, automation.overridden_rate), (1, 0.25))
        found = self.overrides.search(automation.action_open_overrides()["domain"])
        self.assertEqual(found, row)

    def test_what_was_rolled_back_was_not_overridden(self):
        automation = self._automate({"user_id": self.colleague.id})
        exception = self._raise(self.partner)
        self._runs_of(automation).action_roll_back()
        row = self._override(exception, "owner", self.person.id)
        self.assertFalse(row.automation_id)


@tagged("post_install", "-at_install")
class TestOverrideRule(OverrideCase):
    """Rules that people let rest, and rules whose findings people override."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env["visibility.rule"].create(
            {
                "name": "Marked late",
                "model_id": cls.env["ir.model"]._get_id("sale.order"),
                "domain": "[('client_order_ref', '=', 'late')]",
                "category_id": cls.env.ref("distribution_visibility.category_stale_document").id,
                "accountable_id": cls.owner.id,
            }
        )
        cls.orders = cls._create_delivery("1Z1").sale_id | cls._create_delivery("1Z2").sale_id
        cls.orders.client_order_ref = "late"

    def _found(self):
        return self.env["visibility.exception"].sudo().search([("rule_id", "=", self.rule.id)], order="id")

    def test_a_rule_at_rest_finds_nothing_and_looks_at_once_when_its_time_is_over(self):
        self._override(self.rule, "runs", user=self.env.ref("base.user_admin"))
        self.rule._run()
        self.assertFalse(self._found())
        self._pass_days()
        self.assertLessEqual(self.rule.next_run_at, self.env.cr.now())
        self.rule._run()
        self.assertEqual(len(self._found()), 2)

    def test_what_a_person_keeps_closed_is_not_found_anew_by_its_rule(self):
        self.rule._run()
        exception = self._found()[0]
        exception.with_user(self.owner).write({"state": "resolved"})
        self._override(exception, "state")
        self.clock.tick(60)
        self.rule._run()
        self.assertEqual((exception.state, exception.seen_count), ("resolved", 1))
        self._pass_days()
        self.rule._run()
        self.assertTrue(exception.is_open)

    def test_what_a_person_keeps_open_is_cleared_at_the_end_unless_the_rule_finds_it_again(self):
        self.rule._run()
        exceptions = self._found()
        self._override(exceptions, "state")
        self.orders.client_order_ref = "fine"
        self.rule._run()
        self.assertEqual(exceptions.mapped("is_open"), [True, True])
        self.orders[1].client_order_ref = "late"
        self.rule._run()
        self._pass_days()
        self.assertEqual(exceptions.mapped("is_open"), [False, True])

    def test_a_rule_that_people_override_often_shows_it(self):
        self.rule._run()
        row = self._override(self._found()[0], "severity", "information")
        self.assertEqual(row.rule_id, self.rule)
        self.rule.invalidate_recordset()
        self.assertEqual((self.rule.overridden_count, self.rule.overridden_rate), (1, 0.5))
        self.assertEqual(self.overrides.search(self.rule.action_open_overrides()["domain"]), row)
