import json

from odoo.tests import HttpCase, tagged

from ..common import EASYPOST_SECRET, VisibilityCase


@tagged("post_install", "-at_install")
class TestWebhook(VisibilityCase, HttpCase):
    """The door, over real HTTP."""

    def setUp(self):
        super().setUp()
        self.body = json.dumps(
            self._tracker("1Z999AA10123456784", ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Delayed"))
        ).encode()

    def _post(self, code, body, headers, path="events", method="POST"):
        return self.url_open(
            f"/visibility/v1/sources/{code}/{path}", data=body, headers=headers, method=method, allow_redirects=False
        )

    def _post_signed(self, body=None, code="easypost-test", **headers):
        body = body or self.body
        return self._post(code, body, self._sign(code, body) | headers)

    def _count(self):
        return self.env["visibility.inbox.message"].search_count([])

    # ------------------------------------------------------------------ taking
    def test_a_signed_delivery_is_stored_as_it_came_and_answered_202(self):
        response = self._post_signed()
        self.assertEqual((response.status_code, response.json()), (202, {"status": "accepted"}))
        message = self.env["visibility.inbox.message"].search([], limit=1)
        self.assertEqual(message.body.encode(), self.body)
        self.assertEqual(message.state, "pending")
        self.assertEqual(message.create_uid, self.easypost.user_id)
        self.assertTrue(message.key_id and message.is_trusted)

    def test_the_same_delivery_again_is_answered_200_and_stored_once(self):
        before = self._count()
        self._post_signed()
        again = self._post_signed()
        self.assertEqual((again.status_code, again.json()), (200, {"status": "duplicate"}))
        self.assertEqual(self._count(), before + 1)

    def test_the_same_id_with_another_body_is_quarantined_and_the_first_stays(self):
        self._post_signed()
        other = self.body.replace(b"Delayed", b"Destroyed")
        self.assertEqual(self._post_signed(other).json(), {"status": "quarantined"})
        first, second = self.env["visibility.inbox.message"].search([], order="id")[-2:]
        self.assertEqual((first.body.encode(), first.state), (self.body, "pending"))
        self.assertEqual((second.body.encode(), second.state), (other, "quarantined"))
        self.assertEqual(self._post_signed(other).json(), {"status": "duplicate"})

    def test_a_sender_that_wants_204_gets_204_each_time(self):
        self.easypost.accepted_status = "204"
        self.assertEqual([self._post_signed().status_code for _time in range(2)], [204, 204])

    # ------------------------------------------------------------------ refusing
    def test_wrong_key_missing_header_and_unknown_source_get_one_and_the_same_401(self):
        before = self._count()
        wrong = self._post("easypost-test", self.body, self._sign("easypost", self.body, EASYPOST_SECRET + "x"))
        missing = self._post("easypost-test", self.body, {"Content-Type": "application/json"})
        unknown = self._post("nobody", self.body, self._sign("easypost", self.body))
        for response in (wrong, missing, unknown):
            self.assertEqual(response.status_code, 401)
            self.assertEqual(response.headers["Content-Type"], "application/problem+json")
            self.assertEqual(response.content, wrong.content)
        self.assertEqual(self._count(), before)

    def test_a_source_without_a_valid_key_refuses_everything(self):
        self.easypost.key_ids.valid_from = "2999-01-01 00:00:00"
        self.assertEqual(self._post_signed().status_code, 401)

    def test_an_archived_source_refuses_everything(self):
        self.easypost.active = False
        self.assertEqual(self._post_signed().status_code, 401)

    def test_a_signature_with_bytes_beyond_ascii_is_401_and_no_error(self):
        headers = self._sign("easypost", self.body) | {"X-Hmac-Signature": b"hmac-sha256-hex=\xe9\xe9"}
        self.assertEqual(self._post("easypost-test", self.body, headers).status_code, 401)

    def test_during_a_rotation_both_keys_are_taken_and_the_message_says_which(self):
        new = self.env["visibility.source.key"].create(
            {"source_id": self.easypost.id, "name": "new", "secret": "another-test-only-secret"}
        )
        self.assertEqual(self._post_signed().status_code, 202)
        second = self.body.replace(b"evt_", b"evt_2")
        headers = self._sign("easypost", second, "another-test-only-secret")
        self.assertEqual(self._post("easypost-test", second, headers).status_code, 202)
        self.assertEqual(self.env["visibility.inbox.message"].search([], limit=1).key_id, new)

    def test_an_allowed_address_list_is_checked_in_addition_to_the_signature(self):
        self.easypost.option_networks = "192.0.2.0/24"
        self.assertEqual(self._post_signed().status_code, 401)
        self.easypost.option_networks = "192.0.2.0/24\n127.0.0.1"
        self.assertEqual(self._post_signed().status_code, 202)

    def test_what_is_no_json_is_400_even_when_signed(self):
        for body in (b'{"a": NaN}', b'{"a": 1, "a": 2}', b"[" * 100 + b"]" * 100, b'{"a": "\\u0000"}', b'"text"'):
            response = self._post_signed(body)
            self.assertEqual(response.status_code, 400, body)
            self.assertIn("invalid-json", response.json()["type"])

    def test_a_form_or_a_compressed_body_is_415(self):
        for headers in (
            {"Content-Type": "application/x-www-form-urlencoded"},
            {"Content-Type": "multipart/form-data; boundary=x"},
            {"Content-Encoding": "gzip"},
        ):
            self.assertEqual(self._post_signed(**headers).status_code, 415, headers)

    def test_a_body_one_byte_over_the_sources_limit_is_413(self):
        self.easypost.max_body_kib = 1
        fitting = self.body + b" " * (1024 - len(self.body))
        self.assertEqual(self._post_signed(fitting).status_code, 202)
        self.assertEqual(self._post_signed(fitting + b" ").status_code, 413)

    def test_other_verbs_are_405_and_name_the_one_that_works(self):
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
            response = self._post("easypost-test", b"", {}, method=method)
            self.assertEqual((response.status_code, response.headers["Allow"]), (405, "POST"), method)

    def test_more_than_the_sources_rate_is_429_with_retry_after(self):
        self.easypost.requests_per_minute = 1
        self.assertEqual(self._post_signed().status_code, 202)
        response = self._post_signed()
        self.assertEqual(response.status_code, 429)
        self.assertGreater(int(response.headers["Retry-After"]), 0)

    def test_a_canonical_body_that_breaks_its_schema_is_422_and_says_where(self):
        body = json.dumps(self._canonical("shipment.milestone", {"milestone": "delivered"})).encode()
        response = self._post_signed(body, "canonical-test")
        self.assertEqual(response.status_code, 422)
        self.assertIn("tracking_number", json.dumps(response.json()["errors"]))

    def test_a_providers_unknown_shape_is_taken_because_providers_switch_off_what_refuses(self):
        response = self._post_signed(b'{"object": "Surprise"}')
        self.assertEqual(response.status_code, 202)
        message = self._work_off()
        self.assertEqual(message.state, "dead")
        self.assertTrue(message.error)

    def test_a_key_past_its_date_is_refused_and_its_use_is_logged_with_the_keys_number(self):
        key = self.easypost.key_ids
        key.write({"valid_from": "2020-01-01 00:00:00", "valid_until": "2020-02-01 00:00:00"})
        with self.assertLogs("odoo.addons.distribution_visibility.controllers.ingest.webhook", "WARNING") as logs:
            self.assertEqual(self._post_signed().status_code, 401)
        self.assertIn(f"still signs with key {key.id}", logs.output[0])

    def test_a_code_that_no_source_can_have_is_refused_like_any_other(self):
        for code in ("%00", "a" * 300, "..%2f..", "%F0%9F%92%A9"):
            self.assertIn(self._post(code, self.body, self._sign("easypost", self.body)).status_code, (401, 404), code)

    def test_a_body_over_what_the_door_reads_is_413_as_a_problem(self):
        body = b" " * (4 * 1024 * 1024 + 1)
        response = self._post("easypost-test", body, {"Content-Type": "application/json"})
        self.assertEqual((response.status_code, response.headers["Content-Type"]), (413, "application/problem+json"))
