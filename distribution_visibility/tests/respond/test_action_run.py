import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RespondCase


class RunCase(RespondCase):
    def setUp(self):
        super().setUp()
        self.exception = self._raise(self._create_partners(1))
        self.chains = self.env["visibility.action.chain"].sudo()

    def _respond(self, record=None, **vals):
        """A response that writes ``vals``, recorded as the recorder does."""
        recorder = self.env["visibility.action.recorder"]
        record = record or self.exception
        before = recorder._snapshot(record)
        record.write(vals)
        from ...lib.respond.scope import Scope

        key = (record._name, record.id)
        changes = recorder._prepare_changes(key, Scope(), recorder._compare(before))
        values = self.runs._prepare_run(
            record, name="Test", origin="server_action", result="done", is_reversible=True, change_ids=changes
        )
        return self.runs._record([values])

    def _seal(self):
        while self.chains._seal():
            pass
        return self.chains._get_chain(self.exception.company_id)

    def _tamper(self, query, *parameters):
        self.env.flush_all()
        self.env.cr.execute(query, parameters)
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestActionRun(RunCase):
    """What was done is written once, and nobody can change it unnoticed."""

    def test_what_changed_is_kept_with_the_values_before_and_after(self):
        run = self._respond(user_id=self.colleague.id, state="in_progress")
        rows = {change.field_name: (change.before_label, change.after_label) for change in run.change_ids}
        self.assertEqual(rows["state"], ("New", "In progress"))
        self.assertEqual(rows["user_id"][1], self.colleague.display_name)
        self.assertNotIn("is_open", rows)
        self.assertNotIn("severity_rank", rows)

    def test_a_row_cannot_be_changed_deleted_or_copied_by_anybody(self):
        run = self._respond(state="in_progress")
        for records in (run, run.with_user(self.env.ref("base.user_admin")), run.sudo()):
            with self.assertRaises(UserError):
                records.write({"result": "failed"})
            with self.assertRaises(UserError):
                records.unlink()
        with self.assertRaises(UserError):
            run.copy()
        with self.assertRaises(UserError):
            run.change_ids.write({"after": "1"})
        with self.assertRaises(UserError):
            run.change_ids.unlink()

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_model")
    def test_people_cannot_write_rows(self):
        values = self.runs._prepare_run(self.exception, name="Forged", origin="button", result="done")
        with self.assertRaises(AccessError):
            self.runs.with_user(self.owner).sudo(False).create(values)

    def test_an_untouched_log_is_intact(self):
        for state in ("acknowledged", "in_progress", "waiting"):
            self._respond(state=state)
        chain = self._seal()
        self.assertGreaterEqual(chain.head_sequence, 3)
        chain.action_verify()
        self.assertEqual((chain.state, chain.verified_sequence), ("intact", chain.head_sequence))

    def test_sealing_again_goes_on_where_it_stopped(self):
        self._respond(state="acknowledged")
        first = self._seal().head_sequence
        self._respond(state="in_progress")
        chain = self._seal()
        self.assertEqual(chain.head_sequence, first + 1)
        self.assertFalse(chain._verify().broken_sequence)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.visibility_action_chain")
    def test_the_check_names_the_first_row_that_somebody_changed(self):
        runs = [self._respond(state=state) for state in ("acknowledged", "in_progress", "waiting")]
        chain = self._seal()
        self._tamper("UPDATE visibility_action_run SET result = 'failed' WHERE id = %s", runs[1].id)
        answer = chain.action_verify()
        self.assertEqual((chain.state, chain.broken_sequence), ("broken", runs[1].chain_sequence))
        self.assertEqual(answer["params"]["type"], "danger")

    @mute_logger("odoo.addons.distribution_visibility.models.respond.visibility_action_chain")
    def test_a_changed_value_is_found_although_it_stands_in_another_table(self):
        run = self._respond(state="acknowledged")
        chain = self._seal()
        self._tamper("UPDATE visibility_action_change SET before = '\"waiting\"' WHERE run_id = %s", run.id)
        self.assertEqual(chain._verify().broken_sequence, run.chain_sequence)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.visibility_action_chain")
    def test_a_deleted_row_is_found(self):
        runs = [self._respond(state=state) for state in ("acknowledged", "in_progress", "waiting")]
        chain = self._seal()
        place = runs[1].chain_sequence
        self._tamper("DELETE FROM visibility_action_change WHERE run_id = %s", runs[1].id)
        self._tamper("DELETE FROM visibility_action_run WHERE id = %s", runs[1].id)
        self.assertEqual(chain._verify().broken_sequence, place)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.visibility_action_chain")
    def test_rows_that_were_cut_off_at_the_end_are_missed(self):
        runs = [self._respond(state=state) for state in ("acknowledged", "in_progress")]
        chain = self._seal()
        place = runs[1].chain_sequence
        self._tamper("DELETE FROM visibility_action_change WHERE run_id = %s", runs[1].id)
        self._tamper("DELETE FROM visibility_action_run WHERE id = %s", runs[1].id)
        self.assertEqual(chain._verify().broken_sequence, place)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.visibility_action_chain")
    def test_a_broken_log_is_an_incident_until_it_is_right_again(self):
        run = self._respond(state="acknowledged")
        chain = self._seal()
        self._tamper("UPDATE visibility_action_run SET name = 'Nothing' WHERE id = %s", run.id)
        chain._verify()
        incidents = self.env["visibility.incident"].sudo()
        incidents._watch()
        found = incidents.search([("kind", "=", "action_log"), ("resolved_at", "=", False)])
        self.assertEqual(len(found), 1)
        self.assertIn(str(run.chain_sequence), found.name)
        self._tamper("UPDATE visibility_action_run SET name = 'Test' WHERE id = %s", run.id)
        chain._verify()
        incidents._watch()
        self.assertTrue(found.resolved_at)

    def test_an_exported_head_proves_that_the_log_still_holds_it(self):
        self._respond(state="acknowledged")
        chain = self._seal()
        exported = json.dumps(chain._get_head())
        self._respond(state="in_progress")
        self._seal()
        wizard = self.env["visibility.head.wizard"].create({"chain_id": chain.id, "exported": exported})
        self.assertEqual(wizard.action_compare()["params"]["type"], "success")
        wizard.exported = exported.replace(chain._get_head()["head"][:8], "00000000").replace(
            json.loads(exported)["head"], "0" * 64
        )
        self.assertEqual(wizard.action_compare()["params"]["type"], "danger")
        wizard.exported = "something else"
        with self.assertRaises(UserError):
            wizard.action_compare()

    def test_each_company_has_a_log_of_its_own(self):
        other = self.env["res.company"].create({"name": "Another company"})
        self._respond(state="acknowledged")
        values = self.runs._prepare_run(self.exception, name="Test", origin="button", result="done", company=other)
        self.runs._record([values])
        self._seal()
        self.assertEqual(self.chains._get_chain(other).head_sequence, 1)
        seen = self.env["visibility.action.run"].with_user(self.owner).search([("company_id", "=", other.id)])
        self.assertFalse(seen)


