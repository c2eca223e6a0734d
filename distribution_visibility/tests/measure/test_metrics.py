import json
import re
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.modules import Manifest
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from ...controllers.measure import webhook_tally
from ..common import VisibilityCase

TOKEN = "a-token-for-tests-only-0123456789"
DELAY = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Delayed")
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class MetricsCase(VisibilityCase):
    """Reads the page as a monitor does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.metrics = cls.env["visibility.metrics"]
        cls.inbox = cls.env["visibility.inbox.message"].sudo()
        # Totals begin at nothing here, whatever was counted in this database before.
        cls.env["visibility.counter"].search([]).unlink()

    def _read(self, name, **labels):
        """The value of one sample of the page; None when it is not there."""
        page, _content_type = self.metrics._render(OPENMETRICS)
        for family in text_string_to_metric_families(page.decode()):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        return None

    def _read_received(self, result="accepted", source="easypost-test"):
        return self._read("visibility_inbox_events_received_total", source=source, result=result)

    def _receive_tracker(self, number="1Z1", **options):
        return self._receive(self.easypost, self._tracker(number, DELAY, **options))[1]


@tagged("post_install", "-at_install")
class TestMetrics(MetricsCase):
    """What the numbers say."""

    def test_an_accepted_message_counts_once_from_waiting_to_done(self):
        self._receive_tracker()
        self.assertEqual(self._read_received(), 1)
        self.assertEqual(self._read("visibility_inbox_pending", source="easypost-test"), 1)
        self._work_off()
        self.assertEqual(self._read_received(), 1)
        self.assertIsNone(self._read("visibility_inbox_pending", source="easypost-test"))
        done = self._read("visibility_inbox_events_processed_total", source="easypost-test", outcome="done")
        self.assertEqual(done, 1)
        self.assertEqual(self._read("visibility_inbox_end_to_end_seconds_count"), 1)
        self.assertEqual(self._read("visibility_inbox_process_duration_seconds_count"), 1)
        self.assertTrue(self._read("visibility_inbox_last_processed_timestamp_seconds"))

    def test_a_replay_is_no_new_message_and_no_end_to_end_time(self):
        message = self._receive_tracker()
        self._work_off()
        message._replay("test")
        self.assertEqual(self._read_received(), 1)
        self._work_off()
        self.assertEqual(self._read_received(), 1)
        self.assertEqual(self._read("visibility_inbox_replays_total", source="easypost-test"), 1)
        self.assertEqual(self._read("visibility_inbox_end_to_end_seconds_count"), 1)

    def test_totals_do_not_fall_when_messages_are_deleted_and_counters_merged(self):
        self._receive_tracker("1Z1")
        self._work_off()
        self._receive_tracker("1Z2")
        self._work_off()
        self.inbox.search([("source_id", "=", self.easypost.id)]).unlink()
        self.env["visibility.counter"]._merge(at_least=1)
        self.assertEqual(self._read_received(), 2)
        rows = self.env["visibility.counter"].search_count([("name", "=", "received"), ("source_id", "!=", False)])
        self.assertEqual(rows, 1)

    def test_failures_are_counted_as_retries_and_rescues_apart(self):
        message = self._receive_tracker()
        self.inbox._claim("transactional", 10)
        message.claimed_at = fields.Datetime.now() - timedelta(minutes=5)
        self.inbox._rescue("transactional")
        self.assertEqual(self._read("visibility_inbox_retries_total", source="easypost-test"), 1)
        self.assertEqual(self._read("visibility_inbox_rescued_total", source="easypost-test"), 1)

    def test_dead_letters_and_quarantined_messages_are_counted_by_source(self):
        self._receive(self.easypost, {"not": "a tracker"})
        self._work_off()
        first = self._tracker("1Z1", DELAY, event_id="evt_1")
        self._receive(self.easypost, first)
        self._receive(self.easypost, {**first, "mode": "test"})
        self.assertEqual(self._read("visibility_inbox_dead_letters", source="easypost-test"), 1)
        self.assertEqual(self._read("visibility_inbox_quarantined", source="easypost-test"), 1)
        self.assertEqual(self._read_received("quarantined"), 1)

    def test_the_oldest_due_message_tells_its_age_and_a_planned_retry_does_not(self):
        message = self._receive_tracker()
        message.next_attempt_at = fields.Datetime.now() - timedelta(minutes=10)
        age = self._read("visibility_inbox_oldest_pending_age_seconds", lane="transactional")
        self.assertAlmostEqual(age, 600, delta=5)
        message.write({"state": "retry", "next_attempt_at": fields.Datetime.now() + timedelta(hours=1)})
        self.assertEqual(self._read("visibility_inbox_oldest_pending_age_seconds", lane="transactional"), 0)

    def test_open_exceptions_unmatched_shipments_and_unknown_codes_are_counted(self):
        self._tell(self.easypost, self._tracker("UNMATCHED1", ("in_transit", "nobody_knows", DELAY[2], "?"), DELAY))
        severity = self.env["visibility.exception"].search([("is_open", "=", True)], limit=1).severity
        self.assertGreaterEqual(self._read("visibility_exceptions_open", severity=severity), 1)
        self.assertGreaterEqual(self._read("visibility_shipments_unmatched"), 1)
        self.assertGreaterEqual(self._read("visibility_unknown_codes"), 1)

    def test_every_metric_is_explained_in_the_documentation(self):
        docs = Path(Manifest.for_addon("distribution_visibility").path).parent / "docs" / "measure" / "metrics.md"
        if not docs.exists():
            self.skipTest("The documentation is not installed beside the add-ons.")
        explained = set(re.findall(r"^\| `(visibility_\w+)`", docs.read_text(), re.MULTILINE))
        suffixes = {"counter": "_total", "info": "_info"}
        exported = {
            family.name + suffixes.get(family.type, "")
            for family in self.metrics._get_families()
            if family.name.startswith("visibility_")
        }
        self.assertEqual(exported, explained)


@tagged("post_install", "-at_install")
class TestMetricsPage(MetricsCase, HttpCase):
    """Who gets the page, and in which form."""

    def _get(self, authorization=None, **headers):
        if authorization:
            headers["Authorization"] = authorization
        return self.url_open("/visibility/metrics", headers=headers)

    def test_without_a_token_set_the_page_is_closed_to_everybody(self):
        for authorization in (None, "Bearer ", "Bearer None", "Bearer False", f"Bearer {TOKEN}"):
            self.assertEqual(self._get(authorization).status_code, 401)

    def test_the_token_opens_the_page_and_nothing_else_does(self):
        self.metrics._set_token(TOKEN)
        for wrong in (None, f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \xe9"):
            response = self._get(wrong)
            self.assertEqual(response.status_code, 401, wrong)
            self.assertEqual(response.headers["Content-Type"], "application/problem+json")
            self.assertIn("Bearer", response.headers["WWW-Authenticate"])
        response = self._get(f"Bearer {TOKEN}")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    @mute_logger("odoo.addons.distribution_visibility.models.measure.metrics.visibility_metrics")
    def test_a_token_that_no_master_key_opens_opens_nothing(self):
        self.env["ir.config_parameter"].set_param("distribution_visibility.metrics_token", "gAAAA-not-sealed-here")
        self.assertEqual(self._get("Bearer gAAAA-not-sealed-here").status_code, 401)

    def test_the_page_speaks_openmetrics_or_the_older_text_as_asked(self):
        self.metrics._set_token(TOKEN)
        modern = self._get(f"Bearer {TOKEN}", Accept=OPENMETRICS)
        self.assertTrue(modern.headers["Content-Type"].startswith("application/openmetrics-text"))
        self.assertTrue(modern.text.endswith("# EOF\n"))
        older = self._get(f"Bearer {TOKEN}", Accept="*/*")
        self.assertTrue(older.headers["Content-Type"].startswith("text/plain"))
        odd = self._get(f"Bearer {TOKEN}", Accept="application/openmetrics-text; version=one")
        self.assertEqual(odd.status_code, 200)

    @mute_logger("odoo.addons.distribution_visibility.controllers.ingest.webhook")
    def test_refusals_and_duplicates_are_counted_without_a_write_in_the_request(self):
        payload = self._tracker("1Z1", DELAY)
        body = json.dumps(payload).encode()
        webhook_tally.TALLY.take(self.env.cr.dbname)
        self._post("easypost-test", body, self._sign("easypost-test", body))
        self._post("easypost-test", body, self._sign("easypost-test", body))
        self._post("easypost-test", body, self._sign("easypost-test", body, "wrong-secret"))
        self._post("no-such-source", body, self._sign("easypost-test", body))
        self._post("easypost-test", body, {"Content-Type": "text/plain"})
        with patch.object(type(self.env["visibility.counter"]), "_add") as add:
            self._post("easypost-test", body, {})
        add.assert_not_called()
        webhook_tally.flush(self.env)
        self.assertEqual(self._read_received("duplicate"), 1)
        self.assertEqual(self._read_received("rejected_signature"), 1)
        self.assertEqual(self._read_received("rejected_signature", ""), 1)
        self.assertEqual(self._read_received("invalid"), 2)
        self.assertEqual(self._read_received("accepted"), 1)
        self.assertEqual(self._read("visibility_inbox_accept_duration_seconds_count"), 6)

    def _post(self, code, body, headers):
        return self.url_open(f"/visibility/v1/sources/{code}/events", data=body, headers=headers, method="POST")
