from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ...detect.exception.test_exception_handling import HandlingCase

IMPORTANT = (
    *("late_risk", "delayed_in_transit", "damaged", "lost_or_stolen", "delivery_attempt_failed", "customs_hold"),
    *("receipt_overdue", "supplier_change_proposed", "stock_short", "credit_hold", "refused", "address_problem"),
)


@tagged("post_install", "-at_install")
class TestPlaybook(HandlingCase):
    """The usual steps are a checklist that anybody can start, and see how far it got."""

    def setUp(self):
        super().setUp()
        self.exception = self._open("1Z1", owner=self.agent)
        self.mine = self.exception.with_user(self.agent)

    def _get_steps(self):
        self.exception.invalidate_recordset()
        return self.exception.playbook_step_ids

    def test_the_important_categories_come_with_a_playbook(self):
        for code in IMPORTANT:
            playbook = self.exceptions._get_category(code).playbook_id
            self.assertGreaterEqual(len(playbook.template_ids), 3, code)
            self.assertEqual(playbook.res_model, "visibility.exception")

    def test_starting_it_gives_the_owner_the_steps_with_dates(self):
        self.mine.action_start_playbook()
        steps = self._get_steps()
        plan = self.exception.category_id.playbook_id
        self.assertEqual(steps.mapped("summary"), plan.template_ids.mapped("summary"))
        self.assertEqual(steps.user_id, self.agent)
        self.assertTrue(all(steps.mapped("date_deadline")))
        self.assertIn(plan.name, self.exception.message_ids[0].body)

    def test_progress_counts_what_is_done(self):
        self.mine.action_start_playbook()
        self.assertEqual((self.exception.playbook_done, self.exception.playbook_total), (0, 4))
        self._get_steps()[0].with_user(self.agent).action_done()
        self._get_steps()
        self.assertEqual((self.exception.playbook_done, self.exception.playbook_total), (1, 4))
        self.assertEqual(self.exception.playbook_progress, 25)

    def test_odoos_own_dialog_counts_as_well(self):
        plan = self.exception.category_id.playbook_id
        self.env["mail.activity.schedule"].with_user(self.agent).create(
            {"res_model": "visibility.exception", "res_ids": str(self.exception.ids), "plan_id": plan.id}
        ).action_schedule_plan()
        self.assertEqual(len(self._get_steps()), 4)

    def test_what_is_not_done_ends_with_the_exception_and_the_rest_is_history(self):
        self.mine.action_start_playbook()
        self._get_steps()[:2].with_user(self.agent).action_done()
        self.mine.action_resolve()
        self.assertEqual(len(self._get_steps()), 2)
        self.assertFalse(self.exception.activity_ids)
        bodies = self.exception.message_ids.mapped("body")
        self.assertTrue(any("2 of 4 steps of the playbook were done." in body for body in bodies))
        self.assertEqual(self.exception.playbook_progress, 50)

    def test_it_is_not_started_twice_or_on_what_is_closed(self):
        self.mine.action_start_playbook()
        self._get_steps()
        with self.assertRaisesRegex(UserError, "under way already"):
            self.mine.action_start_playbook()
        self.mine.action_resolve()
        with self.assertRaisesRegex(UserError, "is closed"):
            self.mine.action_start_playbook()

    def test_a_category_without_one_says_so(self):
        self.exception.category_id.playbook_id = False
        with self.assertRaisesRegex(UserError, "has no playbook"):
            self.mine.action_start_playbook()

    def test_nobody_starts_it_on_what_belongs_to_others(self):
        with self.assertRaises(AccessError):
            self.exception.with_user(self.colleague).action_start_playbook()

    def test_managers_keep_playbooks_and_no_other_plans(self):
        manager = self._create_user("playwright", "distribution_visibility.group_manager")
        plans = self.env["mail.activity.plan"].with_user(manager)
        mine = plans.create({"name": "Mine", "res_model": "visibility.exception"})
        mine.template_ids = [(0, 0, {"summary": "Call", "responsible_type": "exception_owner"})]
        with self.assertRaises(AccessError):
            plans.create({"name": "Theirs", "res_model": "res.partner"})
        with self.assertRaises(AccessError):
            self.env["mail.activity.plan"].with_user(self.agent).create(
                {"name": "No", "res_model": "visibility.exception"}
            )

    def test_the_owner_of_an_exception_is_nobody_on_other_documents(self):
        with self.assertRaises(ValidationError):
            self.env["mail.activity.plan"].create(
                {
                    "name": "Odd",
                    "res_model": "res.partner",
                    "template_ids": [(0, 0, {"summary": "Call", "responsible_type": "exception_owner"})],
                }
            )
