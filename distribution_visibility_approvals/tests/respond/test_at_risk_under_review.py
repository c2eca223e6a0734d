from unittest.mock import patch

from odoo.tests import tagged

from ..common import DecisionCase

AT_RISK = {"visibility_is_at_risk", "visibility_severity", "visibility_exception_count", "visibility_tag_ids"}


@tagged("post_install", "-at_install")
class TestAtRiskUnderReview(DecisionCase):
    """A delay is shown on a document while somebody else reviews that document.

    Which documents are reviewed depends on further add-ons, such as OCA's sale_tier_validation.
    """

    def test_the_at_risk_fields_of_a_document_are_known(self):
        get_fields = self.env.registry["tier.validation"]._get_visibility_fields
        self.assertLessEqual(AT_RISK, set(get_fields(self.env["sale.order"])))

    def test_they_may_be_written_under_and_after_review(self):
        validation = self.env["tier.validation"]
        with patch.object(type(validation), "_get_visibility_fields", lambda self: sorted(AT_RISK)):
            self.assertLessEqual(AT_RISK, set(validation._get_under_validation_exceptions()))
            self.assertLessEqual(AT_RISK, set(validation._get_after_validation_exceptions()))

    def test_models_without_at_risk_fields_are_left_alone(self):
        self.assertEqual(self.env["visibility.decision"]._get_visibility_fields(), [])
