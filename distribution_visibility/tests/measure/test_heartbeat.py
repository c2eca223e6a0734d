from ast import literal_eval
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common import VisibilityCase


@tagged("post_install", "-at_install")
class TestHeartbeat(VisibilityCase):
    """A message that says nothing travels the way of all others."""

    def setUp(self):
        super().setUp()
        self.heartbeat = self.env["visibility.heartbeat"]
        self.source = self.heartbeat._get_source()
        self.inbox = self.env["visibility.inbox.message"].sudo()
        self._find().unlink()

    def _find(self, *domain):
        return self.inbox.search([("source_id", "=", self.source.id), *domain])

    def test_one_heartbeat_travels_along_each_lane_and_makes_it_young(self):
        self.env.cr.execute(
            "UPDATE visibility_source SET create_date = %s WHERE id = %s",
            (fields.Datetime.now() - timedelta(hours=2), self.source.id),
        )
        self.source.invalidate_recordset()
        self.heartbeat._beat()
        self.assertEqual(sorted(self._find().mapped("lane")), ["analytical", "bulk", "transactional"])
        self._work_off("bulk")
        ages = self.heartbeat._get_ages()
        self.assertLess(ages["bulk"], 5)
        self.assertGreater(ages["transactional"], 7000)
        self.assertEqual(self._find(("lane", "=", "bulk")).state, "done")
        self.assertFalse(self._find().event_ids)

    def test_heartbeats_do_not_hide_how_long_real_events_take(self):
        counters = self.env["visibility.counter"]
        before = counters._get_totals()
        self.heartbeat._beat()
        self._work_off()
        after = counters._get_totals()
        changed = {key[0] for key in after if after[key] != before.get(key)}
        self.assertIn("processed", changed)
        self.assertNotIn("end_to_end", changed)

    def test_heartbeats_do_not_pile_up_in_a_lane_that_stands_still(self):
        self.heartbeat._beat()
        self.heartbeat._beat()
        self.assertEqual(len(self._find()), 3)

    def test_old_heartbeats_disappear_except_the_last_of_each_lane(self):
        self.heartbeat._beat()
        for lane in self.heartbeat._get_lanes():
            self._work_off(lane)
        old = self._find()
        old.received_at = fields.Datetime.now() - timedelta(hours=2)
        self.heartbeat._purge()
        self.assertEqual(self._find(), old)
        spare = old[:1].copy({"external_id": "heartbeat:spare", "state": "done", "finished_at": "2020-01-01"})
        spare.received_at = old[0].received_at
        self.heartbeat._purge()
        self.assertFalse(spare.exists())

    def test_people_see_no_heartbeat_and_nobody_can_send_or_choose_one(self):
        self.heartbeat._beat()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "distribution_visibility.visibility_inbox_message_action"
        )
        domain = fields.Domain(literal_eval(action["domain"]))
        self.assertFalse(self.inbox.search(domain) & self._find())
        self.assertIsNone(self.env["visibility.source"].sudo()._get_receiver("heartbeat"))
        manager = self._create_user("visibility-heart", "distribution_visibility.group_manager")
        choices = self.env["visibility.source"].with_user(manager).fields_get(["adapter"])["adapter"]["selection"]
        self.assertNotIn("heartbeat", dict(choices))
