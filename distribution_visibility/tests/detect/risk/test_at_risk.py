from odoo import fields
from odoo.tests import tagged

from ....lib.detect.exception.finding import Finding
from ...common import VisibilityCase

DELAYED = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Severe weather")
LOST = ("error", "lost", "2026-03-02T12:00:00Z", "Lost")
DELIVERED = ("delivered", "delivered", "2026-03-03T11:00:00Z", "Delivered")


@tagged("post_install", "-at_install")
class TestAtRisk(VisibilityCase):
    """Documents carry, stored and searchable, what is wrong with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delivery = cls._create_delivery("1Z1")
        cls.order = cls.delivery.sale_id

    def _hear(self, *scans):
        self._tell(self.easypost, self._tracker("1Z1", *scans))

    def test_a_delay_puts_delivery_and_order_at_risk_with_tags_and_severity(self):
        self._hear(DELAYED)
        for document in (self.delivery, self.order):
            self.assertTrue(document.visibility_is_at_risk)
            self.assertEqual(document.visibility_severity, "warning")
            self.assertEqual(document.visibility_exception_count, 1)
            self.assertIn(self.env.ref("distribution_visibility.tag_at_risk"), document.visibility_tag_ids)
            found = document.search([("visibility_is_at_risk", "=", True), ("id", "in", document.ids)])
            self.assertEqual(found, document)

    def test_the_worst_of_several_exceptions_counts(self):
        self._hear(DELAYED)
        exceptions = self.env["visibility.exception"]
        damaged = exceptions._get_category("damaged")
        finding = Finding(fields.Datetime.now(), "Crushed", "damaged")
        exceptions._open_findings({(damaged, self.delivery.visibility_shipment_ids): [finding]})
        self.assertEqual((self.order.visibility_severity, self.order.visibility_exception_count), ("blocking", 2))

    def test_one_parcel_that_is_late_and_then_lost_is_one_trouble_as_severe_as_the_worst(self):
        self._hear(DELAYED)
        self._hear(LOST)
        self.assertEqual((self.order.visibility_severity, self.order.visibility_exception_count), ("blocking", 1))

    def test_when_it_is_over_the_documents_are_clean_again(self):
        self._hear(DELAYED)
        self._hear(DELIVERED)
        for document in (self.delivery, self.order):
            self.assertFalse(document.visibility_is_at_risk or document.visibility_tag_ids)
            self.assertFalse(document.visibility_severity)

    def test_nothing_is_written_on_documents_whose_state_did_not_change(self):
        self._hear(DELAYED)
        self.env.flush_all()
        before = self.order.write_date
        self.env.cr.execute("UPDATE sale_order SET write_date = '2020-01-01' WHERE id = %s", [self.order.id])
        self.order.invalidate_recordset()
        self._hear(DELAYED, ("in_transit", "delayed", "2026-03-02T20:00:00Z", "Still delayed"))
        self.env.flush_all()
        self.order.invalidate_recordset()
        self.assertLess(self.order.write_date, before)

    def test_the_smart_button_opens_exactly_the_orders_exceptions(self):
        self._hear(DELAYED)
        action = self.order.action_open_visibility_exceptions()
        found = self.env["visibility.exception"].search(action["domain"])
        self.assertEqual(found, self.order.visibility_exception_ids)

    def test_trouble_known_before_the_delivery_reaches_it_when_the_number_is_entered(self):
        self._tell(self.easypost, self._tracker("1Z2", ("in_transit", "delayed", self._ago(hours=2), "Storm")))
        delivery = self._create_delivery("1Z2")
        self.assertTrue(delivery.visibility_is_at_risk and delivery.sale_id.visibility_is_at_risk)

    def test_a_copied_order_starts_clean(self):
        self._hear(DELAYED)
        copy = self.order.copy()
        self.assertFalse(copy.visibility_is_at_risk or copy.visibility_tag_ids)
