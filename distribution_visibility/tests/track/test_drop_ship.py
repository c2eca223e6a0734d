from freezegun import freeze_time
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...lib.detect.exception.finding import Finding
from .drop_ship_case import DropShipCase

DELAYED, DAMAGED = ("in_transit", "delayed", "Storm"), ("in_transit", "damaged", "Wet")


@tagged("post_install", "-at_install")
class TestDropShip(DropShipCase):
    """One transfer serves several orders; Odoo names the first only. What happens to it concerns all of them."""

    # ------------------------------------------------------------------ links
    def test_a_transfer_knows_all_orders_that_it_serves(self):
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        self.assertEqual(transfer._get_sale_orders(), one | two)
        self.assertEqual(transfer._get_purchase_orders(), purchase)
        for order in one | two:
            self.assertEqual(order._get_transfers(), transfer)

    def test_an_order_that_was_cancelled_is_served_no_more(self):
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        transfer.move_ids.filtered(lambda move: move.sale_line_id.order_id == one)._action_cancel()
        self.assertEqual(transfer._get_sale_orders(), two)
        transfer.action_cancel()
        self.assertEqual(transfer._get_sale_orders(), one | two, "of a cancelled transfer all are told")

    def test_the_parcel_belongs_to_all_orders_and_is_found_by_each(self):
        one, two, purchase = self._sell_two()
        shipment = self._number(self._approve(purchase))
        self.assertEqual((shipment.direction, shipment.sale_order_ids), ("dropship", one | two))
        self.assertEqual(shipment.purchase_order_ids, purchase)
        shipments = self.env["visibility.shipment"]
        for order in one | two:
            self.assertEqual(shipments.search([("sale_order_ids", "in", order.ids)]), shipment)
            self.assertNotIn(shipment, shipments.search([("sale_order_ids", "not in", order.ids)]))
            self.assertEqual(shipments.search([("sale_order_ids", "=", order.name)]), shipment)

    def test_what_a_carrier_reports_puts_all_orders_at_risk(self):
        one, two, purchase = self._sell_two()
        shipment = self._number(self._approve(purchase))
        self._tell(self.easypost, self._tracker("1ZDROP", (*DAMAGED[:2], self._ago(hours=1), DAMAGED[2])))
        for document in (one, two, purchase, shipment.picking_ids):
            self.assertTrue(document.visibility_is_at_risk, document.name)

    def test_trouble_of_the_transfer_or_of_an_order_is_told_on_the_others(self):
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category("damaged")
        for subject in (transfer, two):
            exceptions._open_findings({(category, subject): [Finding(self._now(), "Wet", "", "supplier")]})
        about, of_two = (exceptions._find_open(category, subject) for subject in (transfer, two))
        self.assertEqual((about.sale_order_ids, about.purchase_order_ids), (one | two, purchase))
        self.assertEqual(of_two.picking_ids, transfer)

    def test_who_answers_for_it_is_who_sold_or_bought_any_of_it(self):
        one, two, purchase = self._sell_two()
        two.user_id, purchase.user_id = self.owner, self.buyer
        transfer = self._approve(purchase)
        for record in (transfer, self._number(transfer)):
            self.assertLessEqual(self.seller | self.owner, record._get_exception_owners("service"))
            self.assertIn(self.buyer, record._get_exception_owners("buyer"))

    # ------------------------------------------------------------------ promises
    def test_the_earliest_promise_of_all_orders_counts(self):
        one, two, purchase = self._sell_two(days=12, other_days=10)
        transfer = self._approve(purchase)
        shipment = self._number(transfer)
        self.assertEqual(transfer._get_promise(), self._day(10))
        self.assertEqual((shipment.promised_at, shipment.first_promised_at), (self._day(10), self._day(10)))
        two.commitment_date = self._day(15)
        self.assertEqual((shipment.promised_at, shipment.first_promised_at), (self._day(12), self._day(10)))
        self.assertEqual(transfer._get_expected_dates()["first_promise"], self._day(10))
        self.assertEqual(transfer._get_expected_dates()["latest_promise"], self._day(12))

    def test_a_supplier_who_moves_the_date_puts_every_order_at_risk_whose_promise_falls(self):
        one, two, purchase = self._sell_two()
        self._approve(purchase)
        purchase.order_line.date_planned = self._day(11)
        self.assertTrue(self._get_open(one))
        self.assertFalse(self._get_open(two), "its promise is a day later")
        purchase.order_line.date_planned = self._day(20)
        self.assertTrue(self._get_open(two))

    def test_a_date_that_is_too_late_when_the_purchase_is_approved_marks_the_orders(self):
        one, two, purchase = self._sell_two()
        self._approve(purchase, days=20)
        self.assertTrue(self._get_open(one) and self._get_open(two))
        self.assertTrue(one.visibility_is_at_risk and two.visibility_is_at_risk)

    def test_a_promise_that_passes_before_the_purchase_is_approved_marks_the_order(self):
        one, two, purchase = self._sell_two()
        self.assertEqual(self._get_expected("order_shipped", one).state, "open")
        with freeze_time(self._day(12)):
            self._scan()
            self.assertTrue(self._get_open(one), "nobody has even ordered it")
            self.assertTrue(self._get_open(two))

    def test_a_promise_that_passes_after_the_purchase_is_approved_marks_the_order(self):
        one, two, purchase = self._sell_two()
        self._approve(purchase)
        with freeze_time(self._day(13)):
            self._scan()
            self.assertTrue(one.visibility_is_at_risk and two.visibility_is_at_risk)

    # ------------------------------------------------------------------ gates
    def test_what_stops_any_of_the_orders_stops_the_transfer(self):
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category("quality_hold")
        category.write({"severity": "blocking", "gate_ids": [(6, 0, self.env["visibility.gate"].search([]).ids)]})
        for subject in (one, two, two.partner_id, purchase):
            exceptions._open_findings({(category, subject): [Finding(self._now(), "Seal broken", "", "shipper")]})
            with (
                mute_logger("odoo.addons.distribution_visibility.models.detect.gate.visibility_gated_mixin"),
                self.assertRaises(UserError, msg=subject.display_name),
                self.cr.savepoint(),
            ):
                transfer.move_ids.picked = True
                transfer.with_context(skip_backorder=True).button_validate()
            exceptions._clear_subjects(category, subject, "Mended")
        self._pass(transfer)

    # ------------------------------------------------------------------ what partners and others are told
    def _switch_on(self, *names):
        for name in names:
            self.env.ref(f"distribution_visibility.occasion_{name}").active = True

    def test_every_customer_is_told_and_each_of_the_own_order_only(self):
        one, two, purchase = self._sell_two()
        self._switch_on("damaged")
        self._number(self._approve(purchase))
        self._tell(self.easypost, self._tracker("1ZDROP", (*DAMAGED[:2], self._ago(hours=1), DAMAGED[2])))
        self.env.cr.flush()
        drafts = self.env["visibility.message"].search([("company_id", "=", self.company.id)])
        told = {message.partner_id: message.sale_order_id for message in drafts}
        self.assertEqual(told, {self.customer: one, self.other_customer: two})

    def test_trouble_of_any_order_is_told_with_the_parcel_that_is_under_way(self):
        one, two, purchase = self._sell_two()
        shipment = self._number(self._approve(purchase))
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category("damaged")
        messages = self.env["visibility.message"]
        for order in (one, two, purchase):
            exceptions._open_findings({(category, order): [Finding(self._now(), "Wet", "", "supplier")]})
            self.assertEqual(messages._get_incident_shipment(exceptions._find_open(category, order)), shipment)

    def test_a_person_who_writes_about_the_transfer_writes_to_every_customer(self):
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        occasion = self.env.ref("distribution_visibility.occasion_delayed")
        drafts = self.env["visibility.message"]._draft_about(transfer, occasion)[transfer]
        self.assertEqual(drafts.sale_order_id, one | two)

    def test_an_escalation_writes_to_every_customer(self):
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        exceptions = self.env["visibility.exception"].sudo()
        category = exceptions._get_category("damaged")
        exceptions._open_findings({(category, transfer): [Finding(self._now(), "Wet", "", "supplier")]})
        exception = exceptions._find_open(category, transfer)
        template = self.env["mail.template"].new({"model_id": self.env["ir.model"]._get_id("sale.order")})
        self.assertEqual(exception._get_mail_documents(template), one | two)
        two.partner_id = one.partner_id
        self.assertEqual(exception._get_mail_documents(template), one, "one message to each")

    def test_subscribers_and_automations_are_told_of_all_orders(self):
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        told = self._number(transfer)._prepare_event()["documents"]
        names = {row["name"] for row in told}
        self.assertLessEqual({one.name, two.name, purchase.name}, names)
        stake = self.env["base.automation"]._get_stake(transfer)
        self.assertEqual(stake, one.amount_untaxed + two.amount_untaxed + purchase.amount_untaxed)

    # ------------------------------------------------------------------ what comes of it
    def test_goods_that_the_supplier_sent_are_shipped_for_every_order(self):
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        for order in one | two:
            self.assertEqual(self._get_expected("order_shipped", order).state, "open", order.name)
        self._pass(transfer)
        for order in one | two:
            self.assertEqual(self._get_expected("order_shipped", order).state, "met", order.name)

    def test_goods_that_the_supplier_sent_are_invoiced_for_every_order(self):
        self.pump.invoice_policy = "delivery"
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        self._pass(transfer)
        self.assertEqual(self._get_expected("invoiced", transfer).state, "open")
        one._create_invoices().action_post()
        self.assertEqual(self._get_expected("invoiced", transfer).state, "open", "the other one is not invoiced yet")
        two._create_invoices().action_post()
        self.assertEqual(self._get_expected("invoiced", transfer).state, "met")

    def test_a_warehouse_is_asked_to_hurry_with_every_transfer_of_an_order(self):
        one, two, purchase = self._sell_two()
        transfer = self._approve(purchase)
        actions = self.env["ir.actions.server"]
        for order in one | two:
            path = actions._get_picking_path("sale.order")
            self.assertEqual(order.mapped(path), transfer)
