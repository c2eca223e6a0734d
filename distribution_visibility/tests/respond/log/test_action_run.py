import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import RespondCase


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
        from ....lib.respond.automation.scope import Scope

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

    @mute_logger("odoo.addons.distribution_visibility.models.respond.log.visibility_action_chain")
    def test_the_check_names_the_first_row_that_somebody_changed(self):
        runs = [self._respond(state=state) for state in ("acknowledged", "in_progress", "waiting")]
        chain = self._seal()
        self._tamper("UPDATE visibility_action_run SET result = 'failed' WHERE id = %s", runs[1].id)
        answer = chain.action_verify()
        self.assertEqual((chain.state, chain.broken_sequence), ("broken", runs[1].chain_sequence))
        self.assertEqual(answer["params"]["type"], "danger")

    @mute_logger("odoo.addons.distribution_visibility.models.respond.log.visibility_action_chain")
    def test_a_changed_value_is_found_although_it_stands_in_another_table(self):
        run = self._respond(state="acknowledged")
        chain = self._seal()
        self._tamper("UPDATE visibility_action_change SET before = '\"waiting\"' WHERE run_id = %s", run.id)
        self.assertEqual(chain._verify().broken_sequence, run.chain_sequence)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.log.visibility_action_chain")
    def test_a_deleted_row_is_found(self):
        runs = [self._respond(state=state) for state in ("acknowledged", "in_progress", "waiting")]
        chain = self._seal()
        place = runs[1].chain_sequence
        self._tamper("DELETE FROM visibility_action_change WHERE run_id = %s", runs[1].id)
        self._tamper("DELETE FROM visibility_action_run WHERE id = %s", runs[1].id)
        self.assertEqual(chain._verify().broken_sequence, place)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.log.visibility_action_chain")
    def test_rows_that_were_cut_off_at_the_end_are_missed(self):
        runs = [self._respond(state=state) for state in ("acknowledged", "in_progress")]
        chain = self._seal()
        place = runs[1].chain_sequence
        self._tamper("DELETE FROM visibility_action_change WHERE run_id = %s", runs[1].id)
        self._tamper("DELETE FROM visibility_action_run WHERE id = %s", runs[1].id)
        self.assertEqual(chain._verify().broken_sequence, place)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.log.visibility_action_chain")
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
        wizard = self.env["visibility.log.head.wizard"].create({"chain_id": chain.id, "exported": exported})
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


