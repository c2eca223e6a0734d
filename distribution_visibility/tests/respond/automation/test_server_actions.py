from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .test_automation import AutomationCase


@tagged("post_install", "-at_install")
class TestServerActions(AutomationCase):
    """Kinds of actions without code: what they do, and the way back of each that has one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["visibility.team"].search([]).active = False
        cls.anna, cls.bert = (cls._create_user(f"visibility-{name}") for name in ("anna", "bert"))
        cls.team = cls.env["visibility.team"].create(
            {
                "name": "Service",
                "role": "service",
                "leader_id": cls.owner.id,
                "member_ids": [fields.Command.create({"user_id": one.id}) for one in (cls.anna, cls.bert)],
            }
        )
        cls.order = cls._create_delivery("1Z1").sale_id

    def _action(self, state, model="sale.order", **values):
        return self.env["ir.actions.server"].create(
            {
                "name": "Respond",
                "model_id": self.env["ir.model"]._get_id(model),
                "state": f"visibility_{state}",
                "visibility_category_id": self.category.id,
                "visibility_reason": "Because",
                **values,
            }
        )

    def _run(self, action, records):
        known = self.runs.search([])
        action.with_context(active_model=records._name, active_ids=records.ids, active_id=records[:1].id).run()
        return self.runs.search([("id", "not in", known.ids)], order="id")

    def _open_of(self, record):
        return self.env["visibility.exception"].sudo()._find_open(self.category, record)

    def test_raising_opens_the_category_and_rolling_back_ends_it(self):
        run = self._run(self._action("raise"), self.order)
        exception = self._open_of(self.order)
        self.assertEqual(exception.reason, "Because")
        self.assertEqual((run.origin, run.res_id, run.reason), ("server_action", self.order.id, "Because"))
        run.action_roll_back()
        self.assertFalse(exception.is_open)

    def test_raising_what_is_open_changes_nothing_that_could_be_rolled_back(self):
        self._raise(self.order)
        run = self._run(self._action("raise"), self.order)
        self.assertFalse(run.change_ids.filtered(lambda change: change.kind == "created"))
        self.assertIn("Open already", run.detail)

    def test_raising_what_a_person_has_just_dismissed_leaves_it_closed_and_says_so(self):
        exception = self._raise(self.order)
        exception.write({"state": "dismissed", "resolution": "The customer knows"})
        for state in ("raise", "hold"):
            run = self._run(self._action(state), self.order)
            self.assertFalse(exception.is_open)
            self.assertIn("stays closed", run.detail)
            self.assertFalse(run.change_ids)

    def test_clearing_resolves_and_rolling_back_opens_it_again(self):
        exception = self._raise(self.order)
        run = self._run(self._action("clear"), self.order)
        self.assertEqual((exception.state, exception.resolution), ("resolved", "Because"))
        run.action_roll_back()
        self.assertTrue(exception.is_open)

    def test_clearing_leaves_what_stops_a_document(self):
        exception = self._raise(self.order)
        self.category.gate_ids = self.env["visibility.gate"].search([], limit=1)
        exception.severity = "blocking"
        run = self._run(self._action("clear", model="visibility.exception"), exception)
        self.assertTrue(exception.is_open)
        self.assertIn("only a person", run.detail)

    def test_assigning_shares_by_workload_and_rolling_back_gives_it_back(self):
        exceptions = self._raise(*self._create_partners(4))
        exceptions.user_id = self.owner
        runs = self._run(self._action("assign", model="visibility.exception", visibility_role="service"), exceptions)
        self.assertEqual(len(exceptions.filtered(lambda one: one.user_id == self.anna)), 2)
        self.assertEqual(len(exceptions.filtered(lambda one: one.user_id == self.bert)), 2)
        for run in runs:
            run.action_roll_back()
        self.assertEqual(exceptions.user_id, self.owner)

    def test_an_order_is_assigned_to_its_team(self):
        run = self._run(self._action("assign", visibility_team_id=self.team.id), self.order)
        self.assertIn(self.order.user_id, self.anna | self.bert)
        run.action_roll_back()
        self.assertNotIn(self.order.user_id, self.anna | self.bert)

    def test_priority_moves_the_transfers_says_why_and_can_be_rolled_back(self):
        picking = self.order.picking_ids
        run = self._run(self._action("priority", visibility_assigns_picker=True), self.order)
        self.assertEqual(picking.priority, "1")
        self.assertEqual(picking.visibility_moved_reason, "Because")
        run.action_roll_back()
        self.assertEqual(picking.priority, "0")

    def test_a_picker_of_the_warehouses_team_gets_it(self):
        self.team.copy({"name": "Pickers", "role": "warehouse"}).member_ids = [
            fields.Command.create({"user_id": self.bert.id})
        ]
        picking = self.order.picking_ids
        run = self._run(self._action("priority", model="stock.picking", visibility_assigns_picker=True), picking)
        self.assertEqual(picking.user_id, self.bert)
        run.action_roll_back()
        self.assertFalse(picking.user_id)

    def test_urgency_and_place_and_due_time_can_be_set_together_and_taken_back_together(self):
        picking = self.order.picking_ids
        self.order.commitment_date = fields.Datetime.now() + timedelta(days=9)
        self.env.cr.flush()
        due = picking.visibility_due_at
        run = self._run(self._action("priority", visibility_place="ahead", visibility_due_hours=1), self.order)
        self.assertEqual((picking.priority, picking.visibility_place), ("1", picking._get_outermost_place("ahead")))
        self.assertLess(picking.visibility_due_hand_at, due)
        self.env.cr.flush()
        self.assertEqual(picking.visibility_due_at, picking.visibility_due_hand_at)
        run.action_roll_back()
        self.env.cr.flush()
        self.assertEqual((picking.priority, picking.visibility_place, picking.visibility_due_at), ("0", 0, due))

    def test_a_due_time_is_never_moved_later_by_an_action(self):
        picking = self.order.picking_ids
        picking.visibility_due_hand_at = "2020-01-01 10:00:00"
        self.env.cr.flush()
        self._run(self._action("priority", visibility_due_hours=2), self.order)
        self.assertEqual(str(picking.visibility_due_hand_at), "2020-01-01 10:00:00")

    def test_the_log_of_moves_names_the_automation_its_reason_and_its_run_and_that_it_was_taken_back(self):
        picking = self.order.picking_ids
        run = self._run(self._action("priority"), self.order)
        move = picking.visibility_change_ids
        self.assertEqual((move.origin, move.reason, move.run_id), ("server_action", "Because", run))
        self.assertFalse(move.is_unexplained)
        run.action_roll_back()
        back = picking.visibility_change_ids - move
        self.assertEqual((back.origin, back.after_label, back.is_unexplained), ("rollback", "Normal", False))
        self.assertIn(run.name, back.reason)

    def test_what_somebody_moved_since_is_left_as_it_is_now(self):
        picking = self.order.picking_ids
        run = self._run(self._action("priority", visibility_priority="keep", visibility_place="ahead"), self.order)
        picking.with_context(visibility_move_reason="Not that one")._move({"visibility_place": -1}, "Not that one")
        run.action_roll_back()
        self.assertEqual(picking.visibility_place, -1)

    def test_an_action_that_would_change_nothing_says_so(self):
        action = self._action("priority", visibility_priority="keep")
        self.assertIn("Choose what is changed", action._get_visibility_problem())

    def test_what_is_stopped_is_given_to_nobody(self):
        self.team.copy({"name": "Pickers", "role": "warehouse"}).member_ids = [
            fields.Command.create({"user_id": self.bert.id})
        ]
        picking = self.order.picking_ids
        exception = self._raise(picking)
        exception.category_id.gate_ids = self.env["visibility.gate"].search([("code", "=", "delivery_validate")])
        exception.severity = "blocking"
        run = self._run(self._action("priority", model="stock.picking", visibility_assigns_picker=True), picking)
        self.assertFalse(picking.user_id)
        self.assertIn("is stopped", run.detail)
        self.assertEqual(picking.priority, "1", "it still goes first when it is free")

    def test_holding_blocks_and_rolling_back_or_releasing_lets_go(self):
        run = self._run(self._action("hold"), self.order)
        self.assertEqual(self._open_of(self.order).severity, "blocking")
        self.assertEqual(self.order.visibility_severity, "blocking")
        run.action_roll_back()
        self.assertFalse(self._open_of(self.order))

    def test_releasing_ends_only_what_an_action_held(self):
        exception = self._raise(self.order)
        run = self._run(self._action("release"), self.order)
        self.assertTrue(exception.is_open)
        self.assertIn("a person releases", run.detail)
        exception.state = "resolved"
        self.env.cr.flush()
        partner = self._create_partners(1)
        self._run(self._action("hold", model="res.partner"), partner)
        release = self._run(self._action("release", model="res.partner"), partner)
        self.assertFalse(self._open_of(partner))
        release.action_roll_back()
        self.assertTrue(self._open_of(partner))

    def test_a_decision_is_a_task_for_the_leader_and_can_be_taken_back(self):
        run = self._run(self._action("decision", visibility_team_id=self.team.id), self.order)
        task = self.order.activity_ids.filtered(lambda one: "Because" in one.summary)
        self.assertEqual(task.user_id, self.owner)
        run.action_roll_back()
        self.assertFalse(task.exists())

    def test_a_role_is_told_once_whatever_the_number(self):
        exceptions = self._raise(*self._create_partners(25))
        before = self.env["mail.message"].sudo().search_count([])
        runs = self._run(self._action("notify", model="visibility.exception", visibility_role="service"), exceptions)
        self.assertEqual(self.env["mail.message"].sudo().search_count([]) - before, 2)
        self.assertEqual(len(runs), 25)
        self.assertFalse(runs[0].is_reversible)

    def test_an_event_is_told_to_whoever_subscribed(self):
        exceptions = self._raise(*self._create_partners(2))
        kind = self.env["visibility.outbox.type"].search([("name", "=", "exception.updated")])
        action = self._action("emit", model="visibility.exception", visibility_event_type_id=kind.id)
        runs = self._run(action, exceptions)
        self.assertEqual(set(runs.mapped("detail")), {"Event: exception.updated"})

    def test_what_is_missing_is_said_in_the_form(self):
        self.assertIn("category", self._action("raise", visibility_category_id=False).warning)
        self.assertIn("role", self._action("notify").warning)
        self.assertIn("event", self._action("emit").warning)
        self.assertTrue(self._action("raise", model="visibility.exception").warning)
        self.assertFalse(self._action("raise").warning)

    def test_all_kinds_work_in_a_governed_automation_and_in_test_mode(self):
        automation = self._automate(
            {},
            is_test_mode=True,
            actions=[
                {"state": "visibility_assign", "visibility_team_id": self.team.id},
                {"state": "visibility_hold", "visibility_category_id": self.category.id},
                {"state": "visibility_notify", "visibility_role": "service"},
            ],
        )
        messages = self.env["mail.message"].sudo().search_count([("message_type", "=", "user_notification")])
        backorder = self.env["visibility.exception"]._get_category("backorder")
        exception = self._raise(self.order, category=backorder).filtered(lambda one: one.category_id == backorder)
        run = self._get_runs(("automation_id", "=", automation.id))
        self.assertEqual(run.result, "test")
        self.assertIn("Told", run.detail)
        self.assertEqual(exception.severity, "warning")
        self.assertEqual(
            self.env["mail.message"].sudo().search_count([("message_type", "=", "user_notification")]), messages
        )
        automation.is_test_mode = False
        self._create_partners(1)
        exception = self._raise(self._create_partners(1))
        run = self._get_runs(("automation_id", "=", automation.id), ("result", "=", "done"))
        self.assertEqual(len(run), 1)
        self.assertFalse(self.runs.search([("origin", "=", "server_action"), ("exception_id", "=", exception.id)]))

    def test_each_kind_can_be_run_and_whatever_is_said_of_a_kind_is_said_of_one_that_there_is(self):
        actions = self.env["ir.actions.server"]
        states = actions._get_visibility_states()
        self.assertLess({"visibility_raise", "visibility_priority", "visibility_emit", "visibility_message"}, states)
        for state in states:
            self.assertTrue(hasattr(actions, f"_run_action_{state}_multi"), state)
        # A slip of the pen in such a name would go unheard: they are found by name
        said = {f"visibility_{name.partition('_visibility_')[2]}" for name in dir(type(actions))
                if name.startswith(("_get_problem_visibility_", "_get_irreversible_visibility_"))}  # fmt: skip
        self.assertLessEqual(said, states)
