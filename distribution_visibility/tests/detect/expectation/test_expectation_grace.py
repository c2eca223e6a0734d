import importlib.util
from pathlib import Path

from odoo.tests import tagged

from .expectation_case import ExpectationCase

TRUCK = "1Z999AA10123456784"
MIGRATION = Path(__file__).parents[3] / "migrations" / "19.0.1.1.0" / "pre-grace.py"


@tagged("post_install", "-at_install")
class TestExpectationGrace(ExpectationCase):
    """What is due at five with two hours of grace is due at five: somebody is told at seven."""

    def _pack(self):
        order = self._sell("2026-02-16 11:00:00", TRUCK)
        self._travel(self._utc("2026-02-05 14:00:00"))
        return self._ship(order)

    def _collect(self, moment):
        fact = {"carrier": "UPS", "tracking_number": TRUCK, "milestone": "picked_up"}
        moment = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        self._tell(
            self.canonical, self._canonical("shipment.milestone", {**fact, "occurred_at": moment}, moment=moment)
        )
        self._follow()

    def assertDue(self, row, due, told):
        self.assertEqual((row.due_at, row.tell_at), (self._utc(due), self._utc(told)))

    def test_a_carrier_has_its_grace_and_is_due_at_the_cut_off_all_the_same(self):
        delivery = self._pack()
        row = self._get("picked_up", delivery)
        self.assertDue(row, "2026-02-05 17:00:00", "2026-02-05 19:00:00")
        self._scan(self._utc("2026-02-05 18:59:00"))
        self.assertEqual(row.state, "open", "in grace nobody is told")
        self._scan(self._utc("2026-02-05 19:01:00"))
        self.assertEqual(row.state, "overdue")
        exception = self._get_exceptions("pickup_missed", delivery)
        self.assertIn("5:00", exception.reason)
        self.assertNotIn("7:00", exception.reason)

    def test_how_late_it_was_counts_from_the_due_time(self):
        delivery = self._pack()
        self._scan(self._utc("2026-02-05 19:01:00"))
        self._collect(self._utc("2026-02-05 20:00:00"))
        row = self._get("picked_up", delivery)
        self.assertEqual((row.state, row.late_hours), ("met", 3))

    def test_a_grace_that_grows_takes_back_what_was_told_when_it_is_applied(self):
        delivery = self._pack()
        row = self._get("picked_up", delivery)
        row.template_id.grace_hours = 5
        row.template_id.action_apply()
        self.assertDue(row, "2026-02-05 17:00:00", "2026-02-05 22:00:00")

    def test_the_end_of_a_day_is_told_as_of_that_day(self):
        order = self._buy("2026-02-10 11:00:00")
        self._follow()
        row = self._get("line_received", order)
        self.assertEqual(row.due_at, self._utc("2026-02-11 00:00:00"))
        self._scan(self._utc("2026-02-11 00:01:00"))
        reason = self._get_exceptions("receipt_overdue", order).reason
        self.assertIn("Tuesday 10 Feb", reason)
        self.assertNotIn("12:00", reason)

    def test_the_preview_calls_overdue_what_somebody_would_be_told_of(self):
        delivery = self._pack()
        template = self.env.ref("distribution_visibility.expectation_picked_up")
        states = []
        for moment in ("2026-02-05 18:00:00", "2026-02-05 19:00:00"):
            self._travel(self._utc(moment))
            action = template.action_preview()
            preview = self.env[action["res_model"]].with_context(**action["context"]).create({})
            line = preview.line_ids.filtered(lambda one: delivery.name in one.name)
            states.append((line.due_at, line.state))
        due = self._utc("2026-02-05 17:00:00")
        self.assertEqual(states, [(due, "Expected"), (due, "Overdue")])

    def test_the_scan_stays_one_index_range_scan(self):
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            "EXPLAIN SELECT id FROM visibility_expectation WHERE state = 'open' AND tell_at <= now()"
            " ORDER BY tell_at LIMIT 500 FOR UPDATE SKIP LOCKED"
        )
        plan = " ".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("Index Scan using visibility_expectation_due", plan)
        self.assertNotIn("Sort", plan)

    def test_after_an_upgrade_the_scan_finds_what_was_open_and_due_times_are_without_grace(self):
        delivery = self._pack()
        row = self._get("picked_up", delivery)
        self.env.flush_all()
        # as it was: the grace in the due time, and no other column
        self.env.cr.execute("UPDATE visibility_expectation SET due_at = tell_at")
        self.env.cr.execute("ALTER TABLE visibility_expectation DROP COLUMN tell_at")
        spec = importlib.util.spec_from_file_location("pre_grace", MIGRATION)
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        for _twice in range(2):
            migration.migrate(self.env.cr, "19.0.1.0.0")
        self.env.cr.execute("SELECT count(*) FROM visibility_expectation WHERE tell_at IS NULL")
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        self.env.invalidate_all()
        self.assertDue(row, "2026-02-05 17:00:00", "2026-02-05 19:00:00")
        self.assertIn(row, self._scan(self._utc("2026-02-05 19:01:00")))
