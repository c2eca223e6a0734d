from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .test_automation import AutomationCase


@tagged("post_install", "-at_install")
class TestAutomationPeople(AutomationCase):
    """An automation acts for somebody who is there, and questions stay on a list until they are answered."""

    def test_whose_owner_has_left_asks_before_it_acts_and_somebody_is_told(self):
        automation = self._automate({"user_id": self.colleague.id})
        self.owner.active = False
        exception = self._raise(self._create_partners(1))
        asked = self._runs_of(automation)
        self.assertEqual((asked.result, asked.status), ("asked", "open"))
        self.assertNotEqual(exception.user_id, self.colleague)
        self.assertTrue(asked.activity_ids.user_id.active)
        incidents = self.env["visibility.incident"].sudo()
        incidents._watch()
        found = incidents.search([("kind", "=", "owner_left"), ("resolved_at", "=", False)])
        self.assertIn(automation.name, found.name)
        automation.accountable_id = self.colleague
        incidents._watch()
        self.assertTrue(found.resolved_at)

    def test_whoever_is_asked_is_there(self):
        approver = self._create_user("visibility-approver", "distribution_visibility.group_coordinator")
        automation = self._automate({}, approval_mode="always", approver_id=approver.id)
        approver.active = False
        self._raise(self._create_partners(1))
        self.assertEqual(self._runs_of(automation).activity_ids.user_id, self.owner)

    def test_an_automation_is_not_switched_on_for_somebody_who_has_left(self):
        automation = self._automate({}, active=False)
        self.owner.active = False
        with self.assertRaisesRegex(ValidationError, "accountable owner"):
            automation.active = True

    # ------------------------------------------------------------------ one task for many questions
    def test_the_task_stays_until_the_last_of_its_questions_is_answered(self):
        automation = self._automate({"user_id": self.colleague.id}, approval_mode="always")
        self._raise(*self._create_partners(3))
        runs = self._runs_of(automation)
        for left, run in zip((2, 1, 0), runs, strict=True):
            run.with_user(self.owner).action_approve()
            tasks = runs.activity_ids
            self.assertEqual(len(tasks), bool(left))
            self.assertEqual(tasks.user_id, self.owner if left else self.owner.browse())
            if left:
                waiting = runs.filtered(lambda one: one.status == "open")
                self.assertIn(tasks.res_id, waiting.ids)
        self.assertIn("Customer 2", runs[2].record_name)

    def test_the_task_says_how_many_questions_are_left(self):
        automation = self._automate({"user_id": self.colleague.id}, approval_mode="always")
        self._raise(*self._create_partners(3))
        runs = self._runs_of(automation)
        runs[0].with_user(self.owner).action_decline()
        self.assertIn("2", runs.activity_ids.summary)
        runs[1].with_user(self.owner).action_decline()
        self.assertIn(runs[2].record_name, runs.activity_ids.summary)

    def test_questions_of_another_moment_keep_a_task_too(self):
        automation = self._automate({"user_id": self.colleague.id}, approval_mode="always")
        self._raise(*self._create_partners(2))
        self._raise(*self._create_partners(2))
        runs = self._runs_of(automation)
        for run in runs[:2]:
            run.with_user(self.owner).action_decline()
        self.assertTrue(runs[2:].activity_ids)

    def test_two_owners_of_held_back_records_keep_their_tasks(self):
        self._automate({"user_id": self.colleague.id}, name="First")
        other = self._create_user("visibility-other", "distribution_visibility.group_coordinator")
        second = self._automate(
            {"user_id": other.id}, name="Second", trigger="on_user_set", accountable_id=other.id
        )
        self._raise(*self._create_partners(2))
        held = self._runs_of(second)
        held[0].with_user(other).action_decline()
        self.assertEqual(held[1].activity_ids.user_id, self.owner | other)
