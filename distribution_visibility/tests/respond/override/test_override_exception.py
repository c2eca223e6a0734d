from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ....lib.detect.exception.finding import Finding
from .override_case import OverrideCase


@tagged("post_install", "-at_install")
class TestOverrideException(OverrideCase):
    """Each state of an exception: a person sets it, automation comes, it stays; the date passes, it is back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls._create_partners(1)
        cls.exceptions = cls.env["visibility.exception"].sudo()

    def setUp(self):
        super().setUp()
        self.exception = self._raise(self.partner)

    def _see_again(self, **values):
        finding = Finding(fields.Datetime.now(), "Again", **values)
        self.exceptions._open_findings({(self.category, self.partner): [finding]})

    # ------------------------------------------------------------------ severity
    def test_a_severity_that_a_person_set_stays_when_it_is_proven_and_comes_back_afterwards(self):
        self.exception.write({"is_unproven": True, "severity": "information"})
        self._override(self.exception, "severity", "information")
        self._see_again()
        self.assertFalse(self.exception.is_unproven)
        self.assertEqual(self.exception.severity, "information")
        self._pass_days()
        self.assertEqual(self.exception.severity, "warning")

    def test_what_nobody_changed_meanwhile_is_as_it_was_before(self):
        self._override(self.exception, "severity", "information")
        self.assertEqual(self.exception.severity, "information")
        self._pass_days()
        self.assertEqual(self.exception.severity, "warning")
        self.assertIn("automation decides again", self._get_notes(self.exception))

    def test_an_escalation_that_raises_the_severity_waits_for_the_end(self):
        level = self.env["visibility.escalation.level"]
        self._override(self.exception, "severity", "information")
        self.exception._escalate_raise_severity(level, self.owner)
        self.assertEqual(self.exception.severity, "information")
        self._pass_days()
        self.assertEqual(self.exception.severity, "warning")

    def test_overridden_twice_it_still_knows_what_automation_had_set(self):
        self._override(self.exception, "severity", "information")
        self._override(self.exception, "severity", "blocking", days=6)
        self._pass_days(3)
        self.assertEqual(self.exception.severity, "blocking")
        self._pass_days(3)
        self.assertEqual(self.exception.severity, "warning")

    # ------------------------------------------------------------------ owner
    def test_an_owner_whom_a_person_named_is_not_changed_by_handing_out_anew(self):
        source = self.exception.owner_source
        before = self.exception.user_id
        self._override(self.exception, "owner", self.colleague.id)
        self.assertEqual((self.exception.user_id, self.exception.owner_source), (self.colleague, "person"))
        self.exception._reassign()
        self.exceptions.browse(self.exception.id).write({"user_id": self.owner.id, "owner_source": "team"})
        self.assertEqual((self.exception.user_id, self.exception.owner_source), (self.colleague, "person"))
        self._pass_days()
        self.assertEqual((self.exception.user_id, self.exception.owner_source), (self.owner, "team"))
        self._override(self.exception, "owner", self.colleague.id)
        self._pass_days()
        self.assertEqual((self.exception.user_id, self.exception.owner_source), (self.owner, "team"))
        self.assertTrue(before and source)

    def test_an_archived_owner_holds_nothing(self):
        self._override(self.exception, "owner", self.colleague.id)
        self.colleague.active = False
        self._pass_days(1)
        self.assertNotEqual(self.exception.user_id, self.colleague)
        self.assertTrue(self.exception.user_id.active)
        self.assertFalse(self.exception.visibility_override_ids)

    # ------------------------------------------------------------------ deadline, party
    def test_a_deadline_that_a_person_set_stays_when_it_comes_back(self):
        agreed = fields.Datetime.now() + timedelta(days=10)
        self._override(self.exception, "deadline", fields.Datetime.to_string(agreed))
        self.exception._end({"state": "resolved", "resolution": "Over"})
        self.clock.tick(timedelta(hours=1))
        self._see_again()
        self.assertTrue(self.exception.is_open)
        self.assertEqual(self.exception.deadline, agreed)
        wanted = self.exception._get_deadline(self.category, self.exception.company_id)
        self._pass_days()
        self.assertEqual(self.exception.deadline, wanted)

    def test_the_responsible_party_stays_whatever_senders_say_later(self):
        self._override(self.exception, "party", "shipper")
        self._see_again(responsible_party="carrier")
        self.assertEqual(self.exception.responsible_party, "shipper")
        self.assertEqual(self.exception.reason, "Again")
        self._pass_days()
        self.assertEqual(self.exception.responsible_party, "carrier")

    # ------------------------------------------------------------------ open or closed
    def test_what_a_person_keeps_open_clears_itself_only_at_the_end(self):
        self._override(self.exception, "state")
        self.exceptions._clear_subjects(self.category, self.partner, "The cause is gone.")
        self.assertTrue(self.exception.is_open)
        self.assertIn("is over", self._get_notes(self.exception))
        self._pass_days()
        self.assertEqual(self.exception.state, "resolved")
        self.assertFalse(self.exception.closed_by_id)

    def test_what_is_seen_again_before_the_end_stays_open(self):
        self._override(self.exception, "state")
        self.exceptions._clear_subjects(self.category, self.partner, "The cause is gone.")
        self.clock.tick(timedelta(hours=1))
        self._see_again()
        self._pass_days()
        self.assertTrue(self.exception.is_open)

    def test_what_a_person_keeps_closed_comes_back_only_at_the_end(self):
        self.exception._end({"state": "resolved", "resolution": "Over"})
        self._override(self.exception, "state")
        self.clock.tick(timedelta(hours=1))
        self._see_again()
        self.assertEqual(self.exception.state, "resolved")
        self.assertEqual(self.exceptions.search_count([("res_id", "=", self.partner.id), ("is_open", "=", True)]), 0)
        self._pass_days()
        self.assertEqual(self.exception.state, "new")
        self.assertFalse(self.exception.came_back_at)

    def test_a_person_may_still_resolve_what_another_keeps_open(self):
        self._override(self.exception, "state")
        self.exception.with_user(self.owner).action_resolve()
        self.assertEqual(self.exception.state, "resolved")

    # ------------------------------------------------------------------ priority, escalation, everything
    def test_a_priority_that_a_person_gave_is_not_worked_out_anew(self):
        score = self.exception.priority_score
        self._override(self.exception, "priority", 99)
        self.assertEqual(self.exception.priority_score, 99)
        self._see_again()
        self.exception._recompute_priorities()
        self.env.flush_all()
        self.assertEqual(self.exception.priority_score, 99)
        self._pass_days()
        self.assertNotEqual(self.exception.priority_score, 99)
        self.assertGreaterEqual(self.exception.priority_score, score)

    def test_what_is_not_to_be_escalated_waits_until_the_end(self):
        policy = self.env["visibility.escalation.policy"].create(
            {
                "name": "Test policy",
                "starts_at": "opened",
                "level_ids": [fields.Command.create({"hours": 1, "who": "owner", "action": "notify"})],
            }
        )
        self.exception.write({"escalation_policy_id": policy.id, "escalation_due_at": fields.Datetime.now()})
        self._override(self.exception, "escalation")
        self.exceptions._escalate_due()
        self.assertEqual(self.exception.escalation_level, 0)
        self._pass_days()
        self.exceptions._escalate_due()
        self.assertEqual(self.exception.escalation_level, 1)

    def test_everything_automatic_holds_all_of_it_and_gives_all_of_it_back(self):
        self._override(self.exception, "all")
        self.exceptions.browse(self.exception.id).write({"severity": "blocking", "user_id": self.colleague.id})
        self.exceptions._clear_subjects(self.category, self.partner, "The cause is gone.")
        self.assertEqual((self.exception.severity, self.exception.state), ("warning", "new"))
        self.assertNotEqual(self.exception.user_id, self.colleague)
        self._pass_days()
        self.assertEqual((self.exception.severity, self.exception.state), ("blocking", "resolved"))
        self.assertEqual(self.exception.user_id, self.colleague)

    def test_what_a_person_sets_by_hand_meanwhile_is_not_undone_at_the_end(self):
        self._override(self.exception, "all")
        self.exceptions.browse(self.exception.id).write({"severity": "blocking"})
        self.exception.with_user(self.person).severity = "information"
        self._pass_days()
        self.assertEqual(self.exception.severity, "information")

    # ------------------------------------------------------------------ by hand, early, merged, deleted
    def test_nobody_changes_in_passing_what_another_has_set_with_a_reason(self):
        self._override(self.exception, "owner", self.colleague.id)
        with self.assertRaisesRegex(UserError, "The customer agreed"):
            self.exception.with_user(self.person).action_take()
        self.exception.with_user(self.person).write({"user_id": self.colleague.id})

    def test_a_refused_change_forgets_nothing_of_what_automation_wanted(self):
        self.exception.user_id = self.owner
        self._override(self.exception, "all")
        self.exceptions.browse(self.exception.id).write({"severity": "information"})
        wanted = self.exception.override_wanted
        agent = self._create_user("visibility-agent", "distribution_visibility.group_user")
        # No savepoint here: what was written before the refusal would stay
        try:
            self.exception.with_user(agent).write({"severity": "blocking"})
        except AccessError as error:
            self.assertIn("belongs to", str(error))
        else:
            self.fail("the change was not refused")
        self.assertEqual((self.exception.override_wanted, wanted["severity"]), (wanted, "information"))

    def test_given_back_early_automation_decides_at_once(self):
        rows = self._override(self.exception, "severity", "information")
        self._give_back(rows)
        self.assertEqual(self.exception.severity, "warning")
        self.assertIn("Enough", self._get_notes(self.exception))
        with self.assertRaisesRegex(UserError, "in force any more"):
            self._give_back(rows)

    def test_a_merge_takes_the_value_that_a_person_gave_and_ends_the_override(self):
        other = self._raise(self._create_partners(1))
        self._override(other, "severity", "blocking", user=self.env.ref("base.user_admin"))
        self._override(other, "state")
        self.exception.with_user(self.person)._merge(other.with_user(self.person))
        self.assertEqual(self.exception.severity, "blocking")
        self.assertEqual((other.state, other.merged_into_id), ("dismissed", self.exception))
        self.assertFalse(other.visibility_override_ids)
        self.assertEqual(other.severity, "warning")

    def test_a_split_part_begins_as_it_stands_and_is_automations(self):
        pickings = self._create_delivery("1Z1") | self._create_delivery("1Z2")
        self.exception.picking_ids = pickings
        self._override(self.exception, "severity", "information")
        part = self.exception.with_user(self.person)._split({"picking_ids": pickings[1]}, self.owner, "Two people")
        self.assertEqual(part.severity, "information")
        self.assertFalse(part.visibility_override_ids)

    def test_a_deleted_document_ends_what_a_person_kept_open(self):
        order = self._create_delivery("1Z1").sale_id.copy()
        exception = self._raise(order)
        self._override(exception, "state")
        self._override(order, "all")
        rows = self.overrides.search([("res_id", "=", order.id), ("res_model", "=", "sale.order")])
        order.unlink()
        self.assertEqual(exception.state, "resolved")
        self.assertFalse(rows.is_open)
        self.assertEqual(rows.document_name, order._origin and rows.document_name)
