import json

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ...controllers.measure import webhook_tally
from ..common import VisibilityCase

DELAY = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Delayed")
SECRET = "a-secret-that-nobody-may-read"


@tagged("post_install", "-at_install")
class TestRefusals(VisibilityCase, HttpCase):
    """Whoever sets a sender up sees in Odoo that it is refused, and why."""

    def setUp(self):
        super().setUp()
        self.env["visibility.counter"].search([]).unlink()
        webhook_tally.TALLY.take(self.env.cr.dbname)
        self.body = json.dumps(self._tracker("1Z1", DELAY, event_id=SECRET)).encode()
        self.coordinator = self.owner

    def _post(self, code="easypost-test", body=None, headers=None, **more):
        body = self.body if body is None else body
        headers = self._sign("easypost-test", body) if headers is None else headers
        with mute_logger("odoo.addons.distribution_visibility.controllers.ingest.webhook"):
            response = self.url_open(
                f"/visibility/v1/sources/{code}/events", data=body, headers={**headers, **more}, method="POST"
            )
        webhook_tally.flush(self.env)
        return response.status_code

    def _find(self):
        """What a coordinator sees: by source and answer how many."""
        rows = self.env["visibility.refusal"].with_user(self.coordinator).search([])
        self.assertTrue(all(row.why and row.what_to_do for row in rows))
        return {(row.source_id.code or "", row.status): row.amount for row in rows}

    def test_each_way_to_be_refused_is_shown_with_its_source_answer_and_day(self):
        json_type = {"Content-Type": "application/json"}
        signed = self._sign("easypost-test", self.body, "wrong")
        self.easypost.max_body_kib = 1
        large = json.dumps(self._tracker("1Z2", DELAY, note="x" * 2000)).encode()
        told = {
            401: lambda: self._post(headers=signed),
            415: lambda: self._post(headers={"Content-Type": "application/x-www-form-urlencoded"}),
            413: lambda: self._post(body=large),
            400: lambda: self._post(body=b"{"),
        }
        for status, send in told.items():
            with self.subTest(status=status):
                self.assertEqual(send(), status)
                self.assertEqual(self._find()["easypost-test", status], 1)
        self.assertEqual(self._post(headers=json_type), 401)
        self.assertEqual(self._find()["easypost-test", 401], 2)
        days = self.env["visibility.refusal"].search([]).mapped("day")
        self.assertEqual(set(days), {fields.Date.today()})

    def test_what_is_taken_is_not_refused(self):
        self.assertEqual(self._post(), 202)
        self.assertFalse(self._find())
        self.assertFalse(self.easypost.last_refused_at)

    def test_addresses_that_no_source_has_are_one_row_however_many_there_are(self):
        for number in range(5):
            self.assertEqual(self._post(code=f"nobody-{number}"), 401)
        self.assertEqual(self._find(), {("", 401): 5})
        self.assertIn("address", self.env["visibility.refusal"].search([]).why)

    def test_a_flood_becomes_a_few_rows_and_nothing_of_it_is_kept(self):
        for _time in range(20):
            self._post(headers={"Content-Type": "text/plain", "X-Key": SECRET})
        counters = self.env["visibility.counter"]
        counters._merge(at_least=1)
        rows = counters.search([("name", "=", "refused")])
        self.assertEqual((len(rows), rows.amount), (1, 20))
        self.assertNotIn(SECRET, str(rows.read()) + str(self.env["visibility.refusal"].search([]).read()))

    def test_the_source_leads_to_what_was_refused_of_it(self):
        self._post(headers={"Content-Type": "text/plain"})
        self._post(code="nobody")
        self.assertTrue(self.easypost.last_refused_at)
        action = self.easypost.action_open_refusals()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]).mapped("status"), [415])

    def test_after_a_month_it_is_forgotten(self):
        old = fields.Date.add(fields.Date.today(), days=-40)
        self.env["visibility.counter"]._add({("refused", self.easypost.id, f"{old:%Y-%m-%d} 401"): 7})
        self._post(headers={"Content-Type": "text/plain"})
        self.assertEqual(len(self._find()), 2)
        self.env["visibility.refusal"]._gc_refusals()
        self.assertEqual(self._find(), {("easypost-test", 415): 1})

    def test_another_company_sees_only_what_nobody_sent(self):
        self._post(headers={"Content-Type": "text/plain"})
        self._post(code="nobody")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.coordinator.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        self.assertEqual(self._find(), {("", 401): 1})
