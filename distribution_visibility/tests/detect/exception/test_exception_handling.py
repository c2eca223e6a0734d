from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ....lib.detect.exception.finding import Finding
from ...common import VisibilityCase

DELAYED = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Severe weather")
DELAYED_AGAIN = ("in_transit", "delayed", "2026-03-02T20:00:00Z", "Still delayed")
DELIVERED = ("delivered", "delivered", "2026-03-03T11:00:00Z", "Delivered")


class HandlingCase(VisibilityCase):
    """Two agents, a coordinator, and exceptions to work off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.exceptions = cls.env["visibility.exception"]
        cls.agent = cls._create_user("agent-a", "distribution_visibility.group_user")
        cls.colleague = cls._create_user("agent-b", "distribution_visibility.group_user")
        cls.cause = cls.env.ref("distribution_visibility.root_cause_weather")

    def _open(self, number, *scans, owner=None):
        delivery = self._create_delivery(number)
        self._tell(self.easypost, self._tracker(number, *(scans or [DELAYED])))
        exception = delivery.visibility_shipment_ids.exception_ids
        if owner is not None:
            exception.user_id = owner
        return exception

    def _open_about(self, subject, code="order_incomplete"):
        category = self.exceptions._get_category(code)
        self.exceptions._open_findings({(category, subject): [Finding(fields.Datetime.now(), "Found")]})
        return self.exceptions._find_open(category, subject)

    def _wizard(self, model, exceptions, user=None, **values):
        context = {"active_model": "visibility.exception", "active_ids": exceptions.ids}
        return self.env[model].with_user(user or self.owner).with_context(**context).create(values)


@tagged("post_install", "-at_install")
class TestExceptionHandling(HandlingCase):
    """People close exceptions with a reason and a cause, one or many at a time, and only what is theirs."""

    # ------------------------------------------------------------------ closing
    def test_resolving_says_why_it_had_happened_and_who_closed_it(self):
        exception = self._open("1Z1", owner=self.agent)
        self._wizard(
            "visibility.close.wizard", exception, self.agent, root_cause_id=self.cause.id, resolution="Sent again"
        ).action_confirm()
        self.assertEqual((exception.state, exception.resolution), ("resolved", "Sent again"))
        self.assertEqual((exception.root_cause_id, exception.root_cause_party), (self.cause, "nature"))
        self.assertEqual(exception.closed_by_id, self.agent)
        self.assertEqual(exception.responsible_party, "carrier", "what was reported stays as it was reported")

    def test_resolving_without_a_cause_and_dismissing_without_a_reason_change_nothing(self):
        exception = self._open("1Z1")
        for values in ({"task": "resolved"}, {"task": "dismissed", "resolution": " "}):
            with self.assertRaises(UserError):
                self._wizard("visibility.close.wizard", exception, **values).action_confirm()
        self.assertTrue(exception.is_open)

    def test_dismissing_keeps_the_reason(self):
        exception = self._open("1Z1")
        self._wizard(
            "visibility.close.wizard", exception, task="dismissed", resolution="Agreed with the customer"
        ).action_confirm()
        self.assertEqual((exception.state, exception.resolution), ("dismissed", "Agreed with the customer"))

    def test_what_clears_itself_names_the_fact_and_nobody(self):
        exception = self._open("1Z1")
        self._tell(self.easypost, self._tracker("1Z1", DELIVERED))
        self.assertEqual(exception.resolution, "Cleared by itself: Delivered")
        self.assertFalse(exception.closed_by_id)

    def test_what_was_noticed_in_our_house_says_in_words_what_cleared_it(self):
        order = self._create_delivery("1Z1").sale_id
        exception = self._open_about(order)
        self.exceptions._clear_subjects(exception.category_id, order, "The order has a carrier now.")
        self.assertEqual((exception.state, exception.resolution), ("resolved", "The order has a carrier now."))
        self.assertFalse(exception.closed_by_id or exception.closed_by_event_id)

    def test_how_often_trouble_came_back_is_counted_and_it_needs_a_new_cause(self):
        exception = self._open("1Z1")
        self._wizard("visibility.close.wizard", exception, root_cause_id=self.cause.id).action_confirm()
        exception.closed_at = "2026-03-02 12:00:00"
        self._tell(self.easypost, self._tracker("1Z1", DELAYED_AGAIN))
        self.assertEqual((exception.state, exception.reopen_count), ("new", 1))
        self.assertFalse(exception.root_cause_id or exception.closed_by_id)
        exception.action_resolve()
        exception.action_reopen()
        self.assertEqual(exception.reopen_count, 2)

    def test_root_causes_can_be_counted_in_measure(self):
        exception = self._open("1Z1")
        self._wizard("visibility.close.wizard", exception, root_cause_id=self.cause.id).action_confirm()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "distribution_visibility.visibility_root_cause_analysis_action"
        )
        groups = self.exceptions._read_group(
            [("id", "=", exception.id), ("root_cause_id", "!=", False)], ["root_cause_id"], ["value_at_risk:sum"]
        )
        self.assertEqual(action["res_model"], "visibility.exception")
        self.assertEqual(groups, [(self.cause, 200)])

    # ------------------------------------------------------------------ whose it is
    def test_a_user_works_what_is_theirs_or_nobodys_and_may_take_the_rest(self):
        exception = self._open("1Z1", owner=self.colleague)
        mine = exception.with_user(self.agent)
        for step in (mine.action_resolve, mine.action_start, mine.action_acknowledge):
            with self.assertRaisesRegex(AccessError, "belongs to agent-b. Take it over first"):
                step()
        with self.assertRaises(AccessError):
            mine.deadline = "2031-01-01 10:00:00"
        mine.action_take()
        mine.action_resolve()
        self.assertEqual((exception.state, exception.user_id), ("resolved", self.agent))
        exception.write({"state": "new", "user_id": False})
        mine.action_start()
        self.assertEqual(exception.state, "in_progress")

    def test_a_coordinator_works_everybodys(self):
        exception = self._open("1Z1", owner=self.colleague)
        exception.with_user(self.owner).action_resolve()
        self.assertEqual(exception.state, "resolved")

    def test_an_auditor_and_an_employee_change_nothing(self):
        exception = self._open("1Z1", owner=False)
        for groups in (("distribution_visibility.group_auditor",), ()):
            user = self._create_user(f"onlooker-{len(groups)}", *groups)
            with self.assertRaises(AccessError):
                exception.with_user(user).action_acknowledge()
            with self.assertRaises(AccessError):
                self._wizard("visibility.close.wizard", exception, user, root_cause_id=self.cause.id)

    def test_what_only_buttons_write_cannot_be_written_by_hand(self):
        exception = self._open("1Z1", owner=self.agent)
        for values in ({"closed_by_id": 1}, {"reopen_count": 0}, {"is_snoozed": True}, {"snoozed_until": False}):
            with self.assertRaises(AccessError):
                exception.with_user(self.agent).write(values)

    # ------------------------------------------------------------------ many at once
    def test_many_are_acknowledged_at_once_and_the_answer_counts_them(self):
        open_one, closed_one = self._open("1Z1", owner=False), self._open("1Z2", owner=False)
        closed_one.action_resolve()
        both = (open_one | closed_one).with_user(self.agent)
        answer = both.action_acknowledge()
        self.assertEqual((open_one.state, closed_one.state), ("acknowledged", "resolved"))
        self.assertEqual(open_one.user_id, self.agent)
        message = answer["params"]["message"]
        self.assertEqual(message, "1 exceptions are acknowledged. 1 were left as they are: closed, or done before.")

    def test_when_one_of_many_may_not_be_closed_none_is(self):
        mine, theirs = self._open("1Z1", owner=self.agent), self._open("1Z2", owner=self.colleague)
        wizard = self._wizard("visibility.close.wizard", mine | theirs, self.agent, root_cause_id=self.cause.id)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            wizard.action_confirm()
        self.assertTrue(mine.is_open and theirs.is_open)

    def test_many_are_resolved_with_one_cause(self):
        both = self._open("1Z1") | self._open("1Z2")
        answer = self._wizard("visibility.close.wizard", both, root_cause_id=self.cause.id).action_confirm()
        self.assertEqual(both.mapped("state"), ["resolved", "resolved"])
        self.assertEqual(both.root_cause_id, self.cause)
        self.assertIn("2 exceptions are resolved", answer["params"]["message"])

    def test_many_get_an_owner_and_their_tasks_go_along(self):
        both = self._open("1Z1") | self._open("1Z2")
        self._wizard("visibility.assign.wizard", both, user_id=self.colleague.id).action_confirm()
        self.assertEqual(both.user_id, self.colleague)
        self.assertEqual(both.activity_ids.user_id, self.colleague)

    def test_nobody_is_given_what_belongs_to_a_company_they_do_not_work_in(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._create_user("stranger", "distribution_visibility.group_user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        exception = self._open("1Z1")
        with self.assertRaisesRegex(UserError, "does not work in"):
            self._wizard("visibility.assign.wizard", exception, user_id=stranger.id).action_confirm()
        with self.assertRaises(AccessError):
            exception.with_user(stranger).action_take()

    def test_closing_what_is_closed_says_so(self):
        exception = self._open("1Z1")
        exception.action_resolve()
        with self.assertRaisesRegex(UserError, "nothing was changed"):
            self._wizard("visibility.close.wizard", exception, root_cause_id=self.cause.id).action_confirm()
