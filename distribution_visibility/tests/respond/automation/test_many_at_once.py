import os

from odoo import fields
from odoo.tests import tagged

from .test_automation import AutomationCase

#: The issue's number is 10 000, which takes minutes: VISIBILITY_MANY=10000 runs it.
MANY = int(os.environ.get("VISIBILITY_MANY", 600))


@tagged("post_install", "-at_install")
class TestManyAtOnce(AutomationCase):
    """Thousands of exceptions at once are handed out, automated and escalated without thousands of mails."""

    def _count(self):
        return (
            self.env["mail.mail"].sudo().search_count([]),
            self.env["mail.message"].sudo().search_count([("message_type", "=", "user_notification")]),
        )

    def test_one_message_a_person_and_batch_however_many_there_are(self):
        self.env["visibility.team"].search([]).active = False
        people = [self._create_user(f"visibility-many-{number}") for number in range(4)]
        self.env["visibility.team"].create(
            {
                "name": "Service",
                "role": "service",
                "member_ids": [fields.Command.create({"user_id": one.id}) for one in people],
            }
        )
        self.category.write({"user_id": False, "owner_role": "service"})
        automation = self._automate(
            {},
            actions=[
                {"state": "visibility_assign"},
                {"state": "visibility_notify", "visibility_role": "service", "visibility_reason": "Look"},
            ],
        )
        partners = self._create_partners(MANY)
        mails, notices = self._count()
        exceptions = self._raise(*partners)
        self.assertEqual(len(exceptions), MANY)
        now_mails, now_notices = self._count()
        batches = -(-MANY // 500)
        self.assertLessEqual(now_notices - notices, len(people) * batches)
        self.assertLessEqual(now_mails - mails, len(people) * batches)
        self.assertEqual(len(self._runs_of(automation)), MANY)
        shares = [len(exceptions.filtered(lambda one, p=person: one.user_id == p)) for person in people]
        self.assertLessEqual(max(shares) - min(shares), 1 + batches)
        self.assertEqual(set(self._runs_of(automation).mapped("result")), {"done"})

    def test_the_shipped_automations_work_once_somebody_answers_for_them(self):
        shipped = self.env["base.automation"].with_context(active_test=False).search(
            [("is_governed", "=", True), ("id", "in", self._get_shipped_ids())]
        )
        self.assertEqual(len(shipped), 4)
        self.assertFalse(any(shipped.mapped("active")))
        shipped.write({"accountable_id": self.owner.id, "active": True})
        self.assertFalse(any(shipped.action_server_ids.mapped("warning")))
        order = self._create_delivery("1Z1").sale_id
        self._raise(order)
        run = self._runs_of(self.env.ref("distribution_visibility.automation_late_priority"))
        self.assertEqual(run.result, "done")
        self.assertEqual(order.picking_ids.priority, "1")

    def _get_shipped_ids(self):
        rows = self.env["ir.model.data"].search(
            [("module", "=", "distribution_visibility"), ("model", "=", "base.automation")]
        )
        return rows.mapped("res_id")
