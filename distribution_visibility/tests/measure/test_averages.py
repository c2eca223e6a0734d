from odoo import fields
from odoo.tests import tagged

from ..common import VisibilityCase


@tagged("post_install", "-at_install")
class TestAverages(VisibilityCase):
    """Averages do not count what is not there, wherever Odoo groups."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.exceptions = cls.env["visibility.exception"]

    def _open(self, count):
        category = self.exceptions._get_category("credit_hold")
        orders = [self._create_delivery(f"AVG{number}").sale_id for number in range(count)]
        return self.exceptions.union(
            *(
                self.exceptions.create(
                    {
                        "category_id": category.id,
                        "company_id": self.company.id,
                        "res_model": "sale.order",
                        "res_id": order.id,
                    }
                )
                for order in orders
            )
        )

    def _average(self, records, name, **settings):
        [[found]] = records._read_group([("id", "in", records.ids)], [], [f"{name}:avg"])
        return found

    def test_hours_to_close_are_those_of_what_is_closed(self):
        found = self._open(3)
        self.assertFalse(self._average(found, "hours_to_close"))
        closed = found[0]
        closed.write({"state": "resolved", "resolution": "Paid"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE visibility_exception SET create_date = closed_at - interval '6 hours' WHERE id = %s", [closed.id]
        )
        self.env.invalidate_all()
        self.env.add_to_compute(closed._fields["hours_to_close"], closed)
        self.env.flush_all()
        self.assertAlmostEqual(self._average(found, "hours_to_close"), 6, 2)
        groups = found.formatted_read_group([("id", "in", found.ids)], ["state"], ["hours_to_close:avg"])
        shown = {group["state"]: group["hours_to_close:avg"] for group in groups}
        self.assertAlmostEqual(shown["resolved"], 6, 2)
        self.assertFalse(shown["new"], "open ones took no hours yet")

    def test_every_average_says_what_it_is_worked_out_of_or_is_always_there(self):
        """Fields that may be empty are averaged over the records that have them."""
        always = {
            *("priority_score", "level", "median_hours", "p90_hours", "duration_ms", "hours_to_level"),
        }
        for model in self.env.values():
            if not model._auto or model._transient:
                continue
            for name, field in model._fields.items():
                is_ours = str(getattr(field, "_module", "")).startswith("distribution_visibility")
                if is_ours and field.store and field.aggregator == "avg" and name not in always:
                    over = getattr(field, "averaged_over", None)
                    self.assertIn(over, model._fields, f"{model._name}.{name}")
                    model._read_group([], [], [f"{name}:avg", f"{name}:min", f"{name}:max"])

    def test_a_promise_that_did_not_move_is_no_move_of_zero_days(self):
        delivery = self._create_delivery("AVG")
        order = delivery.sale_id
        order.commitment_date = fields.Datetime.add(order.visibility_promise_at, days=4)
        self.env.flush_all()
        self.assertEqual(self._average(order.visibility_promise_ids, "days_moved"), 4)
