import os
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import config, mute_logger

from ...lib.base.vault import Vault, load_master_keys, new_master_key
from ..common import EASYPOST_SECRET, VisibilityCase

DELAY = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Delayed")


@tagged("post_install", "-at_install")
class TestReplayWizard(VisibilityCase):
    """Replaying and ignoring, with a reason and a name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dead = cls._receive(cls.easypost, cls._tracker("1Z1", DELAY))[1]
        cls.dead._set_state("dead")
        cls.done = cls._tell(cls.easypost, cls._tracker("1Z2", DELAY))

    def _wizard(self, messages=None, **values):
        context = {"active_model": "visibility.inbox.message", "active_ids": messages.ids} if messages else {}
        wizard = self.env["visibility.replay.wizard"].with_user(self.owner).with_context(**context)
        return wizard.create({"reason": "the code map was completed", **values})

    def test_a_selection_is_replayed_with_reason_and_name(self):
        self._wizard(self.dead).action_confirm()
        self.assertEqual((self.dead.state, self.dead.decision_reason), ("pending", "the code map was completed"))
        self.assertEqual(self.dead.decided_by_id, self.owner)

    def test_a_period_replays_what_failed_in_it_and_leaves_what_is_done(self):
        now = fields.Datetime.now()
        wizard = self._wizard(date_from=now - timedelta(hours=1), date_to=now + timedelta(hours=1))
        self.assertEqual(wizard.scope, "period")
        wizard.action_confirm()
        self.assertEqual((self.dead.state, self.done.state), ("pending", "done"))

    def test_a_period_without_messages_says_so_and_changes_nothing(self):
        wizard = self._wizard(date_from="2020-01-01 00:00:00", date_to="2020-01-02 00:00:00")
        with self.assertRaisesRegex(UserError, "no such message"):
            wizard.action_confirm()

    def test_a_dead_letter_is_ignored_with_a_reason(self):
        self._wizard(self.dead, task="ignore").action_confirm()
        self.assertEqual((self.dead.state, self.dead.decided_by_id), ("ignored", self.owner))

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_a_mere_user_cannot_replay(self):
        user = self._create_user("visibility-mere", "distribution_visibility.group_user")
        with self.assertRaises(AccessError):
            self.env["visibility.replay.wizard"].with_user(user).create({"reason": "x"})


@tagged("post_install", "-at_install")
class TestKeyWizard(VisibilityCase):
    """Keys are shown once, stored sealed, and changed without an outage."""

    def _wizard(self, **context):
        return self.env["visibility.key.wizard"].with_context(active_id=self.easypost.id, **context)

    def test_a_generated_secret_is_shown_once_and_never_stored_in_plain_text(self):
        with Form(self._wizard(generate_secret=True)) as form:
            secret = form.secret
        wizard = form.record
        self.assertGreaterEqual(len(secret), 24)
        self.env.cr.execute("SELECT to_jsonb(w)::text FROM visibility_key_wizard w WHERE id = %s", [wizard.id])
        self.assertNotIn(secret, self.env.cr.fetchone()[0])
        wizard.action_confirm()
        key = self.easypost.key_ids.sorted("id")[-1]
        self.assertEqual(self.env["visibility.vault"]._decrypt(key.secret_encrypted), secret)
        self.assertFalse(wizard.secret_encrypted)

    def test_a_rotation_leaves_the_old_key_valid_for_the_overlap_only(self):
        old = self.easypost.key_ids
        with Form(self._wizard()) as form:
            form.secret = "entered-test-only-secret"
            form.overlap_hours = 2
        form.record.action_confirm()
        self.assertTrue(old.is_valid)
        self.assertAlmostEqual(old.valid_until, fields.Datetime.now() + timedelta(hours=2), delta=timedelta(minutes=1))
        self.assertEqual(len(self.easypost.key_ids.filtered("is_valid")), 2)

    def test_a_secret_comes_through_a_method_and_not_through_values_that_others_may_keep(self):
        """OCA's ``auditlog`` keeps what is written of records: neither creating nor writing a key names its secret."""
        keys, seen = type(self.env["visibility.source.key"]), []
        create, write = keys.create, keys.write
        self.patch(keys, "create", lambda records, vals: (seen.append(repr(vals)), create(records, vals))[1])
        self.patch(keys, "write", lambda records, vals: (seen.append(repr(vals)), write(records, vals))[1])
        with Form(self._wizard()) as form:
            form.secret = "entered-test-only-secret"
        form.record.action_confirm()
        key = self.easypost.key_ids.sorted("id")[-1]
        self.assertEqual(self.env["visibility.vault"]._decrypt(key.secret_encrypted), "entered-test-only-secret")
        self.assertTrue(seen)
        self.assertFalse([text for text in seen if "entered-test-only-secret" in text])

    def test_who_may_not_change_a_key_may_not_set_its_secret(self):
        reader = self._create_user("visibility-reader", "distribution_visibility.group_coordinator")
        with self.assertRaises(AccessError):
            self.easypost.key_ids.with_user(reader).set_secret("entered-test-only-secret")
        with self.assertRaises(ValidationError):
            self.easypost.key_ids.set_secret("short")

    def test_after_a_change_of_the_master_key_secrets_are_sealed_with_the_new_one(self):
        key = self.easypost.key_ids
        vault = type(self.env["visibility.vault"])
        old_vault = self.env["visibility.vault"]._get_vault()
        new_key = new_master_key()
        both = Vault([new_key, *self._get_master_keys()])
        self.patch(vault, "_get_vault", lambda vault: both)
        self.env["visibility.source.key"]._reseal()
        self.assertEqual(key.sealed_with, both.key_fingerprint)
        self.assertEqual(Vault([new_key]).decrypt(key.secret_encrypted), EASYPOST_SECRET)
        self.assertNotEqual(key.sealed_with, old_vault.key_fingerprint)

    @mute_logger("odoo.addons.distribution_visibility.models.base.visibility_vault")
    def test_a_key_that_no_master_key_opens_proves_nothing_and_harms_no_other(self):
        other = self.env["visibility.source.key"].create(
            {"source_id": self.easypost.id, "name": "other", "secret": "other-test-only-secret"}
        )
        self.easypost.key_ids.filtered(lambda key: key != other).sudo().secret_encrypted = "gAAAAABbroken"
        receiver = self.env["visibility.source"].sudo()._get_receiver("easypost-test")
        keys = self.env["visibility.vault"]._unseal(receiver.sealed_keys)
        self.assertEqual([key.secret for key in keys], ["other-test-only-secret"])

    def _get_master_keys(self):
        key_file = os.path.join(config["data_dir"], "visibility_master.key")
        values = (config.get("visibility_master_key"), os.environ.get("VISIBILITY_MASTER_KEY"))
        return load_master_keys(*values, key_file).keys

    def test_settings_say_where_the_master_key_is_and_warn_of_a_file_that_servers_must_share(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.visibility_master_key_is_file, self.env["visibility.vault"]._is_in_file())
        self.assertTrue(settings.visibility_master_key_origin)
        self.patch(type(self.env["visibility.vault"]), "_get_origin", lambda vault: "option visibility_master_key")
        settings.invalidate_recordset()
        self.assertFalse(settings.visibility_master_key_is_file)
