from contextlib import contextmanager
from datetime import timedelta

from odoo import fields
from odoo.sql_db import Cursor
from odoo.tests import tagged

from ...models.base.quiet import QUIET
from ..detect.expectation.expectation_case import MONDAY, ExpectationCase

FEW, MANY = 20, 1300


@tagged("post_install", "-at_install")
class TestHistory(ExpectationCase):
    """A container, a sensor, a chatty aggregator: what comes after 1,300 facts costs what comes after 20 of them."""

    def setUp(self):
        super().setUp()
        self.canonical.owner_id = self.owner
        self.long_ago = fields.Datetime.to_datetime(MONDAY) - timedelta(days=60)

    # ------------------------------------------------------------------ what costs what
    @contextmanager
    def _counting(self, costs):
        """Statements, and rows read or written by them."""
        original = Cursor.execute

        def execute(cursor, *args, **kwargs):
            result = original(cursor, *args, **kwargs)
            costs["queries"] += 1
            costs["rows"] += max(cursor.rowcount, 0)
            return result

        self.env.flush_all()
        self.env.invalidate_all()
        Cursor.execute = execute
        try:
            yield
            self._follow()
        finally:
            Cursor.execute = original

    def _cost(self, work):
        costs = {"queries": 0, "rows": 0}
        with self._counting(costs):
            work()
        return costs

    def assertCostsNoMoreWithHistory(self, few, many):
        """The same number of statements and of rows, but for a handful that depends on the moment."""
        self.assertGreater(few["queries"], 0)
        self.assertLessEqual(many["queries"], few["queries"] + 2, (few, many))
        self.assertLessEqual(many["rows"], few["rows"] + 10, (few, many))

    # ------------------------------------------------------------------ long stories
    def _remember(self, count, **values):
        """So many facts of long ago, one an hour, as they were recorded."""
        company, rows = self.company.id, []
        for index in range(count):
            moment = self.long_ago + timedelta(hours=index)
            rows.append(
                {
                    "company_id": company, "source_id": self.canonical.id, "fingerprint": f"{values}-{index}",
                    "occurred_at": moment, "received_at": moment, **values,
                }
            )  # fmt: skip
        self.env["visibility.event"].with_context(**QUIET).create(rows)

    def _milestone(self, code):
        return self.env.ref(f"distribution_visibility.milestone_{code}").id

    def _send_out(self, number, count):
        """A delivery that has left, with so many scans."""
        shipment = self._ship(self._sell("2026-03-10 11:00:00", number)).visibility_shipment_ids
        return self._scan_often(shipment, count)

    def _bring_in(self, number, count):
        order = self._buy("2026-03-10 11:00:00")
        order.picking_ids.carrier_tracking_ref = number
        return self._scan_often(order.picking_ids.visibility_shipment_ids, count)

    def _scan_often(self, shipment, count):
        self._remember(count, shipment_id=shipment.id, milestone_id=self._milestone("in_transit"))
        shipment._recompute_from_timeline()
        self._follow()
        self._report(shipment, milestone="in_transit", occurred_at="2026-01-30T08:00:00Z")
        self.assertEqual(len(shipment.event_ids), count + 1)
        return shipment

    def _report(self, shipment, **data):
        data = {"tracking_number": shipment.number, "carrier": shipment.carrier_code or "", **data}
        self._tell(self.canonical, self._canonical("shipment.milestone", data, moment="2026-02-02T07:00:00Z"))
        self._follow()

    def _compare_reports(self, make, *reports):
        """What each of these reports costs on a shipment of few and of many scans."""
        few, many = make("1ZFEW", FEW), make("1ZMANY", MANY)
        for report in reports:
            costs = [self._cost(lambda one=one, report=report: self._report(one, **report)) for one in (few, many)]
            self.assertCostsNoMoreWithHistory(*costs)
        return few, many

    # ------------------------------------------------------------------ shipments
    def test_a_scan_a_delay_and_a_delivery_cost_the_same_after_1300_scans(self):
        few, many = self._compare_reports(
            self._send_out,
            {"milestone": "in_transit", "occurred_at": "2026-02-02T05:00:00Z"},
            {"category": "delayed_in_transit", "occurred_at": "2026-02-02T05:10:00Z"},
            {"category": "delayed_in_transit", "occurred_at": "2026-02-02T05:20:00Z"},
            {"eta": "2026-02-20T05:00:00Z", "occurred_at": "2026-02-02T05:30:00Z"},
            {"category": "damaged", "occurred_at": "2026-02-02T05:40:00Z"},
            {"milestone": "out_for_delivery", "occurred_at": "2026-02-02T06:00:00Z"},
            {"milestone": "delivered", "occurred_at": "2026-02-02T06:30:00Z"},
        )
        for shipment in (few, many):
            self.assertEqual(shipment.milestone_code, "delivered")
            delay = shipment.exception_ids.filtered(lambda one: one.category_id.code == "delayed_in_transit")
            self.assertEqual(delay.closed_by_event_id.milestone_id.code, "delivered")

    def test_a_scan_of_goods_that_come_in_costs_the_same_after_1300_scans(self):
        self._compare_reports(
            self._bring_in,
            {"milestone": "in_transit", "occurred_at": "2026-02-02T05:00:00Z"},
            {"description": "7 degrees", "occurred_at": "2026-02-02T05:10:00Z"},
            {"milestone": "delivered", "occurred_at": "2026-02-02T06:30:00Z"},
        )

    def test_a_scan_that_was_overdue_is_met_by_the_scan_itself_whatever_came_before(self):
        few, many = self._send_out("1ZFEW", FEW), self._send_out("1ZMANY", MANY)
        self._scan("2026-02-09 08:00:00")
        rows = self._get("next_scan", few | many)
        self.assertEqual(rows.mapped("state"), ["overdue", "overdue"])
        report = {"milestone": "in_transit", "occurred_at": "2026-02-09T07:00:00Z"}
        costs = [self._cost(lambda one=one: self._report(one, **report)) for one in (few, many)]
        self.assertCostsNoMoreWithHistory(*costs)
        for shipment in (few, many):
            row = rows.filtered(lambda one, id_=shipment.id: one.res_id == id_)
            latest = shipment.event_ids.filtered(lambda fact, at=shipment.last_event_at: fact.occurred_at == at)
            self.assertEqual((row.state, row.met_by_event_id), ("met", latest))

    def test_what_is_expected_is_met_by_the_first_fact_of_many(self):
        few, many = self._bring_in("1ZFEW", FEW), self._bring_in("1ZMANY", MANY)
        for shipment in (few, many):
            first = shipment.event_ids.sorted("occurred_at")[0]
            met = self._get("order_acknowledged", shipment.purchase_order_ids)
            self.assertEqual((met.state, met.met_by_event_id), ("met", first))

    # ------------------------------------------------------------------ orders
    def test_an_answer_to_an_order_costs_the_same_after_1300_answers(self):
        costs = []
        for count in (FEW, MANY):
            order = self._buy("2026-03-10 11:00:00")
            told = {"kind": "order_response", "purchase_order_id": order.id, "reference": order.name}
            self._remember(count, milestone_id=self._milestone("order_acknowledged"), **told)
            data = {"order": order.name, "status": "accepted", "lines": [{"line": "1", "status": "accepted"}]}
            body = self._canonical("supplier.order_response", data, moment="2026-02-02T07:00:00Z")
            costs.append(self._cost(lambda body=body: self._tell(self.canonical, body)))
        self.assertCostsNoMoreWithHistory(*costs)

    def test_a_ship_notice_costs_the_same_after_1300_notices(self):
        costs = []
        for count in (FEW, MANY):
            order = self._buy("2026-03-10 11:00:00")
            told = {"kind": "despatch_advice", "purchase_order_id": order.id, "reference": "DA"}
            self._remember(count, milestone_id=self._milestone("asn_received"), **told)
            data = {"despatch_number": f"DA{count}", "order": order.name, "lines": [{"line": "1", "quantity": 10}]}
            body = self._canonical("supplier.despatch_advice", data, moment="2026-02-02T07:00:00Z")
            costs.append(self._cost(lambda body=body: self._tell(self.canonical, body)))
        self.assertCostsNoMoreWithHistory(*costs)

    # ------------------------------------------------------------------ exceptions
    def test_an_exception_that_was_seen_1300_times_is_seen_again_for_the_same(self):
        costs = []
        for count in (FEW, MANY):
            shipment = self._send_out(f"1ZX{count}", FEW)
            category = self.env["visibility.exception"]._get_category("delayed_in_transit").id
            self._report(shipment, category="delayed_in_transit", occurred_at="2026-02-02T05:00:00Z")
            self._remember(count, shipment_id=shipment.id, category_id=category)
            report = {"category": "delayed_in_transit", "occurred_at": "2026-02-02T06:00:00Z"}
            costs.append(self._cost(lambda one=shipment, report=report: self._report(one, **report)))
            self.assertEqual(shipment.exception_ids.filtered("is_open").seen_count, 2)
        self.assertCostsNoMoreWithHistory(*costs)
