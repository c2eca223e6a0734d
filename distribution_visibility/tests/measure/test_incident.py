from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import RecordCapturer, tagged

from ..common import VisibilityCase


@tagged("post_install", "-at_install")
class TestIncident(VisibilityCase):
    """The person responsible is told once, and again only when it was over."""

    def setUp(self):
        super().setUp()
        self.incidents = self.env["visibility.incident"].sudo()
        self.incidents.search([]).unlink()
        self.inbox = self.env["visibility.inbox.message"].sudo()
        self.inbox.search([("state", "in", ("pending", "retry", "running", "dead", "quarantined"))]).state = "ignored"
        for cron in self.env["visibility.health"]._get_scheduled_actions().values():
            cron.write({"lastcall": fields.Datetime.now(), "failure_count": 0, "active": True})

    def _bury(self, source=None, count=1):
        for _number in range(count):
            self._receive(source or self.easypost, {"id": f"evt_{self.inbox.search_count([])}", "no": "tracker"})
        self._work_off()

    @contextmanager
    def _capture_mails(self):
        """The mails that are made, before they are sent and deleted."""
        sent = []

        def keep(mails):
            sent.extend(
                {"subject": mail.subject, "body": mail.body_html, "recipients": mail.recipient_ids} for mail in mails
            )

        with patch.object(type(self.env["mail.mail"]), "send_after_commit", keep):
            yield sent

    def _find(self, *domain):
        return self.incidents.search([("source_id", "in", (self.easypost | self.canonical).ids), *domain])

    def _get_notified(self, source):
        return self.env["mail.activity"].search([("res_model", "=", "visibility.source"), ("res_id", "=", source.id)])

    def test_many_dead_letters_are_one_incident_one_activity_and_one_mail(self):
        self._bury(count=5)
        with self._capture_mails() as sent:
            self.incidents._watch()
        incident = self._find()
        self.assertEqual((incident.kind, incident.count, incident.user_id), ("dead_letters", 5, self.owner))
        self.assertEqual(self._get_notified(self.easypost).user_id, self.owner)
        self.assertEqual(len(sent), 1)
        self.assertEqual(sent[0]["recipients"], self.owner.partner_id)
        self.assertEqual(sent[0]["subject"], "easypost-test: messages that could not be worked on (5)")
        self.assertIn(sent[0]["subject"], sent[0]["body"])

    def test_more_dead_letters_raise_the_count_and_nobody_is_told_again(self):
        self._bury()
        self.incidents._watch()
        self._bury()
        with self._capture_mails() as sent:
            self.incidents._watch()
        self.assertEqual(self._find().count, 2)
        self.assertFalse(sent)
        self.assertEqual(len(self._get_notified(self.easypost)), 1)

    def test_the_incident_closes_when_they_are_ignored_and_a_new_one_may_open(self):
        self._bury()
        self.incidents._watch()
        first = self._find()
        self.inbox.search([("state", "=", "dead")])._ignore("known")
        self.incidents._watch()
        self.assertTrue(first.resolved_at)
        self.assertFalse(self._get_notified(self.easypost))
        self._bury()
        with self._capture_mails() as sent:
            self.incidents._watch()
        self.assertEqual(len(self._find()), 2)
        self.assertEqual(len(sent), 1)

    def test_the_incident_closes_when_they_are_replayed_with_success(self):
        self._bury()
        self.incidents._watch()
        dead = self.inbox.search([("state", "=", "dead")])
        dead.body = "null"
        dead.source_id = self.env["visibility.heartbeat"]._get_source()  # its adapter takes anything
        dead._replay("test")
        self._work_off()
        self.incidents._watch()
        self.assertTrue(self._find().resolved_at)

    def test_fewer_dead_letters_than_the_alarm_tell_nobody(self):
        self.env["ir.config_parameter"].set_param("distribution_visibility.dead_letter_alarm", 3)
        self._bury(count=2)
        self.incidents._watch()
        self.assertFalse(self._find())

    def test_a_stalled_queue_is_an_incident_until_it_flows_again(self):
        message = self._receive(self.easypost, self._tracker("1Z1", ("in_transit", "delayed", "x", "x")))[1]
        message.next_attempt_at = fields.Datetime.now() - timedelta(minutes=14)
        self.incidents._watch()
        self.assertFalse(self._find())
        message.next_attempt_at = fields.Datetime.now() - timedelta(minutes=16)
        self.incidents._watch()
        self.assertEqual((self._find().kind, self._find().subject), ("stalled", "transactional"))
        self._work_off()
        self.incidents._watch()
        self.assertTrue(self._find().resolved_at)

    def test_a_message_that_waits_for_its_next_attempt_is_no_stalled_queue(self):
        message = self._receive(self.easypost, self._tracker("1Z1", ("in_transit", "delayed", "x", "x")))[1]
        later = self._receive(self.easypost, self._tracker("1Z1", ("in_transit", "delayed", "y", "y")))[1]
        message.write({"state": "retry", "next_attempt_at": fields.Datetime.now() + timedelta(hours=10)})
        later.next_attempt_at = fields.Datetime.now() - timedelta(hours=1)
        self.incidents._watch()
        self.assertFalse(self._find())

    def test_two_sources_of_one_person_are_one_mail(self):
        self._bury()
        self.inbox.search([("state", "=", "dead")], limit=1).copy(
            {"external_id": "another", "source_id": self.canonical.id, "state": "dead"}
        )
        with self._capture_mails() as sent:
            self.incidents._watch()
        self.assertEqual(len(self._find()), 2)
        self.assertEqual(len(sent), 1)
        self.assertIn("canonical-test", sent[0]["body"])

    def test_the_owner_who_left_is_not_the_one_who_is_told(self):
        self.owner.active = False
        self._bury()
        self.incidents._watch()
        self.assertTrue(self._find().user_id.active)
        self.assertTrue(self._find().user_id.has_group("distribution_visibility.group_manager"))

    def test_a_scheduled_action_that_odoo_switched_off_is_an_incident(self):
        self.env.ref("distribution_visibility.ir_cron_inbox_bulk").active = False
        self.incidents._watch()
        incident = self.incidents.search([("kind", "=", "scheduled_action")])
        self.assertEqual(incident.subject, "ir_cron_inbox_bulk")
        self.assertIn("ir_cron_inbox_bulk", incident.name)
        self.env.ref("distribution_visibility.ir_cron_inbox_bulk").active = True
        self.incidents._watch()
        self.assertTrue(incident.resolved_at)

    def test_burying_many_messages_wakes_the_watch_once_and_writes_no_incident(self):
        for number in range(20):
            self._receive(self.easypost, {"id": f"evt_many_{number}"})
        self.env.flush_all()
        cron = self.env.ref("distribution_visibility.ir_cron_watch")
        with RecordCapturer(self.env["ir.cron.trigger"].sudo(), [("cron_id", "=", cron.id)]) as captured:
            self._work_off()
        self.assertEqual(len(captured.records), 1)
        self.assertFalse(self._find())

    def test_trouble_that_nobody_put_into_words_is_told_by_its_name(self):
        self.patch(type(self.incidents), "_say_dead_letters", None)
        self._bury()
        with self._capture_mails() as sent:
            self.incidents._watch()
        self.assertEqual(self._find().name, "Dead letters")
        self.assertEqual(sent[0]["subject"], "Dead letters")
