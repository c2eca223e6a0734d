from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestActionMetricsPlan(TransactionCase):
    """A scrape of the metrics reads what is open and what failed, never the whole log."""

    def _assert_index(self, query):
        """Without sequential scans, the log's own indexes answer: partial ones, of what the question is about."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(f"EXPLAIN {query}")
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        self.assertRegex(plan, "visibility_action_run_(failed|asked)")

    def test_the_last_failures_have_an_index(self):
        self._assert_index(
            "SELECT automation_id, max(occurred_at) FROM visibility_action_run "
            "WHERE result = 'failed' AND automation_id IS NOT NULL GROUP BY automation_id"
        )

    def test_what_waits_for_an_answer_has_an_index(self):
        self._assert_index(
            "SELECT count(*) FROM visibility_action_run r WHERE result IN ('asked', 'disagreed') AND NOT EXISTS "
            "(SELECT FROM visibility_action_run f WHERE f.run_id = r.id)"
        )
