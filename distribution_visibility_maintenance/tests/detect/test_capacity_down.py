from datetime import timedelta

from odoo import fields
from odoo.addons.distribution_visibility.tests.common import VisibilityCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestCapacityDown(VisibilityCase):
    """A dock that is down is somebody's, and names what waits for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("distribution_visibility_maintenance.rule_capacity_down")
        cls.rule.active = True
        cls.technician = cls._create_user("visibility-technician")
        cls.delivery = cls._create_delivery("1Z1")
        cls.dock = cls.env["maintenance.equipment"].create(
            {"name": "Dock 3", "visibility_picking_type_ids": [(6, 0, cls.delivery.picking_type_id.ids)]}
        )
        cls.done = cls.env["maintenance.stage"].search([("done", "=", True)], limit=1)

    def _report(self, **values):
        return self.env["maintenance.request"].create(
            {"name": "Gate is stuck", "equipment_id": self.dock.id, "user_id": self.technician.id, **values}
        )

    def _look(self, request):
        self.env.flush_all()
        self.rule._run("by_hand")
        self.assertFalse(self.rule.error)
        return self.env["visibility.exception"].search(
            [("res_model", "=", "maintenance.request"), ("res_id", "=", request.id)]
        )

    def test_a_broken_dock_is_one_exception_with_the_deliveries_that_wait_until_it_works_again(self):
        request = self._report()
        exception = self._look(request)
        self.assertEqual(exception.category_id.code, "capacity_down")
        self.assertIn(self.delivery, exception.picking_ids)
        self.assertIn(self.delivery.sale_id, exception.sale_order_ids)
        self.assertEqual(exception.user_id, self.technician)
        self.assertIn("Dock 3 is down (Gate is stuck)", exception.reason)
        self.assertTrue(self.delivery.visibility_is_at_risk)
        request.stage_id = self.done
        self._look(request)
        self.assertEqual(exception.state, "resolved")
        self.assertFalse(self.delivery.visibility_is_at_risk)

    def test_who_works_on_the_delivery_answers_before_the_technician(self):
        self.delivery.user_id = self.owner
        self.assertEqual(self._look(self._report()).user_id, self.owner)

    def test_planned_maintenance_counts_when_it_begins(self):
        request = self._report(
            maintenance_type="preventive", schedule_date=fields.Datetime.now() + timedelta(hours=2)
        )
        self.assertFalse(self._look(request))
        request.schedule_date = fields.Datetime.now() - timedelta(minutes=1)
        self.assertTrue(self._look(request))

    def test_equipment_that_stops_no_operation_raises_nothing(self):
        self.dock.visibility_picking_type_ids = False
        self.assertFalse(self._look(self._report()))

    def test_deliveries_planned_for_later_do_not_wait_for_it(self):
        self.delivery.scheduled_date = fields.Datetime.now() + timedelta(days=3)
        self.assertNotIn(self.delivery, self._look(self._report()).picking_ids)

    def test_a_request_shows_and_lists_what_waits(self):
        request = self._report()
        self.assertGreaterEqual(request.visibility_waiting_count, 1)
        domain = request.action_open_visibility_waiting()["domain"]
        self.assertIn(self.delivery, self.env["stock.picking"].search(domain))

    def test_a_request_that_is_deleted_takes_its_exception_along(self):
        request = self._report()
        exception = self._look(request)
        request.unlink()
        self.assertEqual(exception.state, "resolved")
