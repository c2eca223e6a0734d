from odoo.tests import tagged

from ...common import VisibilityCase

DELAYED = ("in_transit", "delayed", "2026-03-02T10:00:00Z", "Severe weather")
GROUPS = {
    "employee": (),
    "user": ("distribution_visibility.group_user",),
    "salesperson": ("distribution_visibility.group_user", "sales_team.group_sale_salesman_all_leads"),
    "warehouse": ("distribution_visibility.group_user", "stock.group_stock_user"),
    "buyer": ("distribution_visibility.group_user", "purchase.group_purchase_user"),
    "auditor": ("distribution_visibility.group_auditor",),
}


@tagged("post_install", "-at_install")
class TestExceptionViews(VisibilityCase):
    """Whoever may read an exception can open its screens, whatever else they may read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {name: cls._create_user(f"visibility-{name}", *groups) for name, groups in GROUPS.items()}

    def _read_as(self, user, record):
        """Load each view of the record's model as the client does, and read what stands in it."""
        records = self.env[record._name].with_user(user)
        views = records.get_views([(False, kind) for kind in ("list", "kanban", "form")])
        shown = views["models"][record._name]["fields"]
        for kind in ("list", "kanban", "form"):
            tree = views["views"][kind]["arch"]
            names = [name for name in shown if f'name="{name}"' in tree]
            named = {"fields": {"display_name": {}}}
            specification = {name: named if shown[name].get("relation") else {} for name in names}
            self.assertTrue(records.browse(record.id).web_read(specification))

    def test_each_role_can_open_exception_and_shipment(self):
        delivery = self._create_delivery("1Z1")
        self._tell(self.easypost, self._tracker("1Z1", DELAYED))
        exception = delivery.visibility_exception_ids
        for name, user in self.users.items():
            with self.subTest(role=name):
                self._read_as(user, exception)
                self._read_as(user, exception.shipment_id)
