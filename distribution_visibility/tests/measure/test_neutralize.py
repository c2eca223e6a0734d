from pathlib import Path

from odoo.modules import Manifest
from odoo.tests import tagged

from ..common import VisibilityCase


@tagged("post_install", "-at_install")
class TestNeutralize(VisibilityCase):
    """A copy of production takes no part in production."""

    def test_a_copy_of_production_lets_no_sender_in_and_holds_no_secret(self):
        self.env["visibility.metrics"]._set_token("a-token-for-tests-only-0123456789")
        self.env.flush_all()
        path = Path(Manifest.for_addon("distribution_visibility").path) / "data" / "neutralize.sql"
        self.env.cr.execute(path.read_text())
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertFalse(self.env["visibility.source"].search([]))
        self.assertFalse(self.env["visibility.source.key"].sudo().search([("secret_encrypted", "!=", False)]))
        self.assertIsNone(self.env["visibility.source"].sudo()._get_receiver(self.easypost.code))
        self.assertFalse(self.env["visibility.metrics"]._has_token())
