from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import RespondCase

RUNNING = "odoo.addons.distribution_visibility.models.respond.automation.base_automation_running"


class AutomationCase(RespondCase):
    @classmethod
    def _automate(cls, vals, model="visibility.exception", trigger="on_create", actions=None, **values):
        """A governed automation that writes ``vals`` on the record."""
        model_id = cls.env["ir.model"]._get_id(model)
        automation = cls.env["base.automation"].create(
            {
                "name": "Test automation",
                "model_id": model_id,
                "trigger": trigger,
                "is_governed": True,
                "accountable_id": cls.owner.id,
                "purpose": "To test it",
                **values,
            }
        )
        for name, value in vals.items():
            cls._add_write(automation, name, value)
        for action in actions or ():
            cls._add_action(automation, **action)
        return automation

    @classmethod
    def _add_write(cls, automation, name, value):
        field = cls.env["ir.model.fields"]._get(automation.model_name, name)
        more = {"value": str(value)}
        if field.ttype == "selection":
            selected = field.selection_ids.filtered(lambda one: one.value == value)
            more["selection_value"] = selected.id
        elif field.relation:
            more["resource_ref"] = f"{field.relation},{value}"
        cls._add_action(automation, state="object_write", update_path=name, evaluation_type="value", **more)

    @classmethod
    def _add_action(cls, automation, **values):
        return cls.env["ir.actions.server"].create(
            {
                "name": "Test action",
                "model_id": automation.model_id.id,
                "base_automation_id": automation.id,
                "usage": "base_automation",
                **values,
            }
        )

    def _runs_of(self, automation):
        return self._get_runs(("automation_id", "=", automation.id))


@tagged("post_install", "-at_install")
class TestGovernance(AutomationCase):
    """What an automation needs before it may act."""

    def test_an_automation_without_an_owner_cannot_be_switched_on(self):
        with self.assertRaisesRegex(ValidationError, "accountable owner"):
            self._automate({}, accountable_id=False)
        automation = self._automate({}, accountable_id=False, active=False)
        with self.assertRaisesRegex(ValidationError, "accountable owner"):
            automation.active = True
        automation.write({"accountable_id": self.owner.id, "active": True})

    def test_moves_and_lines_are_never_governed(self):
        for model in ("stock.move", "sale.order.line", "purchase.order.line", "res.partner"):
            with self.subTest(model=model), self.assertRaisesRegex(ValidationError, "exceptions and documents"):
                self._automate({}, model=model, trigger="on_create")

    def test_an_unsigned_web_address_starts_nothing_governed(self):
        with self.assertRaisesRegex(ValidationError, "cannot start"):
            self._automate({}, trigger="on_webhook")

    def test_a_high_risk_asks_or_tests(self):
        with self.assertRaisesRegex(ValidationError, "high risk"):
            self._automate({}, risk_class="high")
        self._automate({}, risk_class="high", approval_mode="always")
        self._automate({}, risk_class="high", is_test_mode=True)

    def test_a_threshold_says_which(self):
        with self.assertRaisesRegex(ValidationError, "value or severity"):
            self._automate({}, approval_mode="threshold")

    def test_other_automations_stay_as_odoo_made_them(self):
        automation = self._automate({"user_id": self.colleague.id}, is_governed=False, accountable_id=False)
        exception = self._raise(self._create_partners(1))
        self.assertEqual(exception.user_id, self.colleague)
        self.assertFalse(self._runs_of(automation))


