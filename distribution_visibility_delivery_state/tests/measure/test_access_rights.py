from odoo.addons.distribution_visibility.tests.measure.test_access_rights import AccessCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestAccessRights(AccessCase):
    """This add-on brings no models of its own: once it does, each needs a row."""

    addon = "distribution_visibility_delivery_state"
    matrix = {}

    def test_each_model_has_a_row(self):
        self._check_that_each_model_has_a_row()
