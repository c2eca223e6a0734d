from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.tests import tagged

from ..common import DecisionCase


@tagged("post_install", "-at_install")
class TestDecisionExpectations(DecisionCase):
    """Somebody asked for a decision, and somebody else should make it."""

    def _get_row(self, decision):
        self.env.cr.flush()
        return self.env["visibility.expectation"].search(
            [("res_model", "=", "visibility.decision"), ("res_id", "=", decision.id)]
        )

    def _scan_later(self):
        with freeze_time(fields.Datetime.now() + timedelta(days=14)):
            self.env["visibility.expectation"]._claim_due(500)._notice_overdue()

    def test_a_decision_that_nobody_makes_is_an_exception_until_somebody_does(self):
        decision = self._request()
        row = self._get_row(decision)
        self.assertEqual(row.state, "open")
        self._scan_later()
        exception = self.env["visibility.exception"].search(
            [("res_model", "=", "visibility.decision"), ("res_id", "=", decision.id)]
        )
        self.assertEqual((exception.category_id.code, exception.user_id), ("response_overdue", self.agent))
        self.assertEqual(exception.sale_order_ids, self.exception.sale_order_ids)
        self._approve(decision)
        self.env.cr.flush()
        self.assertEqual((row.state, row.met_by, exception.state), ("met", "Approved", "resolved"))

    def test_a_draft_waits_for_nobody_and_a_cancelled_one_no_more(self):
        self.assertFalse(self._get_row(self._draft()))

    def test_a_decision_that_is_cancelled_is_not_expected_any_more(self):
        decision = self._request()
        row = self._get_row(decision)
        decision.action_cancel()
        self.env.cr.flush()
        self.assertEqual(row.state, "cancelled")