@tagged("post_install", "-at_install")
class TestAutomation(AutomationCase):
    """What a governed automation does, and what is kept of it."""

    def test_what_it_does_is_recorded_with_why_and_can_be_rolled_back(self):
        automation = self._automate({"user_id": self.colleague.id})
        exception = self._raise(self._create_partners(1))
        run = self._runs_of(automation)
        self.assertEqual(exception.user_id, self.colleague)
        self.assertEqual((run.result, run.origin, run.exception_id), ("done", "automation", exception))
        self.assertIn("To test it", run.reason)
        self.assertEqual(set(run.change_ids.mapped("field_name")), {"user_id", "owner_source"})
        run.action_roll_back()
        self.assertNotEqual(exception.user_id, self.colleague)
        self.assertEqual(run.status, "rolled_back")

    def test_an_order_is_governed_as_well(self):
        automation = self._automate({"client_order_ref": "Careful"}, model="sale.order", trigger="on_state_set")
        automation.filter_domain = "[('state', '=', 'sale')]"
        order = self._create_delivery("1Z1").sale_id
        self.assertEqual(order.client_order_ref, "Careful")
        self.assertEqual(self._runs_of(automation).res_id, order.id)
        self._runs_of(automation).action_roll_back()
        self.assertFalse(order.client_order_ref)

    @mute_logger(RUNNING)
    def test_one_bad_record_stops_neither_the_others_nor_whoever_saves(self):
        automation = self._automate({"user_id": self.colleague.id})
        partners = self._create_partners(9)
        bad = partners[4]
        code = f"if record.res_id == {bad.id}: raise UserError('This one is bad')"
        self._add_action(automation, state="code", code=code)
        exceptions = self._raise(*partners)
        spared = exceptions.filtered(lambda one: one.user_id == self.colleague)
        self.assertEqual(len(spared), 8)
        failed = self._runs_of(automation).filtered(lambda run: run.result == "failed")
        self.assertEqual((failed.exception_id.res_id, failed.detail), (bad.id, "This one is bad"))
        self.assertFalse(failed.change_ids)
        self.assertAlmostEqual(automation.success_rate, 8 / 9)
        self.assertIn("This one is bad", automation.last_failure)

    def test_in_test_mode_nothing_changes_and_everything_is_recorded(self):
        automation = self._automate({"user_id": self.colleague.id}, is_test_mode=True)
        self._add_action(automation, state="code", code="raise UserError('Code does not run in a test')")
        exception = self._raise(self._create_partners(1))
        run = self._runs_of(automation)
        self.assertNotEqual(exception.user_id, self.colleague)
        self.assertEqual(run.result, "test")
        change = run.change_ids.filtered(lambda one: one.field_name == "user_id")
        self.assertEqual(change.after_label, self.colleague.display_name)
        self.assertIn("Would run", run.detail)
        self.assertFalse(run.can_roll_back)

    def test_above_the_limit_records_are_skipped_and_the_owner_is_told_once(self):
        automation = self._automate({"user_id": self.colleague.id}, hourly_limit=3)
        exceptions = self._raise(*self._create_partners(5))
        self.assertEqual(len(exceptions.filtered(lambda one: one.user_id == self.colleague)), 3)
        skipped = self._runs_of(automation).filtered(lambda run: run.result == "limited")
        self.assertEqual((len(skipped), skipped.record_count), (1, 2))
        self._raise(*self._create_partners(2))
        incidents = self.env["visibility.incident"].sudo()
        incidents._watch()
        incidents._watch()
        found = incidents.search([("kind", "=", "automation_limit")])
        self.assertEqual((len(found), found.user_id, found.count), (1, self.owner, 4))

    def test_records_that_no_longer_match_are_left_alone(self):
        automation = self._automate({"user_id": self.colleague.id}, filter_domain="[('severity', '=', 'blocking')]")
        self._raise(self._create_partners(1))
        self.assertFalse(self._runs_of(automation))

    def test_a_task_that_it_planned_is_taken_back_too(self):
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
        self.assertIn(call, exception.activity_ids.activity_type_id)
        self._runs_of(automation).action_roll_back()
        self.assertNotIn(call, exception.activity_ids.activity_type_id)

    def test_what_left_the_house_is_not_said_to_be_reversible(self):
        automation = self._automate({}, actions=[{"state": "code", "code": "pass"}])
        exception = self._raise(self._create_partners(1))
        run = self._runs_of(automation)
        self.assertFalse(run.is_reversible)
        self.assertTrue(run.irreversible_reason)
        with self.assertRaises(UserError):
            run.action_roll_back()
        self.assertTrue(exception.is_open)

    def test_a_rollback_action_makes_code_reversible(self):
        automation = self._automate({}, actions=[{"state": "code", "code": "record.write({'reason': 'By code'})"}])
        automation.rollback_action_id = self.env["ir.actions.server"].create(
            {
                "name": "Back",
                "model_id": automation.model_id.id,
                "state": "code",
                "code": "record.write({'reason_code': 'BACK'})",
            }
        )
        exception = self._raise(self._create_partners(1))
        self._runs_of(automation).action_roll_back()
        self.assertEqual((exception.reason, exception.reason_code), ("Late", "BACK"))

    def test_a_conflict_between_transactions_is_left_to_odoo(self):
        from psycopg2.errors import SerializationFailure

        automation = self._automate({"user_id": self.colleague.id})
        with (
            patch.object(type(automation), "_act", side_effect=SerializationFailure("again")),
            self.assertRaises(SerializationFailure),
        ):
            self._raise(self._create_partners(1))

    def test_time_triggers_record_failures_and_do_not_spin(self):
        automation = self._automate(
            {},
            trigger="on_time_created",
            trg_date_range=0,
            trg_date_range_type="minutes",
            actions=[{"state": "code", "code": "raise UserError('Always')"}],
        )
        exception = self._raise(self._create_partners(1))
        found = patch.object(
            type(automation), "_search_time_based_automation_records", lambda self, until: exception
        )
        with found, mute_logger(RUNNING), self.enter_registry_test_mode():
            self.env.ref("base_automation.ir_cron_data_base_automation_check").method_direct_trigger()
        self.assertTrue(automation.last_run)
        self.assertEqual(self._runs_of(automation).result, "failed")


