from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import Cursor
from odoo.tests import Form, tagged

from .override_case import OverrideCase


class QueryLog:
    """Notes the queries that ask for overrides."""

    def __init__(self):
        self.found = []

    def __enter__(self):
        execute = Cursor.execute

        def noting(cursor, query, *args, **kwargs):
            text = getattr(query, "code", query)
            if "visibility_override" in str(text):
                self.found.append(str(text))
            return execute(cursor, query, *args, **kwargs)

        self.patch = patch.object(Cursor, "execute", noting)
        self.patch.start()
        return self.found

    def __exit__(self, *_error):
        self.patch.stop()


@tagged("post_install", "-at_install")
class TestOverrideLog(OverrideCase):
    """Who may, what stays of it, the dialog, and what it costs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("visibility-simple", "distribution_visibility.group_user")
        cls.order = cls._create_delivery("1Z1").sale_id
        cls.boss = cls.env.ref("base.user_admin")

    def setUp(self):
        super().setUp()
        self.exception = self._raise(self._create_partners(1))
        self.exception.user_id = self.owner

    # ------------------------------------------------------------------ who may
    def test_users_override_what_is_theirs_and_coordinators_what_is_others(self):
        with self.assertRaisesRegex(AccessError, "belongs to"):
            self._override(self.exception, "severity", "information", user=self.user)
        self._override(self.exception, "severity", "information", user=self.person)
        own = self._raise(self._create_partners(1))
        own.user_id = self.user
        self._override(own, "severity", "information", user=self.user)
        self.assertEqual(own.severity, "information")

    def test_a_document_is_overridden_by_who_may_write_it_and_is_a_user_of_ours(self):
        salesperson = self._create_user("visibility-seller", "sales_team.group_sale_manager")
        with self.assertRaisesRegex(AccessError, "Only users of Distribution Visibility"):
            self._override(self.order, "at_risk", "none", user=salesperson)
        with self.assertRaisesRegex(AccessError, "may not change"):
            self._override(self.order, "at_risk", "none", user=self.user)
        self._override(self.order, "at_risk", "none", user=self.person)
        auditor = self._create_user("visibility-audit", "distribution_visibility.group_auditor")
        with self.assertRaises(AccessError):
            self._override(self.exception, "severity", "information", user=auditor)

    def test_managers_override_everything_also_without_end(self):
        manager = self._create_user("visibility-manager", "distribution_visibility.group_manager")
        with self.assertRaisesRegex(AccessError, "without end"):
            self._override(self.order, "all", days=None)
        self._override(self.order, "all", days=None, user=manager)
        self._pass_days(400)
        self.assertTrue(self.order.visibility_override_ids)

    def test_a_reason_and_a_time_to_come_are_needed_and_no_job_decides(self):
        with self.assertRaisesRegex(UserError, "Say why"):
            self._override(self.exception, "state", reason="  ")
        with self.assertRaisesRegex(UserError, "over already"):
            self._override(self.exception, "state", days=-1)
        with self.assertRaisesRegex(AccessError, "Only a person"):
            self._override(self.exception, "state", user=self.env.ref("base.user_root"))

    def test_it_is_no_way_around_the_right_to_let_a_blocking_exception_pass(self):
        category = self.env.ref("distribution_visibility.category_quality_hold")
        category.override_group_id = self.env.ref("distribution_visibility.group_manager")
        exception = self._raise(self.order.picking_ids, category=category)
        exception.user_id = self.person
        with self.assertRaisesRegex(AccessError, "Only who has the right"):
            self._override(exception, "severity", "warning")
        exception._end({"state": "resolved", "resolution": "Over"})
        with self.assertRaisesRegex(AccessError, "Only who has the right"):
            self._override(exception, "state")

    def test_who_made_it_gives_it_back_and_so_does_who_could_have_made_it(self):
        own = self._raise(self._create_partners(1))
        own.user_id = self.user
        rows = self._override(own, "severity", "information", user=self.user)
        other = self._create_user("visibility-other", "distribution_visibility.group_user")
        with self.assertRaises(AccessError):
            self._give_back(rows, user=other)
        own.with_user(self.person).user_id = self.owner
        self._give_back(rows, user=self.user)
        self.assertEqual(own.severity, "warning")

    def test_an_owner_works_in_the_company_and_is_there(self):
        stranger = self._create_user("visibility-stranger")
        other = self.env["res.company"].create({"name": "Another company"})
        stranger.write({"company_ids": [fields.Command.set(other.ids)], "company_id": other.id})
        with self.assertRaisesRegex(AccessError, "does not work in"):
            self._override(self.exception, "owner", stranger.id)
        self.colleague.active = False
        with self.assertRaisesRegex(AccessError, "not there any more"):
            self._override(self.exception, "owner", self.colleague.id)

    # ------------------------------------------------------------------ evidence
    def test_nobody_changes_or_deletes_what_was_overridden(self):
        row = self._override(self.exception, "severity", "information")
        for rows in (row, row.with_user(self.boss), row.with_user(self.boss).sudo()):
            for values in ({"reason": "Nicer"}, {"until": False}, {"is_open": False}):
                with self.assertRaises(UserError):
                    rows.write(values)
            with self.assertRaises(UserError):
                rows.unlink()

    def test_it_is_a_run_of_the_sealed_log_with_before_and_after(self):
        row = self._override(self.exception, "severity", "information")
        self._give_back(row)
        runs = self._get_runs(("origin", "=", "override"), ("exception_id", "=", self.exception.id))
        self.assertEqual(runs.mapped("name"), ["Overridden: Severity", "Given back: Severity"])
        self.assertEqual(runs.mapped("reason"), ["The customer agreed", "Enough"])
        self.assertEqual(runs.mapped("user_id"), self.person)
        changes = runs.change_ids.filtered(lambda change: change.field_name == "severity")
        self.assertEqual(changes.mapped("before_label"), ["Warning", "Information"])
        self.assertFalse(any(runs.mapped("can_roll_back")))
        chains = self.env["visibility.action.chain"]
        while chains._seal():
            pass
        self.assertFalse(chains.sudo().search([])._verify().filtered("broken_sequence"))

    def test_the_chatter_and_the_banner_say_who_until_when_and_why_in_the_readers_time(self):
        self._override(self.exception, "severity", "information")
        self.assertIn("Severity set to Information until", self._get_notes(self.exception))
        for zone, hour in (("Europe/Berlin", "10:00"), ("America/New_York", "4:00")):
            banner = self.exception.with_user(self.person).with_context(tz=zone).visibility_override_text
            self.assertIn(f"Severity set to Information by {self.person.name} until", banner)
            self.assertIn(hour, banner)
            self.assertIn("The customer agreed", banner)

    def test_a_reason_with_angle_brackets_stays_text(self):
        self._override(self.exception, "severity", "information", reason="<img src=x onerror=alert(1)>")
        self.assertNotIn("<img", self.exception.visibility_override_text)

    def test_a_person_who_is_erased_is_erased_from_reasons_as_well(self):
        row = self._override(self.exception, "severity", "information", reason="Magdalena Quist agreed by phone")
        erasures = self.env["visibility.erasure"].with_user(self.boss)
        _messages, records = erasures._find(["Magdalena Quist"], self.company)
        self.assertIn(row, records["visibility.override"])
        erasures._erase(["Magdalena Quist"], self.company, "Asked for")
        self.assertEqual(row.reason, "[erased]")
        self.assertNotIn("Quist", self._get_notes(self.exception))
        self.assertFalse(self._get_runs(("override_id", "=", row.id), ("reason", "like", "Quist")))
        self.assertTrue(row.is_in_force)

    def test_nobody_sees_overrides_of_another_company(self):
        row = self._override(self.exception, "severity", "information")
        other = self.env["res.company"].create({"name": "Another company"})
        stranger = self._create_user("visibility-foreign", "distribution_visibility.group_manager")
        stranger.write({"company_ids": [fields.Command.set(other.ids)], "company_id": other.id})
        self.assertFalse(self.env["visibility.override"].with_user(stranger).search([("id", "=", row.id)]))

    def test_records_that_are_overridden_are_found_by_a_filter(self):
        self._override(self.order, "all")
        found = self.env["sale.order"].with_user(self.person).search([("visibility_override_ids", "!=", False)])
        self.assertEqual(found, self.order)

    # ------------------------------------------------------------------ the dialog
    def _dialog(self, records, user=None):
        context = {"active_model": records._name, "active_ids": records.ids, "active_id": records[:1].id}
        return self.env["visibility.override.set.wizard"].with_user(user or self.person).with_context(**context)

    def test_the_dialog_suggests_what_is_now_and_the_days_of_the_settings(self):
        self.company.visibility_override_days = 2
        with Form(self._dialog(self.exception)) as form:
            self.assertEqual(form.severity, "warning")
            self.assertEqual(form.until, fields.Datetime.now() + timedelta(days=2))
            form.aspect_ids.add(self.env.ref("distribution_visibility.aspect_severity"))
            self.assertIn("leave the severity", form.effect)
            form.severity = "information"
            form.reason = "The customer agreed"
        form.record.action_confirm()
        self.assertEqual(self.exception.severity, "information")
        self.assertFalse(form.record.is_manager)

    def test_many_records_are_overridden_together_or_none(self):
        exceptions = self._raise(*self._create_partners(3))
        exceptions.user_id = self.user
        aspects = [fields.Command.set(self.env.ref("distribution_visibility.aspect_severity").ids)]
        values = {"aspect_ids": aspects, "severity": "blocking", "reason": "A recall"}
        mixed = exceptions | self.exception
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._dialog(mixed, self.user).create(values).action_confirm()
        self.assertFalse(mixed.visibility_override_ids)
        result = self._dialog(mixed).create(values).action_confirm()
        self.assertIn("4 records", result["params"]["message"])
        self.assertEqual(set(mixed.mapped("severity")), {"blocking"})
        self.assertEqual(len(self._get_runs(("origin", "=", "override"))), 4)
        self._pass_days(8)
        self.assertEqual(set(mixed.mapped("severity")), {"warning"})

    def test_the_dialog_asks_until_when_and_what_it_is_set_to(self):
        aspects = [fields.Command.set(self.env.ref("distribution_visibility.aspect_severity").ids)]
        wizard = self._dialog(self.exception).create({"aspect_ids": aspects, "reason": "Why not", "until": False})
        with self.assertRaisesRegex(UserError, "until when"):
            wizard.action_confirm()
        wizard.write({"until": fields.Datetime.now() + timedelta(days=1), "severity": False})
        with self.assertRaisesRegex(UserError, "is set to"):
            wizard.action_confirm()

    def test_the_give_back_dialog_names_what_is_in_force(self):
        row = self._override(self.exception, "severity", "information")
        action = self.exception.with_user(self.person).action_visibility_give_back()
        wizard = self.env["visibility.override.end.wizard"].with_user(self.person).with_context(**action["context"])
        wizard = wizard.create({"reason": "Enough"})
        self.assertEqual(wizard.override_ids, row)
        wizard.action_confirm()
        self.assertFalse(self.exception.visibility_override_ids)

    # ------------------------------------------------------------------ measured
    def test_metrics_count_what_was_made_is_in_force_and_ended(self):
        before = self._read_metrics()
        rows = [self._override(one, "severity", "information") for one in self._raise(*self._create_partners(3))]
        self._give_back(rows[0])
        self._override(self.exception, "state", days=9)
        self._pass_days()
        after = self._read_metrics()
        self.assertEqual(after["made"] - before["made"], 4)
        self.assertEqual(after["given_back"] - before["given_back"], 1)
        self.assertEqual(after["expired"] - before["expired"], 2)
        self.assertEqual(after["in_force"] - before["in_force"], 1)

    def _read_metrics(self):
        families = {family.name: family for family in self.env["visibility.metrics"]._get_override_families()}
        ended = families["visibility_overrides_ended"].samples
        return {
            "made": sum(one.value for one in families["visibility_overrides_made"].samples),
            "in_force": sum(one.value for one in families["visibility_overrides_in_force"].samples),
            "given_back": sum(one.value for one in ended if one.labels["how"] == "given_back"),
            "expired": sum(one.value for one in ended if one.labels["how"] == "expired"),
        }

    # ------------------------------------------------------------------ what it costs
    def test_saving_and_confirming_documents_asks_for_no_override(self):
        order = self.order.copy()
        self.env.flush_all()
        with QueryLog() as found:
            order.note = "Hello"
            order.action_confirm()
            order.picking_ids.move_ids.quantity = 2
            order.picking_ids.button_validate()
            self.env.flush_all()
            self.env.cr.flush()
        self.assertEqual(order.picking_ids.mapped("state"), ["done"])
        self.assertFalse([query for query in found if "INSERT" not in query])

    def test_detection_asks_once_for_any_number_of_records(self):
        def count(partners):
            counts = []
            for _time in range(2):
                self.env.flush_all()
                self.env.invalidate_all()
                with QueryLog() as found:
                    self._raise(*partners)
                    self.env.flush_all()
                counts.append(len(found))
            return counts

        self.assertEqual(count(self._create_partners(20)), count(self._create_partners(2)))

    def test_ending_many_takes_the_same_steps_as_ending_few(self):
        def count(number):
            exceptions = self._raise(*self._create_partners(number))
            rows = self._override(exceptions, "severity", "information")
            self.env.flush_all()
            with QueryLog() as found:
                rows._end("expire", "The time is over.")
                self.env.flush_all()
            self.assertEqual(set(exceptions.mapped("severity")), {"warning"})
            return len([query for query in found if "SELECT" in query or "UPDATE" in query])

        self.assertEqual(count(12), count(3))
