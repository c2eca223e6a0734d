from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestActionMetricsPlan(TransactionCase):
    """A scrape of the metrics has an index of what failed and of what is open: the whole log is long."""

    def _get_condition(self, index):
        """Which rows an index has; the planner of an empty database would choose another one."""
        query = "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = to_regclass(%s)"
        self.env.cr.execute(query, [index])
        return (self.env.cr.fetchone() or [""])[0]

    def test_the_last_failures_have_an_index_of_their_own(self):
        self.assertIn("failed", self._get_condition("visibility_action_run_failed"))

    def test_what_waits_for_an_answer_has_an_index_of_its_own(self):
        condition = self._get_condition("visibility_action_run_asked")
        self.assertIn("asked", condition)
        self.assertIn("disagreed", condition)