@tagged("post_install", "-at_install")
class TestAsking(AutomationCase):
    """From a value or severity on, a person decides."""

    def test_above_the_threshold_it_asks_and_acts_on_a_yes(self):
        automation = self._automate(
            {"user_id": self.colleague.id}, approval_mode="threshold", approval_severity="warning"
        )
        exception = self._raise(self._create_partners(1))
        asked = self._runs_of(automation)
        self.assertEqual((asked.result, asked.status), ("asked", "open"))
        self.assertNotEqual(exception.user_id, self.colleague)
        self.assertEqual(asked.activity_ids.user_id, self.owner)
        asked.with_user(self.owner).action_approve()
        self.assertEqual(exception.user_id, self.colleague)
        self.assertEqual((asked.follow_ids.result, asked.follow_ids.origin), ("done", "approval"))
        self.assertEqual(asked.follow_ids.user_id, self.owner)
        self.assertEqual(asked.status, "answered")
        self.assertFalse(asked.activity_ids)
        asked.follow_ids.action_roll_back()
        self.assertNotEqual(exception.user_id, self.colleague)

    def test_below_the_threshold_it_acts(self):
        automation = self._automate(
            {"user_id": self.colleague.id}, approval_mode="threshold", approval_severity="blocking", approval_value=1000
        )
        self._raise(self._create_partners(1))
        self.assertEqual(self._runs_of(automation).result, "done")

    def test_the_value_of_an_order_counts_in_company_currency(self):
        automation = self._automate({}, model="sale.order", approval_mode="threshold", approval_value=150)
        small = self._create_delivery("1Z1", quantity=1).sale_id
        large = self._create_delivery("1Z2", quantity=2).sale_id
        self.assertFalse(automation._is_to_be_asked(small))
        self.assertTrue(automation._is_to_be_asked(large))
        self.assertTrue(automation._is_to_be_asked(large.picking_ids))

    def test_a_no_changes_nothing_and_is_kept(self):
        automation = self._automate({"user_id": self.colleague.id}, approval_mode="always")
        exception = self._raise(self._create_partners(1))
        asked = self._runs_of(automation)
        asked.with_user(self.owner).action_decline()
        self.assertEqual((asked.follow_ids.result, asked.follow_ids.user_id), ("declined", self.owner))
        self.assertNotEqual(exception.user_id, self.colleague)
        with self.assertRaises(UserError):
            asked.with_user(self.owner).action_approve()

    def test_somebody_else_cannot_answer(self):
        automation = self._automate({"user_id": self.colleague.id}, approval_mode="always")
        self._raise(self._create_partners(1))
        with self.assertRaises(AccessError):
            self._runs_of(automation).with_user(self.colleague).action_approve()

    def test_what_no_longer_applies_is_not_done(self):
        automation = self._automate(
            {"user_id": self.colleague.id}, approval_mode="always", filter_domain="[('state', '=', 'new')]"
        )
        exception = self._raise(self._create_partners(1))
        exception.state = "resolved"
        with self.assertRaisesRegex(UserError, "over"):
            self._runs_of(automation).with_user(self.owner).action_approve()

    def test_a_question_that_is_open_is_not_put_again(self):
        automation = self._automate(
            {"user_id": self.colleague.id},
            trigger="on_create_or_write",
            approval_mode="always",
            filter_domain="[('state', '=', 'waiting')]",
        )
        exception = self._raise(self._create_partners(1))
        exception.state = "waiting"
        exception.reason = "Changed"
        self.assertEqual(len(self._runs_of(automation)), 1)

    def test_many_questions_are_one_task(self):
        automation = self._automate({"user_id": self.colleague.id}, approval_mode="always")
        self._raise(*self._create_partners(7))
        runs = self._runs_of(automation)
        self.assertEqual(len(runs), 7)
        self.assertEqual(len(runs.activity_ids), 1)
        self.assertIn("7", runs.activity_ids.summary)