@tagged("post_install", "-at_install")
class TestErasureInTheLog(RunCase):
    """A person who asks to be erased disappears from the log of responses, and the log still proves itself."""

    def setUp(self):
        super().setUp()
        self.manager = self._create_user("log-eraser", "distribution_visibility.group_manager")
        self.jane = self._create_user("Jane Doe", "distribution_visibility.group_coordinator")
        self.before = self._respond(state="acknowledged")
        self.agreed = self._respond(resolution="Jane Doe agreed")
        self.after = self._respond(state="in_progress")
        values = self.runs.with_user(self.jane)._prepare_run(
            self.exception, name="Call Jane Doe", origin="button", result="done", detail="Told: Jane Doe"
        )
        self.said = self.runs.with_user(self.jane)._record([values])

    def _erase(self):
        erasures = self.env["visibility.erasure"].with_user(self.manager)
        return erasures._erase(["Jane Doe"], self.company, "request of today")

    def _count_jane(self):
        self.env.flush_all()
        count = 0
        for table in ("visibility_action_run", "visibility_action_change"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", ["%Jane Doe%"])  # noqa: S608
            count += self.env.cr.fetchone()[0]
        return count

    def _verify(self):
        self.env.invalidate_all()
        return self.chains._get_chain(self.company)._verify()

    def test_the_person_is_gone_and_the_log_is_intact(self):
        self._seal()
        self.assertGreater(self._count_jane(), 1)
        self._erase()
        self.assertEqual(self._count_jane(), 0)
        chain = self._verify()
        self.assertEqual((chain.state, chain.verified_sequence), ("intact", chain.head_sequence))
        self.env.invalidate_all()
        self.assertEqual(self.said.user_ref, f"{self.jane.id} [erased]")
        self.assertEqual((self.said.detail, self.said.result, self.said.origin), ("[erased]", "done", "button"))

    def test_rows_that_were_not_sealed_yet_are_erased_as_well(self):
        self._erase()
        self.assertEqual(self._count_jane(), 0)
        self.assertFalse(self._verify().broken_sequence)

    def test_an_exported_head_from_before_the_erasure_still_holds(self):
        chain = self._seal()
        place, head = chain.head_sequence, chain.head_hash
        self._erase()
        self.assertTrue(chain._contains(place, head))
        self.assertFalse(self._verify().broken_sequence)

    def test_the_log_itself_says_that_something_was_erased_by_whom_and_where_and_not_what(self):
        self._seal()
        note = self._erase()
        row = self.runs.search([("origin", "=", "erasure")], limit=1)
        self.assertEqual((row.user_id, row.reason, row.res_id), (self.manager, "request of today", note.id))
        places = {place for place, _names in row.erased}
        self.assertLessEqual({self.agreed.chain_sequence, self.said.chain_sequence}, places)
        self.assertNotIn("Jane", row.payload)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.log.visibility_action_chain")
    def test_what_somebody_blanks_without_an_erasure_is_found(self):
        self._seal()
        self._tamper(
            "UPDATE visibility_action_run SET detail = '[erased]', salts = salts - 'detail' WHERE id = %s", self.said.id
        )
        self.assertEqual(self._verify().broken_sequence, self.said.chain_sequence)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.log.visibility_action_chain")
    def test_what_was_erased_cannot_be_replaced_by_something_else(self):
        self._seal()
        self._erase()
        self._tamper("UPDATE visibility_action_run SET detail = 'Told: nobody' WHERE id = %s", self.said.id)
        self.assertEqual(self._verify().broken_sequence, self.said.chain_sequence)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.log.visibility_action_chain")
    def test_an_erasure_covers_only_what_it_names(self):
        self._seal()
        self._erase()
        self._tamper("UPDATE visibility_action_run SET result = 'failed' WHERE id = %s", self.said.id)
        self.assertEqual(self._verify().broken_sequence, self.said.chain_sequence)
        self._tamper("UPDATE visibility_action_run SET result = 'done' WHERE id = %s", self.said.id)
        self._tamper(
            "UPDATE visibility_action_change SET after = '\"[erased]\"', salts = salts - 'after' WHERE run_id = %s",
            self.before.id,
        )
        self.assertEqual(self._verify().broken_sequence, self.before.chain_sequence)

    @mute_logger("odoo.addons.distribution_visibility.models.respond.log.visibility_action_chain")
    def test_an_erasure_that_somebody_widens_afterwards_is_found(self):
        self._seal()
        self._erase()
        row = self.runs.search([("origin", "=", "erasure")], limit=1)
        erased = json.dumps([*row.erased, [self.before.chain_sequence, ["0.after"]]])
        self._tamper("UPDATE visibility_action_run SET erased = %s WHERE id = %s", erased, row.id)
        self.assertEqual(self._verify().broken_sequence, row.chain_sequence)

    def test_what_was_erased_is_not_rolled_back(self):
        self.assertTrue(self.agreed.can_roll_back)
        self._erase()
        self.env.invalidate_all()
        self.assertFalse(self.agreed.can_roll_back)
        with self.assertRaises(UserError):
            self.agreed.action_roll_back()

    def test_the_search_counts_the_rows_of_the_log(self):
        erasures = self.env["visibility.erasure"].with_user(self.manager)
        _messages, records = erasures._find(["Jane Doe"], self.company)
        self.assertIn(self.agreed, records["visibility.action.run"])
        self.assertNotIn(self.before, records["visibility.action.run"])