@tagged("post_install", "-at_install")
class TestRollback(RunCase):
    """The way back: what was there before, unless somebody changed it since."""

    def test_the_values_from_before_are_put_back(self):
        owner = self.exception.user_id
        run = self._respond(user_id=self.colleague.id, state="in_progress")
        run.with_user(self.owner).action_roll_back()
        self.assertEqual((self.exception.user_id, self.exception.state), (owner, "new"))
        self.assertEqual(run.status, "rolled_back")
        self.assertFalse(run.can_roll_back)

    def test_a_rollback_is_a_run_with_its_own_changes(self):
        run = self._respond(state="in_progress")
        run.with_user(self.owner).action_roll_back()
        rollback = run.follow_ids
        self.assertEqual((rollback.origin, rollback.result, rollback.user_id), ("rollback", "done", self.owner))
        state = rollback.change_ids.filtered(lambda change: change.field_name == "state")
        self.assertEqual((state.before_label, state.after_label), ("In progress", "New"))

    def test_nothing_is_rolled_back_twice(self):
        run = self._respond(state="in_progress")
        run.action_roll_back()
        with self.assertRaises(UserError):
            run.action_roll_back()

    def test_what_somebody_changed_since_is_left_and_named(self):
        run = self._respond(state="in_progress")
        self.exception.with_user(self.colleague).write({"state": "waiting"})
        self.env.flush_all()
        answer = run.with_user(self.owner).action_roll_back()
        self.assertEqual(answer["params"]["type"], "danger")
        self.assertIn(self.colleague.name, answer["params"]["message"])
        self.assertEqual(self.exception.state, "waiting")
        self.assertEqual(run.follow_ids.result, "failed")
        self.assertTrue(run.can_roll_back)

    def test_only_what_changed_counts_not_the_rest_of_the_record(self):
        run = self._respond(state="in_progress")
        self.exception.with_user(self.colleague).write({"deadline": fields.Datetime.now() + timedelta(days=3)})
        run.action_roll_back()
        self.assertEqual(self.exception.state, "new")

    def test_a_user_may_not_roll_back(self):
        run = self._respond(state="in_progress")
        user = self._create_user("visibility-user-1", "distribution_visibility.group_user")
        with self.assertRaises(AccessError):
            run.with_user(user).action_roll_back()

    def test_tags_are_put_back_too(self):
        tag = self.env["visibility.tag"].create({"name": "Trial"})
        before = self.exception.tag_ids
        run = self._respond(tag_ids=[fields.Command.link(tag.id)])
        self.assertIn(tag, self.exception.tag_ids)
        run.action_roll_back()
        self.assertEqual(self.exception.tag_ids, before)

    def test_a_record_that_is_gone_cannot_be_rolled_back(self):
        tag = self.env["visibility.tag"].create({"name": "Trial"})
        run = self._respond(tag, name="Other")
        tag.unlink()
        self.assertEqual(run.action_roll_back()["params"]["type"], "danger")
