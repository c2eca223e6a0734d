from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...lib.base.vault import Vault, new_master_key
from ...models.base.parameters import get_number
from ..common import VisibilityCase

TOKEN = "a-token-for-tests-only-0123456789"


@tagged("post_install", "-at_install")
class TestSettings(VisibilityCase):
    """What an administrator sets in Odoo's Settings."""

    def setUp(self):
        super().setUp()
        self.settings = self.env["res.config.settings"]
        self.metrics = self.env["visibility.metrics"]
        self.metrics._set_token("")

    def _dump(self, *tables):
        text = ""
        for table in tables:
            self.env.cr.execute(f"SELECT t::text FROM {table} t")  # noqa: S608 - names of our own
            text += "\n".join(row[0] for row in self.env.cr.fetchall())
        return text

    def test_the_metrics_token_is_stored_sealed_and_never_shown_again(self):
        settings = self.settings.create({"visibility_metrics_token": TOKEN})
        settings.execute()
        self.env.flush_all()
        self.assertTrue(self.metrics._is_allowed(f"Bearer {TOKEN}"))
        self.assertNotIn(TOKEN, self._dump("ir_config_parameter", "res_config_settings"))
        with Form(self.settings) as form:
            self.assertFalse(form.visibility_metrics_token)
            self.assertTrue(form.visibility_metrics_token_is_set)

    def test_saving_other_settings_keeps_the_token(self):
        self.metrics._set_token(TOKEN)
        self.settings.create({"visibility_dead_letter_alarm": 5, "visibility_metrics_token": False}).execute()
        self.assertTrue(self.metrics._is_allowed(f"Bearer {TOKEN}"))
        self.assertEqual(get_number(self.env, "dead_letter_alarm"), 5)

    def test_a_generated_token_counts_when_it_is_saved_and_is_nowhere_in_plain_text(self):
        self.metrics._set_token(TOKEN)
        values = self.env["visibility.token.wizard"].default_get(["token"])
        self.assertGreaterEqual(len(values["token"]), 40)
        self.assertTrue(self.metrics._is_allowed(f"Bearer {TOKEN}"))
        self.env["visibility.token.wizard"].create(values).action_confirm()
        self.env.flush_all()
        self.assertTrue(self.metrics._is_allowed(f"Bearer {values['token']}"))
        self.assertFalse(self.metrics._is_allowed(f"Bearer {TOKEN}"))
        self.assertNotIn(values["token"], self._dump("ir_config_parameter", "visibility_token_wizard"))

    def test_a_removed_token_closes_the_metrics(self):
        self.metrics._set_token(TOKEN)
        self.settings.create({}).action_visibility_revoke_token()
        self.assertFalse(self.metrics._is_allowed(f"Bearer {TOKEN}"))

    def test_the_token_is_sealed_again_when_the_master_key_changed(self):
        self.metrics._set_token(TOKEN)
        sealed = self.env["ir.config_parameter"].get_param("distribution_visibility.metrics_token")
        self.metrics._reseal_token()
        same = self.env["ir.config_parameter"].get_param("distribution_visibility.metrics_token")
        self.assertEqual(same, sealed)
        vault = self.env["visibility.vault"]._get_vault()
        both = Vault([new_master_key(), vault._first])
        with patch.object(type(self.env["visibility.vault"]), "_get_vault", lambda _self: both):
            self.metrics._reseal_token()
            self.assertTrue(self.metrics._is_allowed(f"Bearer {TOKEN}"))
        with mute_logger("odoo.addons.distribution_visibility.models.measure.metrics.visibility_metrics"):
            self.assertFalse(self.metrics._is_allowed(f"Bearer {TOKEN}"))

    def test_a_short_token_is_refused(self):
        with self.assertRaises(ValidationError):
            self.settings.create({"visibility_metrics_token": "short"})

    def test_ids_are_never_kept_for_less_than_thirty_days(self):
        with self.assertRaises(ValidationError):
            self.settings.create({"visibility_key_retention_days": 29})
        self.env["ir.config_parameter"].set_param("distribution_visibility.key_retention_days", "1")
        self.assertEqual(get_number(self.env, "key_retention_days"), 180)

    def test_a_malformed_number_falls_back_to_its_default(self):
        self.env["ir.config_parameter"].set_param("distribution_visibility.payload_retention_days", "a while")
        self.assertEqual(get_number(self.env, "payload_retention_days"), 90)

    def test_a_manager_of_the_suite_who_is_no_administrator_makes_no_token(self):
        manager = self._create_user("visibility-no-admin", "distribution_visibility.group_manager")
        with self.assertRaises(AccessError):
            self.env["visibility.token.wizard"].with_user(manager).create({"token": TOKEN})
