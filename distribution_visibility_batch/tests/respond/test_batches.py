from odoo import fields
from odoo.addons.distribution_visibility.lib.detect.exception.finding import Finding
from odoo.addons.distribution_visibility.tests.respond.warehouse.picking_case import PickingCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestBatches(PickingCase):
    """Which transfers are picked together: decided on the picking list or by an action, logged, and taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind = cls.warehouse.out_type_id
        cls.kind.write({"batch_max_pickings": 0, "batch_max_lines": 0, "batch_auto_confirm": True})

    def setUp(self):
        super().setUp()
        self.one, self.two, self.three = (self._deliver(f"2026-02-0{day} 11:00:00") for day in (4, 5, 6))
        self.all = self.one | self.two | self.three

    def _batch(self, pickings):
        pickings.with_user(self.lead).action_visibility_batch()
        return pickings.batch_id

    def _act(self, records=None, **values):
        """Run the action; gives its runs."""
        action = self.env["ir.actions.server"].create(
            {
                "name": "Pick together",
                "model_id": self.env["ir.model"]._get_id("stock.picking"),
                "state": "visibility_priority",
                "visibility_priority": "keep",
                "visibility_puts_into_batch": True,
                "visibility_reason": "One walk through the aisles",
                **values,
            }
        )
        runs = self.env["visibility.action.run"].sudo()
        known = runs.search([])
        records = records or self.all
        action.with_context(active_model=records._name, active_ids=records.ids, active_id=records[:1].id).run()
        return runs.search([("id", "not in", known.ids)], order="id")

    # ------------------------------------------------------------------ by hand
    def test_what_is_selected_comes_into_one_batch_of_its_picker_which_is_started(self):
        self.all.user_id = self.picker
        batch = self._batch(self.all)
        self.assertEqual((len(batch), batch.user_id, batch.state), (1, self.picker, "in_progress"))
        self.assertEqual(batch.picking_ids, self.all)

    def test_it_is_in_the_log_of_moves(self):
        batch = self._batch(self.one)
        move = self.one.visibility_change_ids
        self.assertEqual((move.what, move.after_label, move.user_id), ("batch_id", batch.name, self.lead))
        self.assertFalse(move.is_unexplained)

    def test_pickers_do_not_share_a_batch(self):
        self.one.user_id = self.picker
        self.two.user_id = self.lead
        self.assertEqual(len(self._batch(self.all)), 3)

    def test_a_later_transfer_joins_the_open_batch_as_long_as_it_has_room(self):
        self.kind.batch_max_pickings = 2
        first = self._batch(self.one)
        self.assertEqual(self._batch(self.two), first)
        second = self._batch(self.three)
        self.assertNotEqual(second, first)

    def test_the_limit_of_lines_counts_too_and_the_list_says_who_comes_first(self):
        self.kind.batch_max_lines = 2
        self._batch(self.three | self.two | self.one)
        self.assertEqual(self.one.batch_id, self.two.batch_id)
        self.assertNotEqual(self.three.batch_id, self.one.batch_id)

    def test_what_the_operation_type_groups_by_is_kept_apart(self):
        self.kind.batch_group_by_partner = True
        self.two.partner_id = self.supplier
        self._batch(self.all)
        self.assertEqual(self.one.batch_id, self.three.batch_id)
        self.assertNotEqual(self.two.batch_id, self.one.batch_id)

    def test_a_wave_is_left_alone(self):
        wave = self.env["stock.picking.batch"].create({"is_wave": True, "picking_type_id": self.kind.id})
        self.one.batch_id = wave
        self.assertNotEqual(self._batch(self.two), wave)

    def test_what_is_stopped_or_in_a_batch_already_is_left_alone(self):
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category("quality_hold")
        exceptions._open_findings({(category, self.one): [Finding(self.env.cr.now(), "Wet")]})
        self._follow()
        batch = self._batch(self.two)
        with self.assertRaisesRegex(UserError, "None of these"):
            self._batch(self.one | self.two)
        self.assertFalse(self.one.batch_id)
        self.assertEqual(self.two.batch_id, batch)

    def test_taking_the_last_one_out_cancels_the_batch(self):
        batch = self._batch(self.one | self.two)
        self.one.with_user(self.lead).action_visibility_unbatch()
        self.assertEqual((self.one.batch_id.id, batch.state), (False, "in_progress"))
        self.two.with_user(self.lead).action_visibility_unbatch()
        self.assertEqual(batch.state, "cancel")

    def test_odoos_own_wizard_is_in_the_log_and_so_is_the_picker_of_the_batch(self):
        wizard = self.env["stock.picking.to.batch"].with_user(self.lead).with_context(active_ids=self.one.ids)
        wizard.create({"mode": "new", "user_id": self.picker.id}).attach_pickings()
        moves = self.one.visibility_change_ids
        self.assertEqual(set(moves.mapped("what")), {"batch_id", "user_id"})
        self.assertIn("Picked together", moves.filtered(lambda move: move.what == "user_id").reason)

    def test_a_backorder_that_odoo_takes_out_of_the_batch_is_nobodys_move(self):
        self._batch(self.all)
        moves = self.changes.search_count([("picking_id", "in", self.all.ids)])
        self._validate(self.one.with_user(self.lead), quantity=1)
        rest = self.one.backorder_ids
        self.assertFalse(rest.batch_id or rest.visibility_change_ids)
        self.assertEqual(self.changes.search_count([("picking_id", "in", self.all.ids)]), moves)

    # ------------------------------------------------------------------ by an action
    def test_an_action_batches_records_it_and_takes_it_back(self):
        runs = self._act()
        batch = self.all.batch_id
        self.assertEqual((len(batch), batch.state), (1, "in_progress"))
        self.assertEqual(len(runs), 3)
        self.assertIn(batch.name, runs[0].detail)
        self.assertEqual(self.one.visibility_change_ids.reason, "One walk through the aisles")
        self.assertEqual(self.one.visibility_change_ids.run_id, runs.filtered(lambda run: run.res_id == self.one.id))
        for run in runs:
            run.action_roll_back()
        self.assertFalse(self.all.batch_id)
        self.assertEqual(batch.state, "cancel")

    def test_rolling_back_leaves_what_somebody_put_elsewhere_since(self):
        run = self._act(self.one)
        other = self.env["stock.picking.batch"].create({"picking_type_id": self.kind.id})
        self.one.with_user(self.lead).batch_id = other
        run.action_roll_back()
        self.assertEqual(self.one.batch_id, other)

    def test_a_batch_that_others_joined_since_stays_when_the_first_one_leaves(self):
        run = self._act(self.one)
        batch = self.one.batch_id
        self._batch(self.two)
        self.assertEqual(self.two.batch_id, batch)
        run.action_roll_back()
        self.assertFalse(self.one.batch_id)
        self.assertEqual((self.two.batch_id, batch.state), (batch, "in_progress"))

    def test_the_picker_is_chosen_first_and_the_batch_is_theirs(self):
        self.env["visibility.team"].search([]).active = False
        self.env["visibility.team"].create(
            {
                "name": "Pickers",
                "role": "warehouse",
                "member_ids": [fields.Command.create({"user_id": self.picker.id})],
            }
        )
        self.all.user_id = False
        self._act(visibility_assigns_picker=True)
        self.assertEqual(self.all.user_id, self.picker)
        self.assertEqual(self.all.batch_id.user_id, self.picker)

    def test_in_test_mode_nothing_is_left_but_the_run(self):
        automation = self.env["base.automation"].create(
            {
                "name": "Pick together",
                "model_id": self.env["ir.model"]._get_id("stock.picking"),
                "trigger": "on_create_or_write",
                "is_governed": True,
                "is_test_mode": True,
                "accountable_id": self.owner.id,
                "purpose": "One walk",
            }
        )
        self._act(self.three)
        action = self.env["ir.actions.server"].search([("name", "=", "Pick together")], limit=1, order="id desc")
        action.base_automation_id = automation
        batches = self.env["stock.picking.batch"].search_count([])
        moves = self.changes.search_count([])
        automation._run_governed(self.one)
        self.assertFalse(self.one.batch_id)
        self.assertEqual(self.env["stock.picking.batch"].search_count([]), batches)
        self.assertEqual(self.changes.search_count([]), moves)
        run = self.env["visibility.action.run"].sudo()
        run = run.search([("automation_id", "=", automation.id), ("res_id", "=", self.one.id)])
        self.assertEqual(run.result, "test")
        self.assertIn("batch_id", run.change_ids.mapped("field_name"))

    def test_an_action_that_only_batches_changes_something(self):
        action = self.env["ir.actions.server"].new(
            {"state": "visibility_priority", "visibility_priority": "keep", "visibility_puts_into_batch": True}
        )
        self.assertTrue(action._is_moving())

    def test_the_event_names_the_batch(self):
        batch = self._batch(self.one)
        data = self.one.visibility_change_ids._prepare_event()
        self.assertEqual((data["what"], data["after"]), ("batch", batch.name))
