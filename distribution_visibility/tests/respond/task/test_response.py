from odoo.tests import tagged

from ...common import VisibilityCase


@tagged("post_install", "-at_install")
class TestResponse(VisibilityCase):
    """The owner's task lives as long as the exception and follows its owner."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        delivery = cls._create_delivery("1Z1")
        cls._tell(cls.easypost, cls._tracker("1Z1", ("in_transit", "delayed", cls._ago(hours=1), "Late")))
        cls.exception = delivery.visibility_shipment_ids.exception_ids
        cls.agent = cls._create_user("agent-1", "distribution_visibility.group_user")

    def test_the_task_is_gone_when_the_exception_is_resolved(self):
        self.assertEqual(self.exception.activity_ids.user_id, self.owner)
        self.exception.with_user(self.owner).action_resolve()
        self.assertFalse(self.exception.activity_ids)

    def test_the_task_comes_back_when_it_is_reopened(self):
        self.exception.action_resolve()
        self.exception.action_reopen()
        self.assertEqual(len(self.exception.activity_ids), 1)

    def test_who_takes_over_gets_the_task(self):
        self.exception.with_user(self.agent).action_take()
        self.assertEqual(self.exception.activity_ids.user_id, self.agent)

    def test_who_takes_over_gets_a_task_that_was_handed_to_a_team_alone(self):
        """As OCA's ``mail_activity_team`` does: a task without a person."""
        task = self.exception._get_response_activities()
        task.user_id = False
        self.exception.user_id = self.agent
        self.assertEqual(task.user_id, self.agent)

    def test_a_later_deadline_moves_the_task(self):
        self.exception.deadline = "2031-05-05 12:00:00"
        self.assertEqual(str(self.exception.activity_ids.date_deadline), "2031-05-05")

    def test_an_activity_that_a_person_planned_stays(self):
        call = self.exception.activity_schedule("mail.mail_activity_data_call", user_id=self.agent.id)
        self.exception.action_resolve()
        self.assertEqual(self.exception.activity_ids, call)
