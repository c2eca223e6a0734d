import json

from odoo.tests import tagged

from .test_action_run import RunCase


@tagged("post_install", "-at_install")
class TestRunRights(RunCase):
    """Who may not read an order reads nothing of it in the log of what was done to an exception."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_delivery("1Z1").sale_id
        cls.reader = cls._create_user("visibility-reader", "distribution_visibility.group_user")

    def _change(self, record, name, before, after):
        row = {
            "kind": "changed",
            "res_model": record._name,
            "res_id": record.id,
            "field_name": name,
            "before": json.dumps(before),
            "after": json.dumps(after),
        }
        values = self.runs._prepare_run(
            self.exception, name="Test", origin="server_action", result="done", change_ids=[(0, 0, row)]
        )
        return self.runs._record([values])

    def test_changes_of_orders_in_the_run_of_an_exception_are_not_shown(self):
        run = self._change(self.order, "client_order_ref", "Secret A", "Secret B")
        own = self._change(self.exception, "reason", "Late", "Later")
        self.env.flush_all()
        self.env.invalidate_all()
        seen = (run | own).with_user(self.reader).sudo(False)
        self.assertEqual(seen.mapped("name"), ["Test", "Test"])
        self.assertEqual(seen.change_ids.mapped("after_label"), ["Later"])
        self.env.invalidate_all()
        self.assertIn("Secret B", run.with_user(self.owner).sudo(False).change_ids.mapped("after_label"))

    def test_names_of_records_that_one_may_not_read_are_not_in_the_values(self):
        order, exception = self.order, self.exception
        exception.sale_order_ids = order
        run = self._change(exception, "sale_order_ids", [], order.ids)
        change = run.change_ids.with_user(self.reader).sudo(False)
        self.assertNotIn(order.name, change.after_label)
        self.assertTrue(change.after_label)
        seller = self._create_user(
            "visibility-seller", "distribution_visibility.group_user", "sales_team.group_sale_salesman_all_leads"
        )
        self.assertIn(order.name, run.change_ids.with_user(seller).sudo(False).after_label)
