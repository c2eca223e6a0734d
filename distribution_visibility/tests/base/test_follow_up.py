import json
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import VisibilityCase

MODULE = "odoo.addons.distribution_visibility.models.base.visibility_follow_up"


@tagged("post_install", "-at_install")
class TestFollowUp(VisibilityCase):
    """People do not wait for what is looked at because of what they saved; nothing of it is lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["visibility.follow.up"].search([]).unlink()
        cls.env["visibility.rule"].search([]).active = False
        cls.rule = cls.env["visibility.rule"].create(
            {
                "name": "Marked late",
                "model_id": cls.env["ir.model"]._get_id("sale.order"),
                "domain": "[('client_order_ref', '=', 'late')]",
                "category_id": cls.env.ref("distribution_visibility.category_stale_document").id,
                "latency": "immediate",
                "accountable_id": cls.owner.id,
            }
        )

    def _save(self, somebody_waits):
        """An order is confirmed and marked, and the transaction comes to its end."""
        follow_up = type(self.env["visibility.follow.up"])
        with patch.object(follow_up, "_is_somebody_waiting", lambda self: somebody_waits):
            order = self._create_delivery("1Z1").sale_id
            order.client_order_ref = "late"
            self.env.cr.flush()
        return order

    def _get_found(self, order):
        exceptions = self.env["visibility.exception"].search([("rule_id", "=", self.rule.id)])
        expectations = self.env["visibility.expectation"].search(
            [("res_model", "=", order._name), ("res_id", "=", order.id)]
        )
        return bool(exceptions), bool(expectations)

    def test_what_a_person_saves_is_followed_up_a_moment_later(self):
        order = self._save(somebody_waits=True)
        self.assertEqual(self._get_found(order), (False, False))
        self.assertEqual(set(self.env["visibility.follow.up"].search([]).mapped("kind")), {"rules", "expectations"})
        self.env["visibility.follow.up"]._work_off()
        self.assertEqual(self._get_found(order), (True, True))
        self.assertFalse(self.env["visibility.follow.up"].search([]))

    def test_a_job_follows_up_on_the_spot(self):
        order = self._save(somebody_waits=False)
        self.assertEqual(self._get_found(order), (True, True))
        self.assertFalse(self.env["visibility.follow.up"].search([]))

    def test_documents_that_are_gone_meanwhile_stop_nothing(self):
        payload = json.dumps({"sale.order": [2**30]})
        self.env["visibility.follow.up"].create({"kind": "expectations", "payload": payload})
        self.assertEqual(self.env["visibility.follow.up"]._work_off(), 1)

    def test_what_cannot_be_followed_up_is_logged_and_stops_no_other(self):
        order = self._save(somebody_waits=True)
        rule = type(self.env["visibility.rule"])
        with patch.object(rule, "_look_at_touched", side_effect=ValueError), mute_logger(MODULE):
            self.env["visibility.follow.up"]._work_off()
        self.assertEqual(self._get_found(order), (False, True))
