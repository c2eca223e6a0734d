from itertools import product

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ....lib.detect.exception.finding import Finding
from .test_automation import AutomationCase

FORBIDDEN = "odoo.addons.base.models.ir_actions"


class GuardCase(AutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(cls.env, "visibility-portal", "base.group_portal")
        cls.employee = cls._create_user("visibility-employee")
        cls.exception = cls._raise(cls._create_partners(1))

    @classmethod
    def _action(cls, state, model="visibility.exception", **values):
        values = {"visibility_category_id": cls.category.id, "visibility_reason": "Because", **values}
        model_id = cls.env["ir.model"]._get_id(model)
        return cls.env["ir.actions.server"].create({"name": "Act", "model_id": model_id, "state": state, **values})

    def _press(self, user, action, records, model=None, **context):
        """What the web client sends when somebody chooses an action."""
        context = {"active_model": model or records._name, "active_ids": records.ids, **context}
        return action.with_user(user).with_context(**context).run()

    def _refused(self, *arguments, **context):
        with mute_logger(FORBIDDEN), self.assertRaises(AccessError), self.env.cr.savepoint():
            self._press(*arguments, **context)


@tagged("post_install", "-at_install")
class TestWhoRunsActions(GuardCase):
    """An action is run by whoever may write its records, and on no others."""

    def test_nobody_runs_an_action_on_records_that_were_not_checked(self):
        clear = self._action("visibility_clear")
        many = self._action("multi", child_ids=[fields.Command.set(self._action("visibility_clear").ids)])
        for user in (self.portal, self.employee):
            for action in (clear, many):
                for model in ("x", "res.partner", "", "visibility.exception"):
                    with self.subTest(user=user.login, action=action.state, model=model):
                        self._refused(user, action, self.exception, model)
                        self.assertTrue(self.exception.is_open)

    def test_an_action_for_a_group_does_not_give_the_group_records(self):
        groups = [fields.Command.set(self.env.ref("base.group_user").ids)]
        child = self._action("visibility_clear")
        for action in (
            self._action("visibility_clear", group_ids=groups),
            self._action("multi", group_ids=groups, child_ids=[fields.Command.set(child.ids)]),
        ):
            with self.subTest(action=action.state):
                self._refused(self.employee, action, self.exception)
                self.assertTrue(self.exception.is_open)

    def test_every_kind_leaves_unchecked_records_alone(self):
        order = self._create_delivery("1Z1").sale_id
        for state in self.env["ir.actions.server"]._get_visibility_states() - {"visibility_emit", "visibility_brief"}:
            with self.subTest(state=state):
                action = self._action(state, "sale.order", visibility_role="service")
                self._refused(self.portal, action, order, "x")
        self.assertFalse(self._get_runs(("res_model", "=", "sale.order"), ("res_id", "=", order.id)))

    def test_whoever_may_write_them_acts_and_it_is_recorded(self):
        self._press(self.colleague, self._action("visibility_clear"), self.exception)
        self.assertFalse(self.exception.is_open)
        run = self._get_runs(("exception_id", "=", self.exception.id))
        self.assertEqual((run.origin, run.user_id), ("server_action", self.colleague))

    def test_a_company_that_is_not_ones_own_is_left_alone(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user("visibility-stranger", "distribution_visibility.group_manager")
        stranger.write({"company_ids": [fields.Command.set(company.ids)], "company_id": company.id})
        action = self._action("visibility_clear").with_context(allowed_company_ids=company.ids)
        with mute_logger("odoo.addons.base.models.ir_rule"):
            self._refused(stranger, action, self.exception)
        # Their rights to other exceptions give them none to this one
        self._press(stranger, action, self.exception, "x")
        self.assertTrue(self.exception.is_open)
        self.assertFalse(self._get_runs(("exception_id", "=", self.exception.id)))

    def test_an_automation_acts_for_people_who_may_not_write_the_records(self):
        automation = self._automate({}, is_governed=False, accountable_id=False)
        self._add_action(automation, state="visibility_clear", visibility_category_id=self.category.id)
        partner = self._create_partners(1)
        self.env["visibility.exception"].with_user(self.portal).sudo()._open_findings(
            {(self.category, partner): [Finding(fields.Datetime.now(), "Late")]}
        )
        opened = self.env["visibility.exception"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", partner.id)]
        )
        self.assertEqual(opened.state, "resolved")


@tagged("post_install", "-at_install")
class TestActionsOverHttp(HttpCase):
    """The same through the address that the web client calls."""

    def test_a_portal_user_closes_nothing(self):
        new_test_user(self.env, "visibility-portal", "base.group_portal", password="visibility-portal")
        category = self.env["visibility.exception"]._get_category("late_risk")
        partner = self.env["res.partner"].create({"name": "Customer"})
        exceptions = self.env["visibility.exception"].sudo()
        exceptions._open_findings({(category, partner): [Finding(fields.Datetime.now(), "Late")]})
        exception = exceptions._find_open(category, partner)
        model_id = self.env["ir.model"]._get_id("visibility.exception")
        action = self.env["ir.actions.server"].create(
            {"name": "Clear", "model_id": model_id, "state": "visibility_clear"}
        )
        self.authenticate("visibility-portal", "visibility-portal")
        context = {"active_model": "x", "active_ids": exception.ids}
        with mute_logger("odoo.http", FORBIDDEN):
            answer = self.make_jsonrpc_request_raw(action, context)
        exception.invalidate_recordset()
        self.assertTrue(exception.is_open)
        self.assertIn("AccessError", answer)

    def make_jsonrpc_request_raw(self, action, context):
        params = {"action_id": action.id, "context": context}
        return self.url_open("/web/action/run", json={"jsonrpc": "2.0", "method": "call", "params": params}).text


@tagged("post_install", "-at_install")
class TestGovernedActionsOnTheirOwn(GuardCase):
    """What belongs to a governed automation is done by that automation: it asks first, and knows its limits."""

    def test_its_action_cannot_be_pressed(self):
        automation = self._automate({"user_id": self.colleague.id}, approval_mode="always", trigger="on_write")
        child = self._action("visibility_clear")
        self._add_action(automation, state="multi", child_ids=[fields.Command.set(child.ids)])
        self._add_action(automation, state="visibility_clear", visibility_category_id=self.category.id)
        owner = self.exception.user_id
        people = self.colleague, self.env.ref("base.user_admin")
        forged = (), [[automation.id, {}]], [[automation.id, "scope"]]
        for action, user, scopes in product(automation.action_server_ids | child, people, forged):
            with self.subTest(action=action.state, user=user.login, scopes=scopes):
                self._refused(user, action, self.exception, visibility_scopes=scopes)
        self.assertEqual((self.exception.user_id, self.exception.is_open), (owner, True))
        self.assertFalse(self._runs_of(automation))


@tagged("post_install", "-at_install")
class TestContextGrantsNothing(GuardCase):
    """What a caller writes into the context opens no door."""

    def setUp(self):
        super().setUp()
        self.automation = self._automate({"user_id": self.colleague.id}, approval_mode="always", trigger="on_write")
        self.mine = self.exception.with_user(self.owner)

    def test_an_answer_that_nobody_gave(self):
        forged = self._get_runs()[:1] or self.runs._record([self.runs._prepare_run(self.exception, **self._facts())])
        self.mine.with_context(visibility_answers=[self.automation.id, forged.id]).reason = "Otherwise"
        self.assertEqual(self._runs_of(self.automation).mapped("result"), ["asked"])
        self.assertNotEqual(self.exception.user_id, self.colleague)

    def _facts(self):
        return {"name": "x", "origin": "button", "result": "done"}

    def test_a_rollback_that_is_none_holds_no_automation_back(self):
        self.mine.with_context(visibility_rolls_back=True).reason = "Otherwise"
        self.assertEqual(self._runs_of(self.automation).mapped("result"), ["asked"])

    def test_what_is_no_scope_or_desk_is_not_taken_for_one(self):
        context = {"visibility_scopes": [[False, {}]], "visibility_desk": "desk"}
        clear = self._action("visibility_clear")
        self._press(self.colleague, clear, self.exception, **context)
        run = self._get_runs(("exception_id", "=", self.exception.id), ("origin", "=", "server_action"))
        self.assertEqual(run.name, "Act")
        partner = self._create_partners(1)
        exceptions = self.env["visibility.exception"].with_context(**context).sudo()
        exceptions._open_findings({(self.category, partner): [Finding(fields.Datetime.now(), "Late")]})
        self.assertTrue(exceptions._find_open(self.category, partner))

    def test_the_receipts_of_a_line_are_planned_whatever_the_context_says(self):
        order = self._create_purchase()
        order.order_line.with_context(visibility_keeps_moves=True).product_qty = 15
        self.assertEqual(sum(order.order_line.move_ids.mapped("product_uom_qty")), 15)

    def test_defaults_make_no_evidence(self):
        context = {
            **{"default_detail": "Forged", "default_hash": "00", "default_previous_hash": "00"},
            **{"default_chain_sequence": 1, "default_answered_at": "2020-01-01", "default_is_reversible": True},
        }
        runs = self.env["visibility.action.run"].with_context(**context)
        run = runs._record([runs._prepare_run(self.exception, **self._facts())])
        self.assertFalse(run.detail or run.hash or run.previous_hash or run.chain_sequence or run.answered_at)
        self.assertFalse(run.is_reversible)

    def test_defaults_close_no_exception_before_it_is_seen(self):
        partner = self._create_partners(1)
        context = {"default_state": "dismissed", "default_severity": "information", "default_resolution": "Never mind"}
        exceptions = self.env["visibility.exception"].with_context(**context).sudo()
        exceptions._open_findings({(self.category, partner): [Finding(fields.Datetime.now(), "Late")]})
        self.assertEqual(exceptions._find_open(self.category, partner).state, "new")

    def test_defaults_let_nothing_pass(self):
        override = self.env["visibility.override"].with_context(default_until="2020-01-01", default_kind="revoke")
        values = override.default_get(["until"]) and override._add_missing_default_values({"reason": "x"})
        self.assertTrue(values["until"], "Odoo takes defaults from the context; rows do not")
        order = self._create_delivery("1Z9").sale_id
        gate = self.env["visibility.gate"].search([], limit=1)
        row = override.sudo().create(
            {
                **{"kind": "revoke", "exception_id": self.exception.id, "gate_id": gate.id, "reason": "x"},
                **{"res_model": order._name, "res_id": order.id},
            }
        )
        self.assertFalse(row.until)


@tagged("post_install", "-at_install")
class TestRightsOfResponders(GuardCase):
    """What coordinators and auditors see of automations, and who may take back what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls._create_user("visibility-auditor", "distribution_visibility.group_auditor")
        company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.stranger = cls._create_user("visibility-stranger", "distribution_visibility.group_manager")
        cls.stranger.write({"company_ids": [fields.Command.set(company.ids)], "company_id": company.id})

    def _as_stranger(self, record):
        return record.with_user(self.stranger).with_context(allowed_company_ids=self.stranger.company_ids.ids)

    def test_web_addresses_of_automations_are_for_administrators(self):
        automation = self._automate({"user_id": self.colleague.id})
        for user in (self.colleague, self.auditor):
            for records, names in (
                (automation, ("webhook_uuid", "url")),
                (automation.action_server_ids, ("webhook_url", "webhook_sample_payload")),
            ):
                for name in names:
                    with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                        records.with_user(user).read([name])
            self.assertEqual(automation.with_user(user).read(["name"])[0]["name"], "Test automation")
            self.assertTrue(automation.with_user(user).action_server_ids.read(["name"]))

    def test_automations_that_are_not_governed_are_for_administrators(self):
        automation = self._automate({"user_id": self.colleague.id}, is_governed=False, accountable_id=False)
        pressed = self._action("visibility_clear")
        child = self._action("visibility_clear")
        governed = self._automate({})
        self._add_action(governed, state="multi", child_ids=[fields.Command.set(child.ids)])
        back = self._action("visibility_clear")
        governed.rollback_action_id = back
        for user in (self.colleague, self.auditor):
            seen = self.env["base.automation"].with_user(user).search([])
            self.assertIn(governed, seen)
            self.assertNotIn(automation, seen)
            actions = self.env["ir.actions.server"].with_user(user).search([])
            self.assertFalse(actions & (automation.action_server_ids | pressed))
            self.assertLessEqual(governed.action_server_ids | child | back, actions)
        administrator = self._create_user(
            "visibility-administrator", "base.group_system", "distribution_visibility.group_coordinator"
        )
        self.assertIn(automation, self.env["base.automation"].with_user(administrator).search([]))
        self.assertIn(pressed, self.env["ir.actions.server"].with_user(administrator).search([]))

    def test_the_form_of_an_automation_opens_for_a_coordinator(self):
        for user in (self.colleague, self.auditor, self.env.ref("base.user_admin")):
            for model in ("base.automation", "ir.actions.server"):
                with self.subTest(user=user.login, model=model):
                    self.assertTrue(self.env[model].with_user(user).get_view(view_type="form")["arch"])

    # ------------------------------------------------------------------ rolling back
    def _stop(self, **values):
        self.category.gate_ids = self.env["visibility.gate"].search([], limit=1)
        self.category.write({"override_group_id": self.env.ref("distribution_visibility.group_manager").id, **values})

    def test_rolling_back_a_hold_takes_the_right_to_release_it(self):
        self._stop()
        order = self._create_delivery("1Z1").sale_id
        self._press(self.env.ref("base.user_admin"), self._action("visibility_hold", "sale.order"), order)
        run = self._get_runs(("res_model", "=", "sale.order"), ("res_id", "=", order.id))
        self.colleague.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        held = self.env["visibility.exception"]._find_open(self.category, order)
        with self.assertRaisesRegex(UserError, "may override"), self.env.cr.savepoint():
            run.with_user(self.colleague).action_roll_back()
        self.assertTrue(held.is_open)
        self.colleague.group_ids |= self.env.ref("distribution_visibility.group_manager")
        run.with_user(self.colleague).action_roll_back()
        self.assertFalse(held.is_open)

    def test_rolling_back_what_made_it_severe_takes_that_right_too(self):
        self._stop()
        automation = self._automate({"severity": "blocking"})
        exception = self._raise(self._create_partners(1))
        self.assertEqual(exception.severity, "blocking")
        run = self._runs_of(automation)
        with self.assertRaisesRegex(UserError, "may override"), self.env.cr.savepoint():
            run.with_user(self.colleague).action_roll_back()
        self.assertEqual(exception.severity, "blocking")

    def test_managers_of_other_companies_neither_roll_back_nor_answer(self):
        automation = self._automate({}, approval_mode="always", rollback_action_id=self._action("visibility_clear").id)
        self._raise(self._create_partners(1))
        run = self._runs_of(automation)
        self.assertFalse(self._as_stranger(run).sudo().with_user(self.stranger).can_answer)
        for step in ("action_approve", "action_decline"):
            with self.subTest(step=step), self.assertRaises(AccessError), self.env.cr.savepoint():
                getattr(self._as_stranger(run), step)()
        run.sudo()._answer(True)
        done = run.follow_ids
        self.assertEqual(done.result, "done")
        self.assertTrue(done.can_roll_back)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._as_stranger(done).action_roll_back()

    # ------------------------------------------------------------------ four eyes
    def test_a_former_owner_stays_one_whatever_the_context_says(self):
        self._stop(is_four_eyes=True)
        manager = self._create_user("visibility-manager", "distribution_visibility.group_manager")
        for context in ({"tracking_disable": True}, {"mail_notrack": True}, {"tracking_disable": False}):
            with self.subTest(context=context):
                exception = self._raise(self._create_partners(1))
                exception.write({"severity": "blocking", "user_id": manager.id})
                mine = exception.with_user(manager).with_context(**context)
                mine.user_id = self.colleague
                self.env.flush_all()
                with self.assertRaisesRegex(UserError, "four eyes"), self.env.cr.savepoint():
                    mine.write({"state": "resolved", "resolution": "Fine"})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            mine.former_owner_ids = False

    # ------------------------------------------------------------------ what is held
    def test_nobody_relabels_what_stops_a_document_so_that_an_action_lets_it_go(self):
        self._stop()
        self.exception.severity = "blocking"
        with self.assertRaises(AccessError):
            self.exception.with_user(self.owner).reason_code = "held_by_action"

    # ------------------------------------------------------------------ what an automation needs
    def test_a_high_risk_does_not_leave_test_mode_without_asking(self):
        automation = self._automate({}, risk_class="high", is_test_mode=True)
        with self.assertRaisesRegex(ValidationError, "high risk"):
            automation.is_test_mode = False
        automation.write({"is_test_mode": False, "approval_mode": "always"})
