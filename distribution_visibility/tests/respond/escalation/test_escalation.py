from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import RespondCase

ESCALATION = "odoo.addons.distribution_visibility.models.respond.escalation.visibility_exception"


class EscalationCase(RespondCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["visibility.escalation.policy"].search([]).active = False
        cls.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {
                "name": "Nine to five",
                "tz": "UTC",
                "attendance_ids": [
                    fields.Command.create({"name": f"Day {day}", "dayofweek": str(day), "hour_from": 9, "hour_to": 17})
                    for day in range(5)
                ],
            }
        )
        cls.boss = cls._create_user("visibility-boss", "distribution_visibility.group_coordinator")
        cls.category.user_id = cls.colleague
        cls.exceptions = cls.env["visibility.exception"].sudo()

    @classmethod
    def _policy(cls, *levels, **values):
        return cls.env["visibility.escalation.policy"].create(
            {
                "name": "Test policy",
                "category_ids": [fields.Command.set(cls.category.ids)],
                "starts_at": "opened",
                "level_ids": [
                    fields.Command.create({"sequence": number, **level}) for number, level in enumerate(levels)
                ],
                **values,
            }
        )

    def _tell(self, hours, *users):
        people = [fields.Command.set([user.id for user in users])]
        return {"hours": hours, "action": "notify", "who": "users", "user_ids": people}

    def _escalate(self, moment):
        with freeze_time(moment):
            return self.exceptions._escalate_due()


