from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..common import EASYPOST_SECRET, VisibilityCase


@tagged("post_install", "-at_install")
class TestSource(VisibilityCase):
    """Setting up who may send."""

    def test_choosing_a_provider_fills_in_how_it_signs(self):
        self.assertEqual(self.easypost.scheme, "hmac_body")
        self.assertEqual(self.easypost.option_header, "x-hmac-signature")
        self.assertEqual(self.easypost.option_secret_form, "nfkd")
        self.assertTrue(self.easypost.is_trusted)

    def test_a_secret_is_encrypted_and_never_read_back(self):
        key = self.easypost.key_ids
        key.invalidate_recordset()
        self.assertFalse(key.secret)
        self.assertTrue(key.has_secret)
        self.assertNotIn(EASYPOST_SECRET, key.secret_encrypted)
        self.assertEqual(self.env["visibility.vault"]._decrypt(key.secret_encrypted), EASYPOST_SECRET)
        self.assertNotIn("secret_encrypted", key.with_user(self.owner).sudo(False).fields_get())

    def test_a_secret_that_is_too_short_is_refused_with_one_sentence(self):
        with self.assertRaisesRegex(ValidationError, "too short"):
            self.env["visibility.source.key"].create({"source_id": self.easypost.id, "secret": "short"})

    def test_verification_settings_that_cannot_work_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "signed_text"):
            self.easypost.option_signed_text = "no body in it"
        with self.assertRaisesRegex(ValidationError, "not an address or network"):
            self.easypost.option_networks = "somewhere"

    def test_a_code_that_cannot_stand_in_an_address_is_refused(self):
        with self.assertRaises(ValidationError):
            self.easypost.code = "Easy Post!"

    def test_a_change_of_the_source_reaches_the_door_at_once(self):
        receiver = self.env["visibility.source"].sudo()._get_receiver("easypost-test")
        self.assertEqual(receiver.max_body_bytes, 256 * 1024)
        self.easypost.max_body_kib = 12
        receiver = self.env["visibility.source"].sudo()._get_receiver("easypost-test")
        self.assertEqual(receiver.max_body_bytes, 12 * 1024)

    def test_a_secret_address_proves_nothing_and_says_so(self):
        self.easypost.preset = "unsigned"
        self.assertFalse(self.easypost.is_trusted)

    def test_a_persons_companies_are_not_changed_by_making_a_source_act_as_them(self):
        company = self.env["res.company"].create({"name": "Another company"})
        self.easypost.sudo().write({"user_id": self.owner.id, "company_id": company.id})
        self.assertNotIn(company, self.owner.company_ids)