@tagged("post_install", "-at_install")
class TestDisagreement(AutomationCase):
    """Two automations that want different things do not play ping-pong."""

    def setUp(self):
        super().setUp()
        self.first = self._automate({"user_id": self.colleague.id}, name="First")
        self.other_owner = self._create_user("visibility-other", "distribution_visibility.group_coordinator")

    def _second(self, value, **values):
        return self._automate(
            {"user_id": value.id},
            name="Second",
            trigger="on_user_set",
            accountable_id=self.other_owner.id,
            **values,
        )

    def test_the_second_is_held_back_and_both_owners_are_told(self):
        second = self._second(self.other_owner)
        exception = self._raise(self._create_partners(1))
        self.assertEqual(exception.user_id, self.colleague)
        held = self._runs_of(second)
        self.assertEqual(held.result, "disagreed")
        self.assertIn("First", held.detail)
        self.assertEqual(held.activity_ids.user_id, self.owner | self.other_owner)
        self.assertEqual(self._runs_of(self.first).result, "done")

    def test_later_within_the_time_it_is_held_back_too_and_nobody_is_told_twice(self):
        exceptions = self._raise(*self._create_partners(3))
        second = self._automate(
            {"user_id": self.other_owner.id},
            name="Second",
            trigger="on_state_set",
            filter_domain="[('state', '=', 'acknowledged')]",
            accountable_id=self.other_owner.id,
        )
        exceptions.write({"state": "acknowledged"})
        self.assertEqual(exceptions.user_id, self.colleague)
        held = self._runs_of(second)
        self.assertEqual(held.mapped("result"), ["disagreed"] * 3)
        self.assertEqual(len(held.activity_ids), 2)

    def test_a_person_can_let_the_second_one_win(self):
        second = self._second(self.other_owner)
        exception = self._raise(self._create_partners(1))
        self._runs_of(second).with_user(self.other_owner).action_approve()
        self.assertEqual(exception.user_id, self.other_owner)

    def test_who_wants_the_same_does_not_disagree(self):
        second = self._second(self.colleague)
        self._raise(self._create_partners(1))
        self.assertNotIn("disagreed", self._runs_of(second).mapped("result"))

    def test_what_a_person_set_since_is_no_disagreement(self):
        exception = self._raise(self._create_partners(1))
        exception.user_id = self.owner
        second = self._automate(
            {"user_id": self.other_owner.id},
            name="Second",
            trigger="on_state_set",
            filter_domain="[('state', '=', 'acknowledged')]",
        )
        exception.state = "acknowledged"
        self.assertEqual(exception.user_id, self.other_owner)
        self.assertEqual(self._runs_of(second).result, "done")

    def test_what_was_rolled_back_binds_nobody(self):
        exception = self._raise(self._create_partners(1))
        self._runs_of(self.first).action_roll_back()
        second = self._automate(
            {"user_id": self.colleague.id, "reason": "x"},
            name="Second",
            trigger="on_state_set",
            filter_domain="[('state', '=', 'acknowledged')]",
        )
        exception.state = "acknowledged"
        self.assertEqual(self._runs_of(second).result, "done")
