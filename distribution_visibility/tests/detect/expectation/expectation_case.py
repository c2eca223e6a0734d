import pytz
from freezegun import freeze_time
from odoo import fields
from odoo.tests import tagged

from ...common import VisibilityCase

# A Monday in winter: Berlin is one hour ahead of UTC.
MONDAY = "2026-02-02 08:00:00"


@tagged("post_install", "-at_install")
class ExpectationCase(VisibilityCase):
    """A distributor in Berlin who works from Monday to Friday, 8 to 17 with an hour at noon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expectations = cls.env["visibility.expectation"]
        cls.env["visibility.source.key"].search([]).valid_from = "2026-01-01"
        cls.calendar = cls.env["resource.calendar"].create({"name": "Berlin, 40 hours", "tz": "Europe/Berlin"})
        cls.calendar.attendance_ids.filtered(lambda one: one.hour_from >= 13).hour_to = 17
        cls.company.resource_calendar_id = cls.calendar
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.warehouse.partner_id.tz = "Europe/Berlin"
        cls.quant = cls.env["stock.quant"]._update_available_quantity(cls.pump, cls.warehouse.lot_stock_id, 100)

    def setUp(self):
        super().setUp()
        self._travel(MONDAY)

    def _travel(self, moment):
        """It is now this time (UTC), until the next journey or the end of the test."""
        self.env.flush_all()
        if getattr(self, "frozen", None):
            self.frozen.stop()
        else:
            self.addCleanup(lambda: self.frozen.stop())
        self.frozen = freeze_time(moment)
        self.frozen.start()

    def _follow(self):
        """What the end of a transaction does."""
        self.env.cr.flush()

    def _scan(self, moment=None):
        """The scheduled action's work at a time, without its commits; gives what it found."""
        self._follow()
        if moment:
            self._travel(moment)
        batch = self.expectations._claim_due(500)
        batch._notice_overdue()
        return batch

    def _get(self, name, document=None):
        """The rows of a shipped template, of one document."""
        self._follow()
        domain = [("template_id", "=", self.env.ref(f"distribution_visibility.expectation_{name}").id)]
        if document:
            domain += [("res_model", "=", document._name), ("res_id", "in", document.ids)]
        return self.expectations.search(domain, order="id")

    def _get_told(self, category, document):
        return self._filter_told(self._get_exceptions(category, document))

    @staticmethod
    def _filter_told(exceptions):
        """Those that are so: open, or part of the open exception that they follow from."""
        return exceptions.filtered(lambda one: one.is_open or (one._is_told_elsewhere() and not one.cause_ended_at))

    def _get_exceptions(self, category, document):
        return self.env["visibility.exception"].search(
            [
                ("category_id.code", "=", category),
                ("res_model", "=", document._name),
                ("res_id", "in", document.ids),
            ]
        )

    @staticmethod
    def _utc(local, zone="Europe/Berlin"):
        """A local time as Odoo keeps it."""
        moment = pytz.timezone(zone).localize(fields.Datetime.to_datetime(local))
        return moment.astimezone(pytz.utc).replace(tzinfo=None)

    def _buy(self, promise, quantity=10):
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.pump.id,
                            "product_qty": quantity,
                            "price_unit": 40,
                            "date_planned": promise,
                        },
                    )
                ],
            }
        )
        order.button_confirm()
        self._follow()
        return order

    def _receive_goods(self, order, quantity=None):
        receipt = order.picking_ids.filtered(lambda one: one.state not in ("done", "cancel"))
        if quantity is not None:
            receipt.move_ids.quantity = quantity
        receipt.move_ids.picked = True
        result = receipt.with_context(skip_backorder=True).button_validate()
        if result is not True:
            self.env[result["res_model"]].with_context(**result["context"]).create({}).process()
        self._follow()
        return receipt

    def _sell(self, promise, number=None):
        """A confirmed order that is promised by a time; with a number its delivery is tracked."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "carrier_id": self.carrier.id,
                "commitment_date": promise,
                "order_line": [
                    (0, 0, {"product_id": self.pump.id, "product_uom_qty": 2, "price_unit": 100, "tax_ids": False})
                ],
            }
        )
        order.action_confirm()
        if number:
            order.picking_ids.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": number})
        self._follow()
        return order

    def _ship(self, order):
        delivery = order.picking_ids
        delivery.move_ids.picked = True
        delivery.button_validate()
        self._follow()
        return delivery
