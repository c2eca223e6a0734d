from odoo.tests import tagged

from ...common import VisibilityCase

#: What a sender says, and what it is: category, severity, the tag that the order wears.
STORIES = {
    "a delay on the road": ("delayed_in_transit", "warning", "tag_carrier_delay"),
    "damaged goods": ("damaged", "blocking", "tag_goods"),
    "a lost parcel": ("lost_or_stolen", "blocking", "tag_goods"),
    "a refusal at the door": ("refused", "blocking", "tag_recipient"),
    "a hold by customs": ("customs_hold", "blocking", "tag_carrier_delay"),
    "a wrong address": ("address_problem", "blocking", "tag_recipient"),
    "goods on their way back": ("return_to_sender", "blocking", "tag_at_risk"),
}


@tagged("post_install", "-at_install")
class TestEventStories(VisibilityCase):
    """What carriers report opens the exception that it is called by, on the order that it concerns."""

    def _hear(self, number, code):
        data = {
            "tracking_number": number,
            "carrier": "UPS",
            "category": code,
            "reason": "As the driver wrote it",
        }
        self._tell(self.canonical, self._canonical("shipment.exception", data))
        return self.env["visibility.shipment"].search([("number", "=", number)]).exception_ids

    def test_each_report_is_its_own_exception_with_owner_deadline_and_order_at_risk(self):
        for count, (story, (code, severity, tag)) in enumerate(STORIES.items()):
            with self.subTest(story):
                delivery = self._create_delivery(f"1ZSTORY{count}")
                exception = self._hear(f"1ZSTORY{count}", code)
                self.assertEqual((exception.category_id.code, exception.severity), (code, severity))
                self.assertEqual(exception.sale_order_ids, delivery.sale_id)
                self.assertTrue(exception.user_id and exception.deadline)
                self.assertEqual(exception.reason, "As the driver wrote it")
                self.assertTrue(delivery.sale_id.visibility_is_at_risk)
                self.assertIn(self.env.ref(f"distribution_visibility.{tag}"), delivery.sale_id.visibility_tag_ids)

    def test_small_trouble_of_a_strategic_customer_is_a_warning_and_of_others_information(self):
        self.env.ref("distribution_visibility.rule_strategic_news").active = True
        category = self.env.ref("distribution_visibility.category_delayed_in_transit")
        category.severity = "information"
        self._create_delivery("1ZSTRATEGIC")
        self._create_delivery("1ZOTHER", self.env["res.partner"].create({"name": "Walk-in customer"}))
        self.assertEqual(self._hear("1ZSTRATEGIC", category.code).severity, "warning")
        self.assertEqual(self._hear("1ZOTHER", category.code).severity, "information")
