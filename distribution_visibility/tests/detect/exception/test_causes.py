from odoo import fields
from odoo.tests import tagged

from ....lib.detect.exception.causes import FOLLOWS, is_mutual
from ....lib.detect.exception.finding import Finding
from ..expectation.expectation_case import ExpectationCase


class CauseCase(ExpectationCase):
    """A distributor with nothing on stock, one purchase on its way and customers who wait for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["stock.quant"]._update_available_quantity(cls.pump, cls.warehouse.lot_stock_id, -100)
        cls.exceptions = cls.env["visibility.exception"]

    def _open(self, *orders):
        """What people have to work on, of all of these together."""
        found = self.exceptions.union(*(order.visibility_exception_ids for order in orders))
        return found.filtered("is_open")

    def _codes(self, exceptions):
        return sorted(exceptions.mapped("category_id.code"))

    def _move(self, purchase, moment):
        purchase.order_line.date_planned = moment
        self._follow()

    def _find(self, code, subject, **values):
        finding = Finding(fields.Datetime.now(), code, code, **values)
        self.exceptions._open_findings({(self.exceptions._get_category(code), subject): [finding]})

    def _row(self, code, subject):
        return self._get_exceptions(code, subject)[:1]


@tagged("post_install", "-at_install")
class TestOneTrouble(CauseCase):
    """One trouble is one piece of work: what follows from it is shown on it, and on the documents."""

    def setUp(self):
        super().setUp()
        self.purchase = self._buy(self._utc("2026-02-09 12:00:00"))
        self.order = self._sell(self._utc("2026-02-12 12:00:00"))
        self.delivery = self.order.picking_ids

    def _come_late(self):
        """The supplier moves the line, and days pass without the goods."""
        self._move(self.purchase, self._utc("2026-02-20 12:00:00"))
        self._scan("2026-02-12 06:00:00")
        self._scan("2026-02-13 06:00:00")

    # ------------------------------------------------------------------ a supplier's line
    def test_a_suppliers_late_line_is_one_exception_and_the_rest_follows_from_it(self):
        self._come_late()
        cause = self._open(self.purchase, self.order, self.delivery)
        self.assertEqual((self._codes(cause), cause.res_model), (["late_risk"], "purchase.order"))
        self.assertEqual(
            self._codes(cause.consequence_ids),
            ["ack_overdue", "late_risk", "receipt_overdue", "stock_short", "warehouse_late"],
        )
        self.assertEqual((cause.sale_order_ids, self.delivery in cause.picking_ids), (self.order, True))
        self.assertTrue(self.order.visibility_is_at_risk and self.delivery.visibility_is_at_risk)
        self.assertEqual(self.order.visibility_exception_count, 1)
        self.assertIn("promised for", cause.reason, "it says what the trouble is, not what follows")

    def test_nobody_is_asked_twice(self):
        self._come_late()
        rows = self._open(self.purchase).consequence_ids
        self.assertFalse(rows._get_response_activities())

    def test_what_was_known_before_its_cause_becomes_part_of_it_and_whoever_works_on_it_goes_on(self):
        self.pump = self.env["product.product"].create({"name": "Valve", "is_storable": True})
        purchase = self._buy(self._utc("2026-02-12 09:00:00"))
        order = self._sell(self._utc("2026-02-12 12:00:00"))
        self._scan("2026-02-12 06:00:00")
        mine = self._open(order, order.picking_ids)
        self.assertEqual(self._codes(mine), ["stock_short"])
        mine.with_user(self.owner).action_take()
        self._scan("2026-02-13 06:00:00")
        cause = self._open(purchase, order, order.picking_ids)
        self.assertEqual(self._codes(cause), ["receipt_overdue"])
        self.assertEqual((cause.user_id, mine.merged_into_id), (self.owner, cause))

    def test_an_order_that_waits_for_something_else_has_its_own_exception(self):
        self.pump = self.env["product.product"].create({"name": "Valve", "is_storable": True})
        other = self._sell(self._utc("2026-02-12 12:00:00"))
        self._come_late()
        own = self._open(other, other.picking_ids)
        self.assertTrue(own)
        self.assertNotIn(self.purchase, own.purchase_order_ids)

    def test_an_order_that_never_could_have_been_in_time_is_not_late_because_of_the_supplier(self):
        early = self._sell(self._utc("2026-02-05 12:00:00"))
        self._scan("2026-02-05 18:00:00")
        self._move(self.purchase, self._utc("2026-02-20 12:00:00"))
        own = self._open(early)
        self.assertEqual(len(own), 1, self._codes(own))
        self.assertNotEqual(own.res_model, "purchase.order")

    # ------------------------------------------------------------------ how it ends
    def test_when_the_cause_is_over_what_is_still_so_is_one_exception_of_its_own(self):
        self._come_late()
        cause = self._open(self.purchase)
        self.env["visibility.exception"]._clear_subjects(cause.category_id, self.purchase, "The supplier is back.")
        receipt = self._open(self.purchase, self.order, self.delivery)
        self.assertEqual(self._codes(receipt), ["receipt_overdue"], "the goods are not here: that is the cause now")
        self.assertEqual(
            self._codes(receipt.consequence_ids), ["ack_overdue", "late_risk", "stock_short", "warehouse_late"]
        )
        receipt._end({"state": "resolved", "resolution": "Taken from another warehouse."})
        left = self._open(self.order, self.delivery)
        self.assertEqual(self._codes(left), ["stock_short"])
        self.assertEqual(self._codes(left.consequence_ids), ["late_risk", "warehouse_late"])

    def test_what_follows_ends_by_itself_while_the_cause_goes_on(self):
        self._come_late()
        cause = self._open(self.purchase)
        self.env["stock.quant"]._update_available_quantity(self.pump, self.warehouse.lot_stock_id, 5)
        self.delivery.action_assign()
        self._ship(self.order)
        self.assertTrue(cause.is_open)
        self.assertFalse(cause.consequence_ids.filtered(lambda one: not one.cause_ended_at and one.sale_order_ids))
        self.assertFalse(self.order.visibility_is_at_risk or self.delivery.visibility_is_at_risk)

    def test_when_the_goods_are_in_and_out_nothing_is_left(self):
        self._come_late()
        self._receive_goods(self.purchase)
        self.delivery.action_assign()
        self._ship(self.order)
        left = self._open(self.order, self.delivery)
        self.assertFalse(left.filtered(lambda one: one.res_model != "purchase.order"), self._codes(left))

    def test_who_closes_the_cause_has_seen_what_follows_and_is_not_asked_again(self):
        self._come_late()
        cause = self._open(self.purchase)
        cause.with_user(self.owner)._close("dismissed", "The customer knows", self.env["visibility.root.cause"])
        self._scan("2026-02-13 12:00:00")
        self.assertFalse(self._open(self.purchase, self.order, self.delivery))

    def test_what_a_person_takes_out_stays_out(self):
        self._come_late()
        cause = self._open(self.purchase)
        row = self._row("late_risk", self.order)
        self.assertEqual(row.merged_into_id, cause)
        row.with_user(self.owner).action_unmerge()
        self.assertTrue(row.is_open)
        self._find("late_risk", self.order)
        self.assertEqual(self._open(self.order), cause | row)

    # ------------------------------------------------------------------ money
    def test_sums_of_value_at_risk_count_an_order_once(self):
        self._find("credit_hold", self.order)
        self._find("order_incomplete", self.order)
        second = self._sell(self._utc("2026-02-12 12:00:00"))
        self._find("credit_hold", second)
        mine = self._open(self.order, second)
        self.assertEqual(mine.mapped("value_at_risk"), [200, 200, 200])
        groups = self.exceptions._read_group([("id", "in", mine.ids)], ["category_id"], ["value_at_risk:sum"])
        by_kind = {category.code: value for category, value in groups}
        self.assertEqual(by_kind, {"credit_hold": 400, "order_incomplete": 200})
        [[total]] = self.exceptions._read_group([("id", "in", mine.ids)], [], ["value_at_risk:sum"])
        self.assertEqual(total, 400)
        [[shown]] = self.exceptions._read_group([("id", "in", mine.ids)], [], ["value_at_risk:sum_currency"])
        self.assertEqual(shown, 400)
        self.assertEqual(self.exceptions._read_group([("id", "=", 0)], [], ["value_at_risk:sum"])[0][0] or 0, 0)


@tagged("post_install", "-at_install")
class TestOneTroubleEverywhere(CauseCase):
    """Every kind that may follow from another one, on documents that hang together."""

    def setUp(self):
        super().setUp()
        purchase = self._buy(self._utc("2026-02-09 12:00:00"))
        purchase.picking_ids.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": "IN1"})
        order = self._sell(self._utc("2026-02-12 12:00:00"), "OUT1")
        self.subjects = {
            "purchase": purchase,
            "receipt": purchase.picking_ids,
            "inbound": purchase.picking_ids.visibility_shipment_ids,
            "order": order,
            "delivery": order.picking_ids,
            "parcel": order.picking_ids.visibility_shipment_ids,
        }
        self.assertEqual({name: len(one) for name, one in self.subjects.items()}, dict.fromkeys(self.subjects, 1))

    def _pairs(self):
        """An effect and a cause on each pair of documents that may hang together; plain tests hold all the kinds."""
        pairs = {}
        for effect, causes in FOLLOWS.items():
            for cause in causes:
                if cause != effect:
                    pairs.setdefault((effect[0], cause[0]), (effect, cause))
        return pairs.values()

    def _check(self, first, second, cause):
        before = self.exceptions.search([("is_open", "=", True)])
        for kind, code in (first, second):
            self._find(code, self.subjects[kind])
        opened = self.exceptions.search([("is_open", "=", True)]) - before
        self.assertEqual(
            [(one.category_id.code, one.res_model, one.res_id) for one in opened],
            [(cause[1], self.subjects[cause[0]]._name, self.subjects[cause[0]].id)],
        )
        self.assertEqual(len(opened.consequence_ids), 1)

    def test_one_exception_is_open_whichever_is_known_first(self):
        for effect, cause in self._pairs():
            for first, second in ((cause, effect), (effect, cause)):
                with self.subTest(first=first, second=second):
                    with self.env.cr.savepoint(flush=True) as savepoint:
                        expected = first if is_mutual(first, second) else cause
                        self._check(first, second, expected)
                        savepoint.rollback()
                    self.env.invalidate_all()

    def test_both_at_once_are_one(self):
        for effect, cause in self._pairs():
            if is_mutual(effect, cause):
                continue
            with self.subTest(effect=effect, cause=cause):
                with self.env.cr.savepoint(flush=True) as savepoint:
                    now = fields.Datetime.now()
                    self.exceptions._open_findings(
                        {
                            (self.exceptions._get_category(code), self.subjects[kind]): [Finding(now, code, code)]
                            for kind, code in (effect, cause)
                        }
                    )
                    opened = self.exceptions.search([("is_open", "=", True), ("create_date", ">=", now)])
                    mine = opened.filtered(lambda one, c=cause, e=effect: one.category_id.code in (c[1], e[1]))
                    self.assertEqual(mine.mapped("category_id.code"), [cause[1]])
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_what_is_not_known_for_sure_explains_nothing(self):
        self._find("receipt_overdue", self.subjects["purchase"], is_trusted=False)
        self._find("stock_short", self.subjects["order"])
        self.assertTrue(self._row("stock_short", self.subjects["order"]).is_open)

    def test_what_stops_a_step_goes_on_stopping_it(self):
        category = self.exceptions._get_category("stock_short")
        category.write({"severity": "blocking", "gate_ids": [(4, self.env["visibility.gate"].search([], limit=1).id)]})
        self._find("receipt_overdue", self.subjects["purchase"])
        self._find("stock_short", self.subjects["order"])
        self.assertTrue(self._row("stock_short", self.subjects["order"]).is_open)

    def test_many_cost_no_more_queries_than_a_few(self):
        def measure(count):
            orders = self.env["sale.order"].union(
                *(self._sell(self._utc("2026-02-12 12:00:00")) for _number in range(count))
            )
            category = self.exceptions._get_category("stock_short")
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.exceptions._find_causes([(category, order) for order in orders])
            return self.env.cr.sql_log_count - before

        self._find("receipt_overdue", self.subjects["purchase"])
        self.assertLessEqual(measure(9), measure(3) + 6)
