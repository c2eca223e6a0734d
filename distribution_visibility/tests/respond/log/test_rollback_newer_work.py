from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..automation.test_automation import AutomationCase


@tagged("post_install", "-at_install")
class TestRollbackNewerWork(AutomationCase):
    """What a response created belongs to whoever worked on it since: a rollback leaves it and says who did."""

    def setUp(self):
        super().setUp()
        self.automation = self._automate(
            {},
            model="sale.order",
            trigger="on_state_set",
            filter_domain="[('state', '=', 'sale')]",
            actions=[{"state": "visibility_raise", "visibility_category_id": self.category.id}],
        )
        self.order = self._create_delivery("1Z1").sale_id
        self.run = self._runs_of(self.automation)
        self.exception = self.order.visibility_exception_ids.filtered(lambda one: one.category_id == self.category)
        self.assertTrue(self.exception)

    def _assert_left_alone_because_of(self, person):
        answer = self.run.with_user(self.env.ref("base.user_admin")).action_roll_back()
        self.assertEqual(answer["params"]["type"], "danger")
        self.assertIn(person.name, answer["params"]["message"])
        self.assertTrue(self.exception.is_open)
        self.assertTrue(self.run.can_roll_back)

    def test_an_exception_that_nobody_touched_is_taken_back(self):
        self.run.with_user(self.env.ref("base.user_admin")).action_roll_back()
        self.assertEqual((self.exception.state, self.run.status), ("dismissed", "rolled_back"))

    def test_an_exception_that_somebody_took_stays_theirs(self):
        self.exception.with_user(self.colleague).action_take()
        self._assert_left_alone_because_of(self.colleague)

    def test_an_exception_that_somebody_acknowledged_stays(self):
        self.exception.with_user(self.colleague).action_acknowledge()
        self._assert_left_alone_because_of(self.colleague)

    def test_an_exception_that_somebody_wrote_about_stays(self):
        note = {"body": "I called the customer.", "message_type": "comment"}
        self.exception.with_user(self.colleague).message_post(**note)
        self._assert_left_alone_because_of(self.colleague)

    def test_an_exception_that_somebody_snoozed_stays(self):
        self.exception.with_user(self.colleague)._snooze(fields.Datetime.now() + timedelta(days=1))
        self._assert_left_alone_because_of(self.colleague)

    def test_an_exception_with_a_task_that_somebody_did_stays(self):
        task = self.exception.activity_schedule("mail.mail_activity_data_call", user_id=self.colleague.id)
        task.with_user(self.colleague).action_done()
        self._assert_left_alone_because_of(self.colleague)

    def test_a_task_of_a_response_that_somebody_did_stays_done(self):
        call = self.env.ref("mail.mail_activity_data_call")
        automation = self._automate(
            {},
            actions=[
                {
                    "state": "next_activity",
                    "activity_type_id": call.id,
                    "activity_user_type": "specific",
                    "activity_user_id": self.colleague.id,
                }
            ],
        )
        exception = self._raise(self._create_partners(1))
        task = exception.activity_ids.filtered(lambda one: one.activity_type_id == call)
        task.with_user(self.colleague).action_done()
        answer = self._runs_of(automation).with_user(self.env.ref("base.user_admin")).action_roll_back()
        self.assertEqual(answer["params"]["type"], "danger")
        self.assertIn(self.colleague.name, answer["params"]["message"])
        self.assertTrue(task.exists())
