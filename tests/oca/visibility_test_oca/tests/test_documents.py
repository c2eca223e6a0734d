from odoo import fields
from odoo.addons.distribution_visibility.lib.detect.exception.finding import Finding
from odoo.addons.distribution_visibility.tests.common import VisibilityCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestDocuments(VisibilityCase):
    """Orders are released, received by decree, revised and moved about by others' buttons."""

    def _find(self, subject, code="late_risk"):
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category(code)
        exceptions._open_findings({(category, subject): [Finding(fields.Datetime.now(), "Trouble", "", "shipper")]})
        return exceptions._find_open(category, subject)

    def test_a_revision_is_measured_by_what_the_order_before_it_promised(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "commitment_date": "2030-12-14 09:00:00",
                "order_line": [(0, 0, {"product_id": self.pump.id, "price_unit": 100})],
            }
        )
        order.action_confirm()
        first = order.visibility_first_promise_at
        order._action_cancel()
        revision = self.env["sale.order"].browse(order.copy_revision_with_context().id)
        revision.commitment_date = "2031-01-18 09:00:00"
        revision.action_confirm()
        self.assertEqual(revision.visibility_first_promise_at, first)
        self.assertEqual(str(revision.visibility_promise_at), "2031-01-18 09:00:00")
        self.assertEqual(revision.order_line.visibility_first_promise_at, first)
        history = revision.visibility_promise_ids.sorted("id")
        self.assertEqual(history.mapped("is_first"), [True, False])
        self.assertEqual(history[1].days_moved, 35)

    def test_an_exception_of_an_order_that_was_revised_still_shows_its_order(self):
        order = self._create_delivery("1Z1").sale_id
        exception = self._find(order)
        order._action_cancel()
        revision = self.env["sale.order"].browse(order.copy_revision_with_context().id)
        self.env.invalidate_all()
        self.assertFalse(order.active)
        self.assertEqual(exception.sale_order_count, 1)
        self.assertIn(exception.sale_order_ids, order | revision)

    def test_a_released_order_keeps_its_promise(self):
        self.supplier.purchase_requires_second_approval = "always"
        order = self.env["purchase.order"].create(
            {"partner_id": self.supplier.id, "order_line": [(0, 0, {"product_id": self.pump.id, "product_qty": 10})]}
        )
        order.button_confirm()
        self.assertEqual(order.state, "approved")
        self.assertFalse(order.visibility_first_promise_at)
        order.button_release()
        self.assertEqual(order.state, "purchase")
        self.assertTrue(order.visibility_first_promise_at and order.order_line.visibility_first_promise_at)

    def test_a_line_that_is_moved_to_another_order_is_one_exception_there(self):
        old, new = self._create_purchase(), self._create_purchase()
        line = old.order_line
        first = line.visibility_first_promise_at
        self.env["purchase.order.line.reassign.wiz"].with_context(active_ids=line.ids).create(
            {"purchase_order_id": new.id}
        ).action_apply()
        self.assertEqual(line.order_id, new)
        self.assertEqual(line.visibility_first_promise_at, first)

    def test_a_carrier_for_several_destinations_is_the_one_that_goes_there(self):
        product = self.carrier.product_id
        parent = self.env["delivery.carrier"].create(
            {"name": "Anywhere", "product_id": product.id, "destination_type": "multi", "visibility_transit_days": 1}
        )
        near, far = self.env["res.country"].search([], limit=2)
        for country, code, days in ((near, "DPD", 2), (far, "DHL", 9)):
            self.env["delivery.carrier"].create(
                {
                    "name": f"{code} abroad",
                    "product_id": product.id,
                    "delivery_type": "fixed",
                    "parent_id": parent.id,
                    "country_ids": [(6, 0, country.ids)],
                    "visibility_carrier_code": code,
                    "visibility_transit_days": days,
                }
            )
        self.customer.country_id = far
        picking = self._create_delivery(False)
        picking.write({"carrier_id": parent.id, "carrier_tracking_ref": "JD1"})
        self.assertEqual(picking._get_way().transit_days, 9)
        self.assertEqual(picking.visibility_shipment_ids.carrier_code, "DHL")

    def test_a_fast_audit_log_of_keys_holds_no_secret(self):
        model = self.env["ir.model"]._get("visibility.source.key")
        rule = self.env["auditlog.rule"].create(
            {"name": "Keys", "model_id": model.id, "log_type": "fast", "log_create": True, "log_write": True}
        )
        rule.set_to_confirmed()
        self.addCleanup(rule.set_to_draft)
        secret = "a-secret-that-nobody-may-read-in-a-log"
        wizard = self.env["visibility.key.wizard"].with_context(active_id=self.easypost.id).create({"secret": secret})
        wizard.action_confirm()
        key = self.easypost.key_ids.sorted("id")[-1:]
        self.assertEqual(self.env["visibility.vault"]._decrypt(key.secret_encrypted), secret)
        logs = self.env["auditlog.log"].sudo().search([("model_id", "=", model.id), ("res_id", "=", key.id)])
        self.assertTrue(logs)
        text = " ".join(
            str(value) for line in logs.line_ids for value in (line.new_value, line.new_value_text, line.old_value)
        )
        self.assertNotIn(secret, text)