@tagged("post_install", "-at_install")
class TestEscalation(EscalationCase):
    """Nobody responds: one level after the other, each once, until somebody does."""

    @freeze_time("2026-03-06 15:00:00")  # a Friday
    def test_the_time_is_working_time(self):
        self._policy(self._tell(4, self.boss))
        exception = self._raise(self._create_partners(1))
        self.assertEqual(fields.Datetime.to_string(exception.escalation_due_at), "2026-03-09 11:00:00")

    @freeze_time("2026-03-02 09:00:00")
    def test_one_level_at_a_time_and_each_once(self):
        self._policy(self._tell(2, self.colleague), self._tell(2, self.boss))
        exception = self._raise(self._create_partners(1))
        self.assertEqual(self._escalate("2026-03-02 10:59:00"), 0)
        self._escalate("2026-03-04 11:00:00")  # both would be due by now
        self._escalate("2026-03-04 11:00:00")
        self.assertEqual(exception.escalation_step_ids.mapped("level"), [1])
        self._escalate("2026-03-04 13:00:00")
        self._escalate("2026-03-05 13:00:00")
        self.assertEqual(sorted(exception.escalation_step_ids.mapped("level")), [1, 2])
        self.assertFalse(exception.escalation_due_at)
        self.assertIn(self.boss, exception.activity_ids.user_id)

    @freeze_time("2026-03-02 09:00:00")
    def test_the_time_to_each_level_is_measured(self):
        self._policy(self._tell(2, self.boss))
        exception = self._raise(self._create_partners(1))
        exception.flush_recordset()
        self.env.cr.execute(
            "UPDATE visibility_exception SET create_date = '2026-03-02 09:00:00' WHERE id = %s", [exception.id]
        )
        exception.invalidate_recordset(["create_date"])
        self._escalate("2026-03-02 12:00:00")
        step = exception.escalation_step_ids
        self.assertEqual((step.hours_to_level, step.hours_late), (3, 1))
        run = self._get_runs(("origin", "=", "escalation"), ("exception_id", "=", exception.id))
        self.assertIn(self.boss.name, run.detail)

    @freeze_time("2026-03-02 09:00:00")
    def test_who_acknowledges_stops_it(self):
        self._policy(self._tell(2, self.boss))
        exception = self._raise(self._create_partners(1))
        exception.with_user(self.colleague).action_acknowledge()
        self.assertFalse(exception.escalation_due_at)
        self.assertEqual(self._escalate("2026-03-04 11:00:00"), 0)

    @freeze_time("2026-03-02 09:00:00")
    def test_a_policy_may_go_on_until_it_is_closed(self):
        self._policy(self._tell(2, self.boss), stops_on_acknowledge=False)
        exception = self._raise(self._create_partners(1))
        exception.with_user(self.colleague).action_acknowledge()
        self.assertTrue(exception.escalation_due_at)
        exception.state = "resolved"
        self.assertFalse(exception.escalation_due_at)

    @freeze_time("2026-03-02 09:00:00")
    def test_what_comes_back_begins_anew(self):
        self._policy(self._tell(2, self.boss))
        exception = self._raise(self._create_partners(1))
        self._escalate("2026-03-02 12:00:00")
        exception.state = "resolved"
        exception._reopen()
        self.assertEqual(exception.escalation_level, 0)
        self.assertTrue(exception.escalation_due_at)

    @freeze_time("2026-03-02 09:00:00")
    def test_handing_over_and_raising_the_severity_can_be_rolled_back(self):
        self._policy(
            {**self._tell(1, self.boss), "action": "reassign"},
            {**self._tell(1, self.boss), "action": "raise_severity"},
        )
        exception = self._raise(self._create_partners(1))
        self._escalate("2026-03-02 11:00:00")
        self.assertEqual(exception.user_id, self.boss)
        self._escalate("2026-03-02 13:00:00")
        self.assertEqual(exception.severity, "blocking")
        for run in self._get_runs(("origin", "=", "escalation"), ("exception_id", "=", exception.id)):
            run.action_roll_back()
        self.assertEqual((exception.user_id, exception.severity), (self.colleague, "warning"))

    @freeze_time("2026-03-02 09:00:00")
    @mute_logger(ESCALATION)
    def test_one_bad_record_stops_no_other_and_is_tried_again_later(self):
        self._policy(self._tell(2, self.boss))
        exceptions = self._raise(*self._create_partners(5))
        bad = exceptions[2]
        take = type(exceptions)._take_level

        def fail(exception, *args):
            if exception == bad:
                raise ValueError("This one is bad")
            return take(exception, *args)

        with patch.object(type(exceptions), "_take_level", fail):
            self._escalate("2026-03-02 12:00:00")
            self.assertEqual(self._escalate("2026-03-02 12:00:00"), 0)
        self.assertEqual(exceptions.filtered("escalation_step_ids"), exceptions - bad)
        self.assertEqual(bad.escalation_error, "This one is bad")
        self._escalate("2026-03-02 13:00:00")
        self.assertEqual(bad.escalation_level, 1)
        self.assertFalse(bad.escalation_error)

    @freeze_time("2026-03-02 09:00:00")
    def test_many_that_escalate_are_one_message_a_person(self):
        self._policy(self._tell(2, self.boss))
        self._raise(*self._create_partners(40))
        before = self.env["mail.message"].sudo().search_count([("partner_ids", "in", self.boss.partner_id.ids)])
        self._escalate("2026-03-02 12:00:00")
        after = self.env["mail.message"].sudo().search_count([("partner_ids", "in", self.boss.partner_id.ids)])
        self.assertEqual(after - before, 1)

    @freeze_time("2026-03-02 09:00:00")
    def test_who_is_away_is_stood_in_for(self):
        self.env["visibility.absence"].create(
            {
                "user_id": self.boss.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-09",
                "substitute_id": self.owner.id,
            }
        )
        self._policy(self._tell(2, self.boss))
        exception = self._raise(self._create_partners(1))
        self._escalate("2026-03-02 12:00:00")
        self.assertEqual(exception.escalation_step_ids.user_ids, self.owner)

    @freeze_time("2026-03-02 09:00:00")
    def test_another_companys_policy_does_not_count(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self._policy(self._tell(2, self.boss), company_id=other.id)
        self.assertFalse(self._raise(self._create_partners(1)).escalation_due_at)

    def test_a_level_says_whom(self):
        with self.assertRaises(ValidationError):
            self._policy({"hours": 1, "action": "notify", "who": "users"})
        with self.assertRaises(ValidationError):
            self._policy({"hours": 1, "action": "draft_mail", "who": "owner"})
        with self.assertRaises(ValidationError):
            self._policy()

    @freeze_time("2026-03-02 09:00:00")
    def test_an_overdue_receipt_goes_to_the_buyer_the_manager_and_a_draft_for_the_supplier(self):
        policy = self.env.ref("distribution_visibility.escalation_policy_receipt")
        policy.active = True
        self.env.ref("purchase.group_purchase_manager").write({"user_ids": [fields.Command.set(self.boss.ids)]})
        overdue = self.env["visibility.exception"]._get_category("receipt_overdue")
        overdue.user_id = False
        self.supplier.email = "orders@example.com"
        self.company.write({"visibility_quiet_from": 0, "visibility_quiet_to": 0})
        order = self._create_purchase()
        order.user_id = self.colleague
        mails = self.env["mail.mail"].sudo().search_count([("recipient_ids", "in", self.supplier.ids)])
        exception = self._raise(order, category=overdue).filtered(lambda one: one.category_id == overdue)
        for moment in ("2026-03-02 14:00:00", "2026-03-03 14:00:00", "2026-03-05 14:00:00"):
            self._escalate(moment)
        steps = exception.escalation_step_ids.sorted("level")
        self.assertEqual(steps.mapped("action"), ["notify", "notify", "draft_mail"])
        self.assertEqual(steps[0].user_ids, self.colleague)
        self.assertIn(self.boss, steps[1].user_ids)
        draft = exception.activity_ids.filtered(lambda one: "Release" in one.summary)
        self.assertEqual(draft.user_id, self.colleague)
        self.assertIn(order.name, draft.note)
        self.assertIn(self.supplier.name, draft.note)
        self.assertEqual(self.env["mail.mail"].sudo().search_count([("recipient_ids", "in", self.supplier.ids)]), mails)
        message = exception.message_out_ids
        self.assertEqual((message.state, message.origin, message.partner_id), ("draft", "escalation", self.supplier))
        message.with_user(self.colleague).action_send()
        self.assertEqual(message.mail_message_id.res_id, order.id)
        self.assertIn(order.name, message.mail_message_id.subject)
        sent = self.env["mail.mail"].sudo().search_count([("recipient_ids", "in", self.supplier.ids)])
        self.assertEqual(sent, mails + 1)
