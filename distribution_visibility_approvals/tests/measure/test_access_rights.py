from odoo.addons.distribution_visibility.tests.measure.test_access_rights import AccessCase
from odoo.tests import tagged

MATRIX = {
    #            employee user  coordinator manager auditor integration
    "visibility.decision": ("r", "crud", "crud", "crud", "r", ""),
}


@tagged("post_install", "-at_install")
class TestAccessRights(AccessCase):
    """The models that this add-on brings."""

    addon = "distribution_visibility_approvals"
    matrix = MATRIX

    def test_each_model_has_a_row_and_each_role_may_do_what_it_says(self):
        self._check_that_each_model_has_a_row()
        self._check_matrix()

    def test_no_model_shows_records_of_another_company(self):
        self._check_companies()
