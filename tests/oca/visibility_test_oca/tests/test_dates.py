from odoo import fields
from odoo.addons.distribution_visibility.tests.common import VisibilityCase
from odoo.tests import tagged

SOON, LATER, LATEST = "2030-12-14 09:00:00", "2031-01-18 09:00:00", "2031-02-20 09:00:00"


@tagged("post_install", "-at_install")
class TestDates(VisibilityCase):
    """Lines have days of their own: each keeps its own promise, and so does the transfer that carries it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["product.product"].create({"name": "Hose", "type": "consu", "is_storable": True})
        warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        for product in (cls.pump, cls.other):
            cls.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 100)

    def _sell(self, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    (0, 0, {"product_id": product.id, "price_unit": 100, "commitment_date": day})
                    for product, day in ((self.pump, SOON), (self.other, LATER))
                ],
                **values,
            }
        )
        order.action_confirm()
        self.env.flush_all()
        return order

    def _get_promises(self, records):
        return [str(one.visibility_promise_at) for one in records]

    def test_lines_for_december_and_january_are_promised_then_and_nothing_is_late(self):
        order = self._sell()
        self.assertEqual(self._get_promises(order.order_line), [SOON, LATER])
        self.assertEqual(self._get_promises(order), [SOON])
        self.assertEqual(len(order.picking_ids), 2)
        promised = {picking.move_ids.product_id: str(picking._get_promise()) for picking in order.picking_ids}
        self.assertEqual(promised, {self.pump: SOON, self.other: LATER})
        rules = self.env["visibility.rule"].search([("active", "=", False)])
        rules.active = True
        for rule in rules:
            rule._run()
        self.env.cr.flush()
        self.assertFalse(order.visibility_exception_ids.filtered("is_open"))

    def test_an_order_whose_goods_go_together_is_promised_with_its_last_line(self):
        self.assertEqual(self._get_promises(self._sell(picking_policy="one")), [LATER])

    def test_a_line_that_is_moved_moves_its_promise_and_keeps_the_first(self):
        order = self._sell()
        order.order_line[0].commitment_date = LATEST
        line = order.order_line[0]
        self.assertEqual(self._get_promises(line), [LATEST])
        self.assertEqual(str(line.visibility_first_promise_at), SOON)
        picking = line.move_ids.picking_id
        self.assertEqual(str(picking._get_promise()), LATEST)

    def test_each_receipt_has_the_promise_of_its_own_lines(self):
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_qty": 5, "date_planned": day})
                    for product, day in ((self.pump, SOON), (self.other, LATER))
                ],
            }
        )
        order.button_confirm()
        self.assertEqual(len(order.picking_ids), 2)
        promised = {picking.move_ids.product_id: str(picking._get_promise()) for picking in order.picking_ids}
        self.assertEqual(promised, {self.pump: SOON, self.other: LATER})

    def test_public_holidays_count_as_leaves_do(self):
        calendar = self.company.resource_calendar_id
        friday = fields.Datetime.to_datetime("2026-11-27 12:00:00")
        plain = calendar._plan_visibility_hours(16, friday, self.company)
        year = self.env["calendar.public.holiday"].create({"year": 2026, "country_id": False})
        day = {"public_holiday_id": year.id, "name": "Closed"}
        holidays = self.env["calendar.public.holiday.line"].create(
            [{**day, "date": f"2026-{date}"} for date in ("11-30", "12-01", "12-02", "12-03")]
        )
        with_holidays = calendar._plan_visibility_hours(16, friday, self.company)
        self.assertGreaterEqual((with_holidays - plain).days, 4)
        holidays.unlink()
        self.assertEqual(calendar._plan_visibility_hours(16, friday, self.company), plain)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": False,
                "company_id": self.company.id,
                "date_from": "2026-11-30 00:00:00",
                "date_to": "2026-12-03 23:59:59",
            }
        )
        self.assertEqual(calendar._plan_visibility_hours(16, friday, self.company), with_holidays)

    def test_a_holiday_of_another_country_closes_nothing(self):
        calendar = self.company.resource_calendar_id
        self.company.partner_id.country_id = self.env.ref("base.nl")
        friday = fields.Datetime.to_datetime("2026-11-27 12:00:00")
        plain = calendar._plan_visibility_hours(8, friday, self.company)
        for country, moved in (("base.de", False), ("base.nl", True)):
            year = self.env["calendar.public.holiday"].create({"year": 2026, "country_id": self.env.ref(country).id})
            self.env["calendar.public.holiday.line"].create(
                {"public_holiday_id": year.id, "name": "Closed", "date": "2026-11-30"}
            )
            self.assertEqual(calendar._plan_visibility_hours(8, friday, self.company) != plain, moved, country)
