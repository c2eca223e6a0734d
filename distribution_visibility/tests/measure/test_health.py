from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from ...lib.base.errors import ConfigurationError
from ..common import VisibilityCase

TOKEN = "a-token-for-tests-only-0123456789"


@tagged("post_install", "-at_install")
class TestHealth(VisibilityCase, HttpCase):
    """What a load balancer and a monitor are told."""

    def setUp(self):
        super().setUp()
        # What the machine that runs the tests did before is not the subject here.
        crons = self.env["visibility.health"]._get_scheduled_actions().values()
        for cron in crons:
            cron.write({"lastcall": fields.Datetime.now(), "failure_count": 0, "active": True})
        self._age_source(0)
        inbox = self.env["visibility.inbox.message"].sudo()
        inbox.search([("state", "in", ("pending", "retry", "running", "dead", "quarantined"))]).state = "ignored"

    def _age_source(self, minutes):
        moment = fields.Datetime.now() - timedelta(minutes=minutes)
        source = self.env["visibility.heartbeat"]._get_source()
        self.env.cr.execute("UPDATE visibility_source SET create_date = %s WHERE id = %s", (moment, source.id))
        self.env["visibility.inbox.message"].sudo().search([("source_id", "=", source.id)]).unlink()
        source.invalidate_recordset()

    def _report(self):
        return self.env["visibility.health"]._get_report()

    def _statuses(self, check):
        return {row.get("componentId"): row["status"] for row in self._report()["checks"][check]}

    def _trackers(self, **values):
        message = self._receive(self.easypost, self._tracker("1Z1", ("in_transit", "delayed", "x", "x")))[1]
        message.write(values)

    # ------------------------------------------------------------------ over HTTP
    def test_the_process_is_alive_when_the_database_answers(self):
        response = self.url_open("/visibility/health/live")
        self.assertEqual((response.status_code, response.json()), (200, {"status": "pass"}))
        self.assertEqual(response.headers["Content-Type"], "application/health+json")
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_without_the_token_only_the_status_is_told(self):
        self.assertEqual(self.url_open("/visibility/health/ready").json(), {"status": "pass"})
        self.env["visibility.metrics"]._set_token(TOKEN)
        self.assertEqual(set(self.url_open("/visibility/health/ready").json()), {"status"})
        told = self.url_open("/visibility/health/ready", headers={"Authorization": f"Bearer {TOKEN}"}).json()
        self.assertIn("inbox:oldestPendingAge", told["checks"])

    def test_a_node_that_cannot_open_its_secrets_gets_no_requests(self):
        with patch.object(
            type(self.env["visibility.vault"]), "_decrypt", side_effect=ConfigurationError("no key opens it")
        ):
            response = self.url_open("/visibility/health/ready")
            self.assertEqual(self._statuses("vault:masterKey"), {None: "fail"})
        self.assertEqual((response.status_code, response.json()["status"]), (503, "fail"))

    def test_a_warning_is_answered_200(self):
        self._trackers(state="dead")
        response = self.url_open("/visibility/health/ready")
        self.assertEqual((response.status_code, response.json()), (200, {"status": "warn"}))

    # ------------------------------------------------------------------ checks
    def test_all_is_well_after_the_installation(self):
        self.assertEqual(self._report()["status"], "pass")

    def test_dead_letters_warn_from_the_alarm_of_the_settings_on(self):
        self.env["ir.config_parameter"].set_param("distribution_visibility.dead_letter_alarm", 2)
        self._trackers(state="dead")
        self.assertEqual(self._statuses("inbox:deadLetters"), {None: "pass"})
        self._trackers(state="dead")
        self.assertEqual(self._statuses("inbox:deadLetters"), {None: "warn"})

    def test_messages_that_nobody_takes_warn_in_their_lane(self):
        self._trackers(next_attempt_at=fields.Datetime.now() - timedelta(minutes=16), lane="bulk")
        expected = {"transactional": "pass", "bulk": "warn", "analytical": "pass"}
        self.assertEqual(self._statuses("inbox:oldestPendingAge"), expected)

    def test_a_backlog_at_its_limit_fails_as_the_door_does(self):
        self.env["ir.config_parameter"].set_param("distribution_visibility.max_backlog", 100)
        self._trackers()
        self.assertEqual(self._statuses("inbox:backlog"), {None: "pass"})
        path = "odoo.addons.distribution_visibility.models.measure.health.visibility_health.get_number"
        with patch(path, return_value=1):
            self.assertEqual(self._statuses("inbox:backlog"), {None: "fail"})

    def test_a_heartbeat_that_does_not_arrive_warns(self):
        self._age_source(minutes=60)
        self.assertEqual(set(self._statuses("heartbeat:age").values()), {"warn"})

    def test_a_scheduled_action_that_is_off_or_fails_or_stands_still_warns(self):
        lanes = {
            "ir_cron_inbox_transactional": {"active": False},
            "ir_cron_inbox_bulk": {
                "failure_count": 3,
                "first_failure_date": fields.Datetime.now() - timedelta(minutes=20),
            },
            "ir_cron_inbox_analytical": {"lastcall": fields.Datetime.now() - timedelta(minutes=30)},
        }
        for name, values in lanes.items():
            self.env.ref(f"distribution_visibility.{name}").write(values)
        statuses = self._statuses("scheduledAction:lastSuccess")
        self.assertEqual({name for name, status in statuses.items() if status == "warn"}, set(lanes))
