from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.tests import tagged

from ...common import VisibilityCase

DELAYED = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Severe weather")
DAMAGED = ("failure", "damaged", "2026-03-02T10:00:00Z", "Box crushed")


@tagged("post_install", "-at_install")
class TestEndOfMatter(VisibilityCase):
    """What is wrong with a document ends with the document, by whatever it ends."""

    def _follow(self):
        self.env.cr.flush()

    def _delay(self, number="1Z1", detail=DELAYED):
        delivery = self._create_delivery(number)
        self._tell(self.easypost, self._tracker(number, detail))
        self._follow()
        exception = delivery.visibility_shipment_ids.exception_ids.filtered("is_open")
        self.assertTrue(exception)
        return delivery, exception

    # ------------------------------------------------------------------ cancelled
    def test_trouble_of_a_parcel_ends_when_its_order_is_cancelled(self):
        for number, detail in (("1Z1", DELAYED), ("1Z2", DAMAGED)):
            delivery, exception = self._delay(number, detail)
            delivery.sale_id._action_cancel()
            self._follow()
            self.assertEqual((exception.state, exception.resolution), ("resolved", "The order was cancelled."))
            self.assertFalse(delivery.sale_id.visibility_is_at_risk)

    def test_by_whatever_it_is_cancelled(self):
        ways = {
            "the order, by a write": lambda delivery: delivery.sale_id.write({"state": "cancel"}),
            "the delivery": lambda delivery: delivery.action_cancel(),
            "the delivery's moves": lambda delivery: delivery.move_ids._action_cancel(),
            "the ordered quantity": lambda delivery: delivery.sale_id.order_line.write({"product_uom_qty": 0}),
        }
        for number, (way, cancel) in enumerate(ways.items()):
            with self.subTest(way):
                delivery, exception = self._delay(f"1ZWAY{number}")
                cancel(delivery)
                self._follow()
                self.assertEqual(exception.state, "resolved")
                self.assertFalse(delivery.visibility_is_at_risk)

    def test_what_is_on_its_way_stays_when_another_order_in_it_is_cancelled(self):
        first, exception = self._delay()
        second = self._create_delivery("1Z1")
        second.sale_id._action_cancel()
        self._follow()
        self.assertTrue(exception.is_open)
        self.assertTrue(first.visibility_is_at_risk)

    def test_what_left_before_its_order_was_cancelled_is_still_ours_to_find(self):
        delivery, exception = self._delay()
        delivery.move_ids.write({"quantity": 2, "picked": True})
        delivery.button_validate()
        delivery.sale_id._action_cancel()
        self._follow()
        self.assertTrue(exception.is_open)

    def test_trouble_of_a_purchase_ends_with_it(self):
        order = self._create_purchase()
        order.order_line.date_planned += timedelta(days=9)
        exception = order.visibility_exception_ids
        self.assertTrue(exception.is_open)
        order.write({"state": "cancel"})
        self._follow()
        self.assertEqual((exception.state, exception.resolution), ("resolved", "The order was cancelled."))

    # ------------------------------------------------------------------ what rules find
    def _find(self, rule, document):
        rule = self.env.ref(f"distribution_visibility.{rule}").sudo()
        rule.write({"active": True, "grace_minutes": 0})
        rule._run()
        return self.env["visibility.exception"].search(
            [("rule_id", "=", rule.id), ("res_model", "=", document._name), ("res_id", "=", document.id)]
        )

    def _quote(self, **values):
        line = {"product_id": self.pump.id, "product_uom_qty": 1}
        return self.env["sale.order"].create(
            {"partner_id": self.customer.id, "order_line": [(0, 0, line)], **values}
        )

    def test_a_quotation_that_is_cancelled_confirmed_or_lowered_is_not_left_lying_until_tonight(self):
        ways = {
            "cancelled": lambda quotation: quotation._action_cancel(),
            "confirmed": lambda quotation: quotation.action_confirm(),
            "dated anew": lambda quotation: quotation.write({"date_order": fields.Datetime.now()}),
        }
        for way, settle in ways.items():
            with self.subTest(way):
                quotation = self._quote(validity_date=False)
                quotation.date_order = fields.Datetime.now() - timedelta(days=20)
                exception = self._find("rule_stale_quotation", quotation)
                self.assertTrue(exception.is_open)
                settle(quotation)
                self._follow()
                self.assertFalse(exception.is_open)
                self.assertFalse(quotation.visibility_is_at_risk)

    def test_a_quotation_that_has_expired_is_not_left_lying(self):
        today = fields.Date.today()
        expired, waiting = (self._quote(validity_date=today + timedelta(days=days)) for days in (-1, 5))
        (expired | waiting).date_order = fields.Datetime.now() - timedelta(days=20)
        self.assertFalse(self._find("rule_stale_quotation", expired))
        self.assertTrue(self._find("rule_stale_quotation", waiting))

    def test_a_draft_invoice_is_one_exception(self):
        delivery = self._create_delivery("")
        delivery.move_ids.write({"quantity": 2, "picked": True})
        delivery.button_validate()
        self._follow()
        invoice = delivery.sale_id._create_invoices()
        with freeze_time(fields.Datetime.now() + timedelta(days=6)):
            self.env["visibility.expectation"]._claim_due(500)._notice_overdue()
            late = self.env["visibility.exception"].search(
                [("category_id.code", "=", "billing_late"), ("res_id", "=", delivery.id), ("is_open", "=", True)]
            )
            self.assertEqual(len(late), 1)
            self.assertFalse(self._find("rule_invoice_left", invoice))

    # ------------------------------------------------------------------ our own hands are proof
    def _announce(self, days=2):
        """An inbound parcel that a receipt names and no carrier reports."""
        order = self._create_purchase()
        order.order_line.date_planned = fields.Datetime.now() + timedelta(days=days)
        receipt = order.picking_ids
        receipt.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": "1ZIN"})
        self._follow()
        return order, receipt, receipt.visibility_shipment_ids

    def _validate(self, picking):
        picking.move_ids.picked = True
        picking.button_validate()
        self._follow()

    def test_a_parcel_that_we_received_is_not_late_though_nobody_scanned_it(self):
        _order, receipt, shipment = self._announce()
        self._validate(receipt)
        with freeze_time(fields.Datetime.now() + timedelta(days=9)):
            self.assertNotIn(shipment, shipment._find_under_way(0))
            shipment._refresh_outlook()
        self.assertEqual((shipment.is_late_risk, shipment.risk_basis), (False, "delivered"))
        self.assertEqual(shipment.received_at, receipt.date_done)

    def test_a_parcel_that_was_late_is_here_once_its_receipt_is_validated(self):
        _order, receipt, shipment = self._announce()
        with freeze_time(fields.Datetime.now() + timedelta(days=9)):
            shipment._refresh_outlook()
            exception = shipment.exception_ids
            told = exception.merged_into_id or exception
            self.assertEqual((exception.category_id.code, told.is_open), ("late_risk", True))
            self._validate(receipt)
        self.assertFalse(told.is_open)
        self.assertTrue(exception.state == "resolved" or exception.cause_ended_at)
        self.assertGreater(shipment.delay_hours, 24, "late it was")
        self.assertFalse(receipt.visibility_is_at_risk)

    def test_a_delay_ends_with_the_receipt_and_damage_does_not(self):
        _order, receipt, shipment = self._announce()
        self._tell(self.easypost, self._tracker("1ZIN", DELAYED, DAMAGED))
        open_codes = set(shipment.exception_ids.filtered("is_open").category_id.mapped("code"))
        self.assertEqual(open_codes, {"delayed_in_transit", "damaged"})
        self._validate(receipt)
        self.assertEqual(shipment.exception_ids.filtered("is_open").category_id.mapped("code"), ["damaged"])

    def test_our_own_delivery_slip_is_no_proof_that_the_customer_has_it(self):
        delivery = self._create_delivery("1ZOUT")
        delivery.move_ids.quantity = 2
        self._validate(delivery)
        self.assertFalse(delivery.visibility_shipment_ids.received_at)

    def _drop_ship(self, number):
        """From the supplier straight to the customer, whichever module brought the operation type."""
        places = {
            "location_id": self.env.ref("stock.stock_location_suppliers").id,
            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
        }
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        move = {"product_id": self.pump.id, "product_uom_qty": 2, **places}
        picking = self.env["stock.picking"].create(
            {"picking_type_id": warehouse.in_type_id.id, "move_ids": [(0, 0, move)], **places}
        )
        picking.action_confirm()
        picking.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": number})
        self._follow()
        return picking, picking.visibility_shipment_ids

    def test_of_a_drop_ship_our_own_word_counts_as_long_as_no_carrier_has_said_anything(self):
        silent, told = self._drop_ship("1ZSILENT"), self._drop_ship("1ZTOLD")
        self._tell(self.easypost, self._tracker("1ZTOLD", DELAYED))
        for picking, shipment in (silent, told):
            self.assertEqual(shipment.direction, "dropship")
            self._validate(picking)
        self.assertEqual(silent[1].received_at, silent[0].date_done)
        self.assertFalse(told[1].received_at, "the carrier has it, and knows better")
        self.assertTrue(told[1].exception_ids.filtered("is_open"))

    def test_a_return_that_is_in_is_neither_delayed_nor_without_news(self):
        delivery = self._create_delivery("")
        delivery.move_ids.quantity = 2
        self._validate(delivery)
        wizard = self.env["stock.return.picking"].with_context(active_id=delivery.id, active_model="stock.picking")
        returning = wizard.create({})
        returning.product_return_moves.quantity = 2
        back = self.env["stock.picking"].browse(returning.action_create_returns()["res_id"])
        back.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": "1ZBACK"})
        self._tell(self.easypost, self._tracker("1ZBACK", DELAYED))
        exception = back.visibility_shipment_ids.exception_ids
        self.assertTrue(exception.is_open)
        self._validate(back)
        self.assertEqual((exception.state, exception.resolution), ("resolved", f"{back.name} validated"))
