from odoo import fields
from odoo.tests import tagged

from ..respond.supply.supply_case import SupplyCase


@tagged("post_install", "-at_install")
class TestOrdersNamed(SupplyCase):
    """Which of our orders a supplier means, however its system writes them, and all of those that it names."""

    def _answer(self, reference, **data):
        data = {"order": reference, "status": "accepted", "lines": [{"line": "1", "status": "accepted"}], **data}
        return self._tell(self.canonical, self._canonical("supplier.order_response", data))

    def _announce(self, order, *lines, number="DA-1", **data):
        data = {"despatch_number": number, "order": order, "lines": list(lines), **data}
        return self._tell(self.canonical, self._canonical("supplier.despatch_advice", data))

    def _get_unknown(self):
        return self.env["visibility.exception"].search([("category_id.code", "=", "unmatched_order")])

    # ------------------------------------------------------------------ in the supplier's spelling
    def test_an_order_is_found_in_every_spelling_of_its_number(self):
        for spell in (str.lower, "PO {}".format, "PO#{}".format, "{}/1".format, " {} ".format, "{}-2".format):
            order = self._buy(1)
            message = self._answer(spell(order.name))
            self.assertEqual(order.visibility_event_ids.message_id, message, spell(order.name))
            self.assertFalse(message.is_unmatched)
            self.assertTrue(order.acknowledged)
        self.assertFalse(self._get_unknown())

    def test_a_ship_notice_finds_it_too_and_its_lines_are_those_of_the_order(self):
        order = self._buy(1)
        spelled = f"po {order.name.lower()}"
        self._announce("", {"order": spelled, "line": "1", "quantity": 8})
        self.assertEqual(order.picking_ids.visibility_shipment_ids.number, "DA-1")
        order.picking_ids.move_ids.quantity = 10
        order.picking_ids.button_validate()
        row = order.picking_ids.visibility_comparison_ids
        self.assertEqual((row.ordered, row.announced, row.received), (10, 8, 10))

    def test_the_suppliers_own_number_is_found_once_the_buyer_has_typed_it_in(self):
        order = self._buy(1)
        order.partner_ref = "SO 4711"
        self.assertEqual(self._answer("so-4711").event_ids.purchase_order_id, order)

    def test_an_order_of_another_supplier_or_company_is_never_meant(self):
        self.canonical.partner_id = self.env["res.partner"].create({"name": "Somebody else"})
        order = self._buy(1)
        self.assertFalse(self._answer(order.name.lower()).event_ids.purchase_order_id)
        self.canonical.partner_id = False
        order.company_id = self.env["res.company"].create({"name": "Another company"})
        self.assertFalse(self._answer(order.name.lower()).event_ids.purchase_order_id)

    def test_of_two_orders_that_fit_equally_well_none_is_guessed_but_a_cancelled_one_does_not_count(self):
        first, second = self._buy(1), self._buy(1)
        (first | second).partner_ref = "4711"
        self.assertFalse(self._answer("4711").event_ids.purchase_order_id)
        first.button_cancel()
        self.assertEqual(self._answer("4711", note="Again").event_ids.purchase_order_id, second)

    # ------------------------------------------------------------------ what fits none
    def test_an_order_that_nobody_knows_is_told_once_to_whoever_answers_for_the_source(self):
        self.canonical.partner_id = self.supplier
        self._answer("X-4711", note="Thank you")
        self._answer("X-4711", note="Thank you once more")
        self._announce("X-4711", {"line": "1", "quantity": 8})
        exception = self._get_unknown()
        self.assertEqual((len(exception), exception.seen_count), (1, 3))
        self.assertEqual((exception.user_id, exception.partner_id), (self.owner, self.supplier))
        self.assertEqual(exception.reason, "Pump Works announces goods of X-4711 with notice DA-1")
        self._answer("X-4712")
        self.assertEqual(len(self._get_unknown()), 2)

    def test_the_supplier_takes_back_what_it_said_of_an_unknown_order(self):
        data = {"order": "X-4711", "status": "accepted"}
        self._tell(self.canonical, self._canonical("supplier.order_response", data, "a1"))
        self._tell(self.canonical, self._canonical("shipment.retraction", {"event_id": "a1"}))
        self.assertEqual(self._get_unknown().state, "resolved")

    def test_a_test_message_of_an_unknown_order_troubles_nobody(self):
        self.canonical.takes_test_events = False
        data = {"order": "X-4711", "status": "accepted"}
        self._tell(self.canonical, self._canonical("supplier.order_response", data, is_test=True))
        self.assertFalse(self._get_unknown())

    def test_what_was_said_takes_effect_when_the_buyer_writes_the_suppliers_number_on_the_order(self):
        order = self._buy(1)
        told = self._answer("X-4711", status="rejected", note="Out of production")
        self._announce("X-4711", {"line": "1", "quantity": 10})
        self.assertFalse(order.visibility_exception_ids)
        order.partner_ref = "x4711"
        self.assertEqual(order.visibility_exception_ids.category_id.code, "supplier_reject_or_backorder")
        self.assertEqual(order.picking_ids.visibility_shipment_ids.number, "DA-1")
        self.assertFalse(told.is_unmatched)
        self.assertEqual(self._get_unknown().state, "resolved")
        self.assertEqual(self._get_unknown().resolution, f"It is {order.name}.")

    # ------------------------------------------------------------------ several orders in one notice
    def _buy_two(self):
        return self._buy(1), self._buy(1)

    def test_a_ship_notice_that_names_two_orders_ties_the_receipts_of_both(self):
        for name in ("{0}, {1}", ""):
            first, second = self._buy_two()
            lines = [{"order": order.name, "line": "1", "quantity": 10} for order in (first, second)]
            named = name.format(first.name, second.name)
            number = f"DA-{first.name}"
            message = self._announce(named, *([] if name else lines), number=number)
            shipment = (first | second).picking_ids.visibility_shipment_ids
            self.assertEqual((shipment.number, shipment.picking_ids), (number, (first | second).picking_ids))
            self.assertEqual(shipment.purchase_order_ids, first | second)
            for order in (first, second):
                self.assertEqual(order._get_facts(), message.event_ids)
                self.assertEqual(order.visibility_landmark_ids, message.event_ids)

    def test_each_order_of_a_notice_is_compared_with_its_own_lines(self):
        first, second = self._buy_two()
        self._announce(
            "",
            {"order": first.name, "line": "1", "quantity": 10},
            {"order": f"{second.name}/1", "line": "1", "quantity": 6},
        )
        for order in (first, second):
            order.picking_ids.move_ids.quantity = 10
            order.picking_ids.button_validate()
        announced = (first | second).picking_ids.visibility_comparison_ids.sorted("id").mapped("announced")
        self.assertEqual(announced, [10, 6])

    def test_a_line_that_names_none_of_two_orders_is_of_the_one_that_has_its_product(self):
        first, second = self._buy_two()
        valve = self.env["product.product"].create({"name": "Valve", "is_storable": True, "default_code": "VALVE"})
        second.order_line.product_id = valve
        second.picking_ids.move_ids.product_id = valve
        self._announce(f"{first.name}; {second.name}", {"product": "VALVE", "quantity": 10}, {"product": "PUMP-1"})
        for order in (first, second):
            order.picking_ids.move_ids.quantity = 10
            order.picking_ids.button_validate()
        rows = (first | second).picking_ids.visibility_comparison_ids
        self.assertEqual({row.product_id: row.kind for row in rows}, {self.pump: False, valve: False})

    def test_both_orders_of_a_notice_are_announced_and_wake_what_waits_for_news(self):
        self.canonical.partner_id = self.supplier
        first, second = self._buy_two()
        self.env.cr.flush()
        self._announce(f"{first.name}, {second.name}")
        template = self.env.ref("distribution_visibility.expectation_asn_received")
        rows = self.env["visibility.expectation"].search([("template_id", "=", template.id)])
        mine = rows.filtered(lambda row: row.res_id in (first | second).ids)
        self.assertEqual(mine.mapped("state"), ["met", "met"])

    def test_a_notice_of_a_known_and_an_unknown_order_ties_the_one_and_tells_of_the_other(self):
        order = self._buy(1)
        self._announce(f"{order.name}, X-4711")
        self.assertEqual(order.picking_ids.visibility_shipment_ids.number, "DA-1")
        exception = self._get_unknown()
        self.assertEqual(exception.purchase_order_ids, order)
        self.assertIn("X-4711", exception.reason)
        self.assertNotIn(order.name, exception.reason)

    # ------------------------------------------------------------------ when it comes
    def test_a_notice_belongs_to_what_is_still_to_come_whenever_the_rest_came(self):
        order = self._buy(1)
        order.picking_ids.move_ids.quantity = 6
        order.picking_ids.with_context(skip_backorder=True).button_validate()
        rest = order.picking_ids.filtered(lambda one: one.state != "done")
        self._announce(order.name, {"line": "1", "quantity": 4}, shipped_at=self._iso(1))
        self.assertEqual(rest.visibility_shipment_ids.number, "DA-1")
        self.assertEqual(fields.Datetime.now().date(), (order.picking_ids - rest).date_done.date())
        self.assertFalse((order.picking_ids - rest).visibility_shipment_ids)
