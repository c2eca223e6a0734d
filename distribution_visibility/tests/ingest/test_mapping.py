import json

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..common import VisibilityCase

BODY = {
    "mode": "live",
    "parcels": [
        {"no": "REG1", "scans": [{"id": "s1", "what": "OK", "when": "02.03.2026 10:00", "where": "Toledo"}]},
        {"no": "REG2", "scans": [{"id": "s2", "what": "LATE", "when": "02.03.2026 11:00", "where": "Lima"}]},
    ],
}


@tagged("post_install", "-at_install")
class TestMapping(VisibilityCase):
    """A sender whose JSON no adapter knows, mapped by an administrator in a form."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mapping = cls.env["visibility.mapping"].create(
            {
                "name": "Regional carrier",
                "events": "parcels[]",
                "vocabulary": "regional.scan",
                "time_zone": "Europe/Berlin",
                "time_format": "%d.%m.%Y %H:%M",
                "event_id": "scans[0].id",
                "field_ids": [
                    (0, 0, {"field_name": name, "expression": expression})
                    for name, expression in (
                        ("tracking_number", "no"),
                        ("code", "scans[0].what"),
                        ("occurred_at", "scans[0].when"),
                        ("location.city", "scans[0].where"),
                    )
                ],
            }
        )
        cls.env["visibility.code.map"].create(
            {
                "vocabulary": "regional.scan",
                "code": "LATE",
                "category_id": cls.env.ref("distribution_visibility.category_delayed_in_transit").id,
            }
        )
        cls.regional = cls._create_source(
            "canonical-regional", "declarative", "whsec_cmVnaW9uYWwtdGVzdC1vbmx5LXNlY3JldC0wMDAwMQ==",
            mapping_id=cls.mapping.id, carrier_code="Regional",
        )  # fmt: skip

    def _tell_regional(self):
        message = self.env["visibility.inbox.message"].create(
            {
                "source_id": self.regional.id,
                "company_id": self.company.id,
                "external_id": "r1",
                "body_sha256": "0",
                "is_trusted": True,
                "body": json.dumps(BODY),
            }
        )
        self._work_off()
        return message

    def test_mapped_bodies_become_events_with_place_zone_and_code(self):
        message = self._tell_regional()
        first, second = message.event_ids.sorted("sender_id")
        self.assertEqual((first.shipment_id.number, first.location), ("REG1", "Toledo"))
        self.assertEqual(str(first.occurred_at), "2026-03-02 09:00:00")
        self.assertEqual(second.shipment_id.exception_ids.category_id.code, "delayed_in_transit")
        unknown = self.env["visibility.code.map"].search([("vocabulary", "=", "regional.scan"), ("code", "=", "OK")])
        self.assertTrue(unknown.needs_mapping)

    def test_the_form_shows_what_each_expression_finds_before_it_is_saved(self):
        with Form(self.mapping) as form:
            form.sample_body = json.dumps(BODY)
            self.assertIn("REG1", form.preview)
            form.events = "nothing[]"
            self.assertNotIn("REG1", form.preview)
            form.events = "parcels[]"

    def test_a_body_that_is_no_json_is_said_to_be_none(self):
        self.mapping.sample_body = "{"
        self.assertIn("not JSON", self.mapping.preview)

    def test_what_is_found_is_shown_and_never_run(self):
        self.mapping.sample_body = json.dumps({"parcels": [{"no": "<script>alert(1)</script>"}]})
        self.assertNotIn("<script>", self.mapping.preview)

    def test_an_expression_that_cannot_work_is_refused_while_a_source_uses_it(self):
        with self.assertRaisesRegex(ValidationError, "events"):
            self.mapping.events = "parcels[["

    def test_a_source_without_mapping_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Choose the mapping"):
            self.regional.mapping_id = False

    def test_a_change_of_the_mapping_reaches_the_door_at_once(self):
        sources = self.env["visibility.source"].sudo()
        before = sources._get_receiver("canonical-regional").adapter
        self.mapping.event_id = False
        self.assertIsNot(sources._get_receiver("canonical-regional").adapter, before)
