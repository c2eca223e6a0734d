from odoo import fields
from odoo.tests import tagged

from ...lib.detect.exception.finding import Finding
from ..common import VisibilityCase


@tagged("post_install", "-at_install")
class TestSupplierEvents(VisibilityCase):
    """Suppliers answer orders and announce what they shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_purchase()

    def _answer(self, status, **data):
        data = {"order": self.order.name, "status": status, "lines": [{"line": "1", "status": status}], **data}
        return self._tell(self.canonical, self._canonical("supplier.order_response", data))

    def test_an_accepted_order_is_acknowledged_and_nothing_is_wrong(self):
        self._answer("accepted")
        event = self.order.visibility_event_ids
        self.assertEqual((event.kind, event.milestone_id.code), ("order_response", "order_acknowledged"))
        self.assertFalse(self.order.visibility_is_at_risk)

    def test_a_rejected_order_puts_order_and_receipt_at_risk_and_its_buyer_answers_for_it(self):
        self.order.user_id = self._create_user("visibility-buyer", "purchase.group_purchase_user")
        self._answer("rejected", note="Out of production")
        exception = self.order.visibility_exception_ids
        self.assertEqual(exception.category_id.code, "supplier_reject_or_backorder")
        self.assertEqual((exception.user_id, exception.reason), (self.order.user_id, "Out of production"))
        self.assertEqual(exception.responsible_party, "supplier")
        self.assertTrue(self.order.visibility_is_at_risk)
        self.assertTrue(self.order.picking_ids.visibility_is_at_risk)

    def test_a_proposed_change_changes_nothing_on_the_order_by_itself(self):
        before = self.order.order_line.mapped("date_planned")
        self._answer("date_changed")
        self.assertEqual(self.order.order_line.mapped("date_planned"), before)
        self.assertEqual(self.order.visibility_exception_ids.category_id.code, "supplier_change_proposed")

    def test_a_suppliers_source_cannot_speak_of_another_suppliers_order(self):
        self.canonical.partner_id = self.env["res.partner"].create({"name": "Somebody else"})
        message = self._answer("rejected")
        self.assertTrue(message.is_unmatched)
        self.assertFalse(self.order.visibility_event_ids)

    def test_an_answer_to_an_unknown_order_is_kept_as_unmatched(self):
        message = self._answer("accepted", order="NOWHERE")
        self.assertEqual((message.state, message.is_unmatched), ("done", True))
        self.assertEqual(message.event_ids.reference, "NOWHERE")

    def test_a_despatch_advice_becomes_an_inbound_shipment_of_the_receipt(self):
        self._tell(
            self.canonical,
            self._canonical(
                "supplier.despatch_advice",
                {
                    "despatch_number": "DA-1",
                    "order": self.order.name,
                    "carrier": "UPS",
                    "tracking_number": "1ZASN",
                    "eta": "2026-03-05T12:00:00Z",
                    "lines": [{"line": "1", "quantity": 10}],
                },
            ),
        )
        shipment = self.order.picking_ids.visibility_shipment_ids
        self.assertEqual((shipment.number, shipment.direction), ("1ZASN", "inbound"))
        self.assertEqual((shipment.milestone_code, shipment.eta.day), ("asn_received", 5))
        self._tell(self.easypost, self._tracker("1ZASN", ("in_transit", "in_transit", "2026-03-04T10:00:00Z", "")))
        self.assertEqual(shipment.milestone_code, "in_transit")

    def test_a_supplier_that_accepts_after_all_ends_the_trouble(self):
        self._answer("rejected", responded_at="2026-03-01T10:00:00Z")
        self._answer("accepted", responded_at="2026-03-02T10:00:00Z")
        self.assertEqual(self.order.visibility_exception_ids.state, "resolved")
        self.assertFalse(self.order.visibility_is_at_risk)

    def test_a_withdrawn_rejection_ends_the_trouble(self):
        data = {"order": self.order.name, "status": "rejected"}
        self._tell(self.canonical, self._canonical("supplier.order_response", data, "r1"))
        self._tell(self.canonical, self._canonical("shipment.retraction", {"event_id": "r1"}))
        self.assertEqual(self.order.visibility_exception_ids.state, "resolved")

    def test_a_deleted_order_leaves_no_open_exception_behind(self):
        exceptions = self.env["visibility.exception"]
        exceptions._open_findings(
            {(exceptions._get_category("late_risk"), self.order): [Finding(fields.Datetime.now())]}
        )
        exception = self.order.visibility_exception_ids
        self.order.button_cancel()
        self.order.unlink()
        self.assertEqual((exception.exists().state, exception.resolution), ("resolved", "The document was deleted."))
